#include "kernels/philox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <vector>

#include "kernels/uniform.hpp"
#include "tests/kernels/lane_probe.hpp"

namespace npo {
namespace {

using testing::ElementsAreArray;

struct KnownAnswer {
  PhiloxWords counter, result;
  std::uint64_t seed;
};

std::vector<KnownAnswer> known_answers() {
  std::ifstream file(NPO_SOURCE_DIR "/tests/kernels/philox_known_answers.txt");
  std::vector<KnownAnswer> answers;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::uint32_t w[10] = {};
    for (std::uint32_t& word : w) words >> std::hex >> word;
    EXPECT_TRUE(words) << line;
    answers.push_back(
        {{{w[0], w[1], w[2], w[3]}}, {{w[6], w[7], w[8], w[9]}}, std::uint64_t{w[5]} << 32 | w[4]});
  }
  return answers;
}

TEST(Philox, GivesTheKnownAnswers) {
  const auto answers = known_answers();
  ASSERT_GE(answers.size(), 20u);
  for (const KnownAnswer& known : answers)
    EXPECT_THAT(philox(known.counter, known.seed).word, ElementsAreArray(known.result.word));
}

TEST(Philox, EveryLaneTypeGivesTheKnownAnswers) {
  for (const SimdLevel level : {SimdLevel::scalar, SimdLevel::avx2, SimdLevel::avx512}) {
    if (!supports(level)) continue;
    for (const KnownAnswer& known : known_answers()) {
      std::vector<std::uint32_t> words[4];
      const std::uint32_t* counter[4];
      for (int w = 0; w < 4; ++w) {
        words[w].assign(16, known.counter.word[w]);
        counter[w] = words[w].data();
      }
      const test::LaneProbe& probe = test::probe_of(level);
      for (const auto path : {probe.philox, probe.philox_shared, probe.philox_shared_step}) {
        std::vector<std::uint32_t> out(64);
        path(known.seed, counter, out.data(), 16);
        for (std::size_t lane = 0; lane < 16; ++lane)
          EXPECT_THAT(std::span(out).subspan(4 * lane, 4), ElementsAreArray(known.result.word))
              << name_of(level);
      }
    }
  }
}

TEST(Philox, CounterKeepsEveryBitOfWhatItIsMadeFrom) {
  const PhiloxWords counter =
      philox_counter(RandomPurpose::generate_label, 0x0123456789abcdefu, 0xdeadbeefu, 0x321, 0x654);
  EXPECT_THAT(counter.word, testing::ElementsAre(0x0b654321u, 0x89abcdefu, 0xdeadbeefu, 0x01234567u));
}

TEST(RandomPurpose, TableNamesEachPurposeOnce) {
  std::set<std::string_view> names;
  std::set<RandomPurpose> purposes;
  for (const RandomPurposeRow& row : random_purposes) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(purposes.insert(row.purpose).second) << row.name;
    EXPECT_FALSE(row.entity.empty() || row.step.empty()) << row.name;
  }
}

TEST(Uniform, StaysInsideItsInterval) {
  using L = lane::Scalar;
  EXPECT_EQ(uniform_open<L>(0u), 0x1p-24f);
  EXPECT_EQ(uniform_open<L>(0xffffffffu), 1.0f - 0x1p-24f);
  EXPECT_EQ(uniform_dense<L>(0u), 0x1p-32f);
  EXPECT_EQ(uniform_dense<L>(0xffffffffu), 1.0f);
  EXPECT_EQ(uniform_open64(0u, 0u), 0x1p-53);
  EXPECT_EQ(uniform_open64(0xffffffffu, 0xffffffffu), 1.0 - 0x1p-53);
  EXPECT_EQ(uniform_below(0xffffffffu, 7u), 6u);
  EXPECT_EQ(uniform_below(0u, 7u), 0u);
}

TEST(Uniform, OpenIntervalHasMeanOneHalfExactly) {
  using L = lane::Scalar;
  double sum = 0.0;
  for (std::uint32_t top = 0; top < 1u << 24; ++top) sum += static_cast<double>(uniform_open<L>(top << 8));
  EXPECT_EQ(sum, 0x1p23);  // exact: multiples of 2^-24 below 2^24
}

}  // namespace
}  // namespace npo
