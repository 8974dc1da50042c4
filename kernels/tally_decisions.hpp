#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/vocabulary.hpp"

/// Integer counts of what a night decided (spec sections 1, 2 and 5).
namespace npo {

inline constexpr int score_bins = 256;

/// Output columns of one batch, of equal length; the score is in [0,1] or the one NaN.
struct DecisionColumns {
  std::span<const std::uint32_t> fleet;
  std::span<const std::uint8_t> arm;
  std::span<const std::uint8_t> decision;  ///< Decision
  std::span<const float> score;
  std::span<const std::uint64_t> mask;
};

/// Counts over any rows in any order: two tallies of the same rows are equal however the rows were cut and
/// merged.
struct DecisionTally {
  DecisionTally(std::size_t fleets, int arms);

  int arms;
  std::vector<std::uint64_t> decisions;  ///< [fleets][arms][decision_count]
  std::array<std::uint64_t, score_bins>
      histogram{};  ///< of floor(256 R), 255 for R = 1; rows without a score left out
  std::array<std::uint64_t, 64> rule_hits{};  ///< rows that hit each bit of the mask

  std::uint64_t count(std::size_t fleet, int arm, Decision decision) const {
    const std::size_t cell =
        (fleet * static_cast<std::size_t>(arms) + static_cast<std::size_t>(arm)) * decision_count;
    return decisions[cell + static_cast<std::size_t>(decision)];
  }
  /// Adds another tally of the same shape.
  void merge(const DecisionTally& other);

  friend bool operator==(const DecisionTally&, const DecisionTally&) = default;
};

/// Adds the rows of `columns` to `tally`. Throws Error(bad_data) with the row's index within the batch when a
/// fleet, arm or decision lies outside the tally.
void tally_decisions(const DecisionColumns& columns, DecisionTally& tally);

}  // namespace npo
