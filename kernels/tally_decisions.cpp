#include "kernels/tally_decisions.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "kernels/error.hpp"

namespace npo {
namespace {

/// Four copies of the histogram, because rows in sequence often fall into one bin and a counter that was just
/// written is slow to read back.
constexpr std::size_t copies = 4;

void tally_scores(std::span<const float> scores, std::array<std::uint64_t, score_bins>& histogram) {
  std::array<std::array<std::uint64_t, score_bins>, copies> bins{};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const float score = scores[i];
    if (!(score >= 0.0f)) continue;
    const auto bin = static_cast<std::size_t>(score * static_cast<float>(score_bins));
    ++bins[i % copies][std::min<std::size_t>(bin, score_bins - 1)];
  }
  for (const auto& copy : bins) {
    for (std::size_t bin = 0; bin < copy.size(); ++bin) histogram[bin] += copy[bin];
  }
}

void tally_rules(std::span<const std::uint64_t> masks, std::array<std::uint64_t, 64>& hits) {
  for (std::uint64_t mask : masks) {
    for (; mask != 0; mask &= mask - 1) ++hits[static_cast<std::size_t>(std::countr_zero(mask))];
  }
}

}  // namespace

DecisionTally::DecisionTally(std::size_t fleets, int arm_count)
    : arms(arm_count), decisions(fleets * static_cast<std::size_t>(arm_count) * decision_count) {}

void DecisionTally::merge(const DecisionTally& other) {
  if (other.arms != arms || other.decisions.size() != decisions.size()) {
    throw Error(ErrorKind::internal, "two tallies of decisions differ in fleets or arms");
  }
  const auto add = [](std::uint64_t a, std::uint64_t b) { return a + b; };
  std::ranges::transform(decisions, other.decisions, decisions.begin(), add);
  std::ranges::transform(histogram, other.histogram, histogram.begin(), add);
  std::ranges::transform(rule_hits, other.rule_hits, rule_hits.begin(), add);
}

void tally_decisions(const DecisionColumns& columns, DecisionTally& tally) {
  const std::size_t rows = columns.fleet.size();
  if (columns.arm.size() != rows || columns.decision.size() != rows || columns.score.size() != rows ||
      columns.mask.size() != rows) {
    throw Error(ErrorKind::internal, "the columns of decisions differ in length");
  }
  const auto arms = static_cast<std::size_t>(tally.arms);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t arm = columns.arm[i], decision = columns.decision[i];
    const std::size_t cell = (columns.fleet[i] * arms + arm) * decision_count + decision;
    if (arm >= arms || decision >= decision_count || cell >= tally.decisions.size()) {
      throw Error(ErrorKind::bad_data, "row " + std::to_string(i) + " of the batch holds fleet " +
                                           std::to_string(columns.fleet[i]) + ", arm " + std::to_string(arm) +
                                           ", decision " + std::to_string(decision) + ", which cannot be");
    }
    ++tally.decisions[cell];
  }
  tally_scores(columns.score, tally.histogram);
  tally_rules(columns.mask, tally.rule_hits);
}

}  // namespace npo
