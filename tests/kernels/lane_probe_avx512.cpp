#include "kernels/lane/avx512.hpp"
#include "tests/kernels/lane_probe_with.hpp"

namespace npo::test {

const LaneProbe avx512_probe = ProbeWith<lane::Avx512>::probe;

}  // namespace npo::test
