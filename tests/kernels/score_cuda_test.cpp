#include <gtest/gtest.h>

#include "kernels/device.hpp"
#include "kernels/error.hpp"
#include "tests/kernels/score_fixture.hpp"

namespace npo {
namespace {

using score_test::bytes_of;
using score_test::Case;
using score_test::Outputs;

TEST(ScoreCuda, SaysWhyADeviceCannotBeUsed) {
  Case c(4, 4);
  Outputs out(4);
  const int missing = device_count();
  try {
    score_batch_cuda(PreparedScore(c.plan()), c.part(0, 4), out.part(0, 4), missing);
    FAIL() << "device " << missing << " does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::device);
    EXPECT_NE(std::string(error.what()).find("--device cpu"), std::string::npos);
  }
}

TEST(ScoreCuda, SameBitsAsTheCpu) {
  if (device_count() == 0) GTEST_SKIP() << "no CUDA device";
  for (std::size_t dim : {1u, 3u, 15u, 16u, 17u, 32u, 100u, 4096u}) {
    for (std::size_t rows : {0u, 1u, 67u, 1000u}) {
      for (Carry carry : {Carry::offset, Carry::keep, Carry::reset}) {
        Case c = score_test::rich_case(rows, dim);
        c.carry = carry;
        for (bool block : {true, false}) {
          c.block = block;
          Outputs out(rows);
          const ScoreResult result =
              score_batch_cuda(PreparedScore(c.plan()), c.part(0, rows), out.part(0, rows), 0);
          EXPECT_EQ(bytes_of(out), bytes_of(c.score(SimdLevel::scalar)))
              << dim << " features, " << rows << " rows";
          EXPECT_EQ(result.first_bad_row, c.first_bad);
        }
      }
    }
  }
}

}  // namespace
}  // namespace npo
