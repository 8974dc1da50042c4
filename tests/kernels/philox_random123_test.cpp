#include <gtest/gtest.h>

#include <Random123/philox.h>

#include <random>

#include "kernels/philox.hpp"

namespace npo {
namespace {

TEST(Philox, AgreesWithRandom123) {
  std::mt19937 engine(7);
  const auto word = [&] { return static_cast<std::uint32_t>(engine()); };
  for (int i = 0; i < 200000; ++i) {
    const r123::Philox4x32::ctr_type counter = {{word(), word(), word(), word()}};
    const r123::Philox4x32::key_type key = {{word(), word()}};
    const auto expected = r123::Philox4x32()(counter, key);
    const PhiloxWords got =
        philox({{counter[0], counter[1], counter[2], counter[3]}}, std::uint64_t{key[1]} << 32 | key[0]);
    for (unsigned w = 0; w < 4; ++w) ASSERT_EQ(got.word[w], expected[w]) << "counter " << i;
  }
}

}  // namespace
}  // namespace npo
