#include <curand.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/philox.hpp"

namespace npo {
namespace {

/// cuRAND's host generator deals its words over 65536 subsequences: block i is (subsequence i % 65536, block
/// i / 65536), with the counter (block low, block high, subsequence low, subsequence high).
TEST(Philox, AgreesWithTheHostGeneratorOfCurand) {
  const std::uint64_t seed = 0x0123456789abcdefu;
  std::vector<unsigned> words(4 * 200000);
  curandGenerator_t generator;
  ASSERT_EQ(curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10), CURAND_STATUS_SUCCESS);
  ASSERT_EQ(curandSetPseudoRandomGeneratorSeed(generator, seed), CURAND_STATUS_SUCCESS);
  ASSERT_EQ(curandGenerate(generator, words.data(), words.size()), CURAND_STATUS_SUCCESS);
  curandDestroyGenerator(generator);
  const PhiloxKey key(seed);
  for (std::uint32_t i = 0; i < words.size() / 4; ++i) {
    const PhiloxWords got = philox({{i / 65536, 0, i % 65536, 0}}, key);
    for (unsigned w = 0; w < 4; ++w) ASSERT_EQ(got.word[w], words[4 * i + w]) << "block " << i;
  }
}

}  // namespace
}  // namespace npo
