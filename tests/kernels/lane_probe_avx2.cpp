#include "kernels/lane/avx2.hpp"
#include "tests/kernels/lane_probe_with.hpp"

namespace npo::test {

const LaneProbe avx2_probe = ProbeWith<lane::Avx2>::probe;

}  // namespace npo::test
