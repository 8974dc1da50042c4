#pragma once
#include <cstdint>
#include <vector>

#include "host/ope_rows.hpp"
#include "host/reward_features.hpp"
#include "kernels/irls_rows.hpp"

/// Private to the reward model: the rows it learns from.
namespace npo {

/// The whole log as features; 4 bytes a row and feature.
struct RewardTable {
  RewardTable(const OpeLog& log, const OpeRows& rows, std::uint64_t folds, const RunContext& context);

  const OpeRows& rows;
  RewardFeatures encoder;
  std::size_t features, actions;
  std::uint64_t folds;
  std::vector<float> feature;         ///< [rows][features]
  std::vector<std::uint32_t> action;  ///< [rows]
  std::vector<std::uint8_t> fold;     ///< [rows]
  /// Rewards of 1 and 0 by action, and rows by action.
  std::vector<std::uint64_t> ones, count;

  std::span<const float> features_of(std::size_t row) const {
    return std::span(feature).subspan(row * features, features);
  }
};

inline constexpr std::uint32_t most_positions = 32;  ///< told apart by a reward model
inline constexpr std::uint32_t every_action = 0xffffffffu;

/// Which rows a model is fitted to: all but one fold, of one action or of every action (then with indicators
/// of the action behind the features).
struct RewardPart {
  std::uint8_t held_out;
  std::uint32_t action = every_action;
  bool holds(const RewardTable& table, std::size_t row) const {
    return table.fold[row] != held_out && (action == every_action || table.action[row] == action);
  }
};

/// A part of the table for a fit: its rows alone, in their order.
class RewardSource final : public irls::RowSource {
 public:
  RewardSource(const RewardTable& table, RewardPart part);
  std::size_t columns() const override {
    return table_.features + (part_.action == every_action ? table_.actions : 0);
  }
  std::size_t tiles() const override { return (rows_.size() + tile_rows - 1) / tile_rows; }
  irls::TileRows tile(std::size_t index) const override;
  double reward(std::size_t row) const { return table_.rows.reward[rows_[row]]; }

 private:
  const RewardTable& table_;
  RewardPart part_;
  std::vector<std::uint64_t> rows_;
};

/// eta = bias + weight . x + by_action[a]; the reward is sigmoid(eta) or eta.
struct RewardFit {
  bool logistic = true;
  double bias = 0.0;
  std::vector<double> weight;     ///< [features]
  std::vector<double> by_action;  ///< [actions], or empty
  double base(std::span<const float> x) const;
  double reward(double base, std::uint32_t action) const;
};

RewardFit fit_logistic_part(const RewardTable& table, RewardPart part, double ridge,
                            const RunContext& context);
RewardFit fit_linear_part(const RewardTable& table, RewardPart part, double ridge, const RunContext& context);

}  // namespace npo
