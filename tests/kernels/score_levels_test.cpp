#include <gtest/gtest.h>
#include <xxhash.h>

#include "kernels/error.hpp"
#include "tests/kernels/score_fixture.hpp"

namespace npo {
namespace {

using score_test::bytes_of;
using score_test::Case;
using score_test::levels;

/// Every lane type and every cut must give the bits of scalar lanes over the whole batch.
void expect_same_bits(Case& c, const std::string& what) {
  const auto expected = bytes_of(c.score(SimdLevel::scalar));
  const std::size_t expected_bad = c.first_bad;
  for (SimdLevel level : levels()) {
    for (std::size_t batch : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
      EXPECT_EQ(bytes_of(c.score(level, batch)), expected)
          << what << ", " << name_of(level) << ", batches of " << batch;
      EXPECT_EQ(c.first_bad, expected_bad) << what;
    }
  }
}

TEST(ScoreLevels, SameBitsForEveryWidthRowCountAndCut) {
  for (std::size_t dim : {1u, 3u, 15u, 16u, 17u, 31u, 32u, 33u, 100u}) {
    for (std::size_t rows : {0u, 1u, 2u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 63u, 64u, 65u, 67u, 130u}) {
      Case c = score_test::rich_case(rows, dim);
      expect_same_bits(c, std::to_string(dim) + " features, " + std::to_string(rows) + " rows");
    }
  }
}

TEST(ScoreLevels, SameBitsForEveryRowCountOfTheUsualWidth) {
  for (std::size_t rows = 0; rows <= 67; ++rows) {
    Case c(rows, 32);
    for (int bit = 0; bit < 8; ++bit) c.add_rule(static_cast<std::uint32_t>(4 * bit + 1), 0.8f, 1.0f, bit);
    expect_same_bits(c, std::to_string(rows) + " rows");
  }
}

TEST(ScoreLevels, SameBitsForTheWidestRows) {
  Case c = score_test::rich_case(67, 4096);
  expect_same_bits(c, "4096 features");
}

TEST(ScoreLevels, SameBitsForEveryCarryAndWithoutOptionalColumns) {
  for (Carry carry : {Carry::offset, Carry::keep, Carry::reset}) {
    Case c = score_test::rich_case(100, 20);
    c.carry = carry;
    for (float& value : c.carried) value = value == no_correction ? value : std::abs(value) / 2;
    for (std::size_t i = 0; i < c.rows; ++i) c.row_arm.push_back(static_cast<std::uint8_t>(i % 5));
    expect_same_bits(c, "row arms");
    c.carried.clear();
    c.preset_mask.clear();
    c.row_arm.clear();
    expect_same_bits(c, "no optional columns");
  }
}

TEST(ScoreLevels, SameBitsForSixtyThreeRules) {
  for (std::size_t dim : {12u, 32u, 40u}) {
    Case c(80, dim);
    for (int bit = 0; bit < 63; ++bit) {
      c.add_rule(static_cast<std::uint32_t>(bit) % static_cast<std::uint32_t>(dim),
                 score_test::uniform(static_cast<std::uint64_t>(bit), 40), 2.0f, bit, bit % 2 == 0);
    }
    expect_same_bits(c, "63 rules");
  }
}

TEST(ScoreLevels, AFleetOfManyArms) {
  Case c(100, 8);
  c.thresholds.clear();
  for (int k = 0; k < 32; ++k) c.thresholds.push_back(0.02f + 0.03f * static_cast<float>(k));
  for (auto& probabilities : c.arm_probability) probabilities.assign(32, 1.0f / 32);
  for (std::size_t f = 0; f < score_test::fleets; ++f) c.fleet_arm[f] = static_cast<std::uint8_t>(3 * f);
  c.tabulate();
  expect_same_bits(c, "32 arms");
}

/// The digest of a fixed input under the present numeric contract. It changes only together with
/// `numeric_contract_version`.
TEST(ScoreLevels, GoldenDigest) {
  for (SimdLevel level : levels()) {
    std::uint64_t digest = 0;
    for (std::size_t dim : {5u, 32u, 100u}) {
      const auto bytes = bytes_of(score_test::rich_case(500, dim).score(level));
      digest = XXH3_64bits_withSeed(bytes.data(), bytes.size(), digest);
    }
    EXPECT_EQ(digest, 0x8bfab63c74f67cc4u) << name_of(level) << std::hex << " " << digest;
  }
}

TEST(ScoreLevels, RefusesAPlanThatDoesNotFit) {
  const auto refused = [](auto change) {
    Case c(10, 4);
    change(c);
    EXPECT_THROW(c.score(SimdLevel::scalar), Error);
  };
  refused([](Case& c) { c.fleet.pop_back(); });
  refused([](Case& c) { c.carried.pop_back(); });
  refused([](Case& c) { c.surface.pop_back(); });
  refused([](Case& c) { c.transforms.assign(3, Transform::none); });
  refused([](Case& c) { c.add_rule(4, 0.0f, 1.0f, 0); });
  refused([](Case& c) { c.add_rule(0, 0.0f, 1.0f, 63); });
}

}  // namespace
}  // namespace npo
