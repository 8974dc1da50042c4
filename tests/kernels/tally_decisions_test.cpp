#include "kernels/tally_decisions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/error.hpp"

namespace npo {
namespace {

struct Rows {
  std::vector<std::uint32_t> fleet;
  std::vector<std::uint8_t> arm, decision;
  std::vector<float> score;
  std::vector<std::uint64_t> mask;
  void add(std::uint32_t f, int a, Decision d, float s, std::uint64_t m = 0) {
    fleet.push_back(f);
    arm.push_back(static_cast<std::uint8_t>(a));
    decision.push_back(static_cast<std::uint8_t>(d));
    score.push_back(s);
    mask.push_back(m);
  }
  DecisionColumns part(std::size_t first, std::size_t count) const {
    return {std::span(fleet).subspan(first, count), std::span(arm).subspan(first, count),
            std::span(decision).subspan(first, count), std::span(score).subspan(first, count),
            std::span(mask).subspan(first, count)};
  }
  DecisionColumns all() const { return part(0, fleet.size()); }
};

Rows random_rows(std::size_t count, std::mt19937& random) {
  Rows rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.add(static_cast<std::uint32_t>(random() % 7), static_cast<int>(random() % 5),
             static_cast<Decision>(random() % 3), static_cast<float>(random() % 1001) * 1e-3f,
             std::uint64_t{random()} << 32 & random());
  }
  return rows;
}

TEST(TallyDecisions, CountsByFleetArmAndDecision) {
  Rows rows;
  rows.add(1, 2, Decision::surfaced, 0.9f);
  rows.add(1, 2, Decision::surfaced, 0.8f);
  rows.add(1, 2, Decision::withheld, 0.1f);
  rows.add(0, 4, Decision::blocked, 0.1f, 5);
  DecisionTally tally(2, 5);
  tally_decisions(rows.all(), tally);
  EXPECT_EQ(tally.count(1, 2, Decision::surfaced), 2u);
  EXPECT_EQ(tally.count(1, 2, Decision::withheld), 1u);
  EXPECT_EQ(tally.count(0, 4, Decision::blocked), 1u);
  EXPECT_EQ(std::accumulate(tally.decisions.begin(), tally.decisions.end(), std::uint64_t{0}), 4u);
  EXPECT_EQ(tally.rule_hits[0], 1u);
  EXPECT_EQ(tally.rule_hits[1], 0u);
  EXPECT_EQ(tally.rule_hits[2], 1u);
}

TEST(TallyDecisions, BinsAreHalfOpenAndTheLastHoldsOne) {
  Rows rows;
  const float below_half = std::bit_cast<float>(std::bit_cast<std::uint32_t>(0.5f) - 1);
  for (float score : {0.0f, 1.0f / 512, 1.0f / 256, below_half, 0.5f, 1.0f}) {
    rows.add(0, 0, Decision::withheld, score);
  }
  rows.add(0, 0, Decision::blocked, std::bit_cast<float>(nan_score_bits), std::uint64_t{1} << nan_bit);
  DecisionTally tally(1, 1);
  tally_decisions(rows.all(), tally);
  EXPECT_EQ(tally.histogram[0], 2u);
  EXPECT_EQ(tally.histogram[1], 1u);
  EXPECT_EQ(tally.histogram[127], 1u);
  EXPECT_EQ(tally.histogram[128], 1u);
  EXPECT_EQ(tally.histogram[255], 1u);
  EXPECT_EQ(std::accumulate(tally.histogram.begin(), tally.histogram.end(), std::uint64_t{0}), 6u);
  EXPECT_EQ(tally.rule_hits[nan_bit], 1u);
}

TEST(TallyDecisions, AnyCutAndAnyOrderGiveTheSameTally) {
  std::mt19937 random(5);
  const Rows rows = random_rows(1000, random);
  DecisionTally whole(7, 5);
  tally_decisions(rows.all(), whole);
  for (std::size_t batch : {1u, 7u, 64u, 333u}) {
    std::vector<DecisionTally> parts;
    for (std::size_t first = 0; first < 1000; first += batch) {
      tally_decisions(rows.part(first, std::min<std::size_t>(batch, 1000 - first)), parts.emplace_back(7, 5));
    }
    std::ranges::shuffle(parts, random);
    DecisionTally merged(7, 5);
    for (const DecisionTally& part : parts) merged.merge(part);
    EXPECT_EQ(merged, whole) << "batches of " << batch;
  }
}

TEST(TallyDecisions, RefusesCodesOutsideTheTally) {
  const auto tally_one = [](std::uint32_t fleet, int arm, int decision) {
    Rows rows;
    rows.add(fleet, arm, static_cast<Decision>(decision), 0.5f);
    DecisionTally tally(2, 5);
    tally_decisions(rows.all(), tally);
  };
  EXPECT_NO_THROW(tally_one(1, 4, 2));
  EXPECT_THROW(tally_one(2, 0, 0), Error);
  EXPECT_THROW(tally_one(0, 5, 0), Error);
  EXPECT_THROW(tally_one(0, 0, 3), Error);
  DecisionTally two(2, 5);
  EXPECT_THROW(two.merge(DecisionTally(3, 5)), Error);
}

}  // namespace
}  // namespace npo
