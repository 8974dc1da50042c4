#include "tests/kernels/lane_probe_with.hpp"

namespace npo::test {

const LaneProbe scalar_probe = ProbeWith<lane::Scalar>::probe;

}  // namespace npo::test
