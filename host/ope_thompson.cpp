#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/beta_table.hpp"
#include "host/choose_arms.hpp"
#include "host/file_kind.hpp"
#include "host/ope_policy_parts.hpp"
#include "host/shortest_number.hpp"
#include "kernels/error.hpp"
#include "kernels/rank_probability.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_rows = 4 * tile_rows;

/// Calls visit(row) for every row of a log.
template <class Visit>
void for_each_row(const OpeLog& log, const Visit& visit) {
  for (std::uint64_t first = 0; first < log.rows(); first += piece_rows) {
    const LogRows rows = log.read(first, std::min(piece_rows, log.rows() - first));
    for (std::size_t i = 0; i < rows.rows(); ++i) visit(LogRow{rows, i, first + i});
  }
}

/// Ranks drawn from Beta posteriors that are the same in every row.
class RankedTarget final : public TargetPolicy {
 public:
  /// `probability` is [actions][positions].
  RankedTarget(std::vector<double> probability, std::size_t positions)
      : probability_(std::move(probability)), positions_(positions) {}
  void probabilities(const LogRow& row, std::span<double> out) const override {
    for (std::size_t a = 0; a < out.size(); ++a) out[a] = probability_[a * positions_ + position(row)];
  }
  double of_taken(const LogRow& row, std::span<double>) const override {
    return probability_[row.action() * positions_ + position(row)];
  }

 private:
  std::size_t position(const LogRow& row) const {
    return row.rows.position.empty() ? 0 : row.rows.position[row.i] - 1;
  }
  std::vector<double> probability_;
  std::size_t positions_;
};

int most_positions(const OpeLog& log, std::size_t arms) {
  if (!log.header().has_position) return 1;
  const std::uint32_t limit = static_cast<std::uint32_t>(std::min<std::size_t>(arms, max_positions));
  std::uint32_t most = 1;
  for_each_row(log, [&](const LogRow& row) {
    const std::uint32_t position = row.rows.position[row.i];
    if (position > limit)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: log/position of row {} is {}", log.name(), row.number, position),
                  fmt::format("a ranking of {} arms can be followed to position {}", arms, limit));
    most = std::max(most, position);
  });
  return static_cast<int>(most);
}

[[noreturn]] void refuse_action(const OpeLog& log, std::uint32_t action, const std::filesystem::path& file) {
  const std::string& name = log.header().actions[action];
  for_each_row(log, [&](const LogRow& row) {
    if (row.action() == action)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: row {}: action {} is outside the policy of {}", log.name(), row.number,
                              name, file.string()),
                  "add its Beta parameters, or take another --table");
  });
  throw Error(ErrorKind::bad_data, fmt::format("action {} is outside the policy of {}", name, file.string()),
              "add its Beta parameters, or take another --table");
}

std::unique_ptr<TargetPolicy> from_table(const std::filesystem::path& file, const BetaTable& table,
                                         const OpeLog& log) {
  const auto positions = static_cast<std::size_t>(most_positions(log, table.arms.size()));
  std::vector<double> ranks(table.arms.size() * positions);
  rank_probabilities(table.a, table.b, static_cast<int>(positions), ranks);
  std::vector<double> probability;
  for (std::uint32_t a = 0; a < log.header().actions.size(); ++a) {
    const auto arm = std::find(table.arms.begin(), table.arms.end(), log.header().actions[a]);
    if (arm == table.arms.end()) refuse_action(log, a, file);
    const auto first = ranks.begin() + (arm - table.arms.begin()) * static_cast<std::ptrdiff_t>(positions);
    probability.insert(probability.end(), first, first + static_cast<std::ptrdiff_t>(positions));
  }
  return std::make_unique<RankedTarget>(std::move(probability), positions);
}

/// Thresholds drawn for each fleet from the posteriors of a state.
class StateTarget final : public TargetPolicy {
 public:
  StateTarget(const OpeLog& log, const StateManifest& state)
      : arms_are_actions_(log.decisions()->actions_are_arms),
        thresholds_(log.decisions()->policy.threshold.arms),
        score_(value_column(log, score_value)),
        width_(log.header().values.size()),
        fleets_(choose_arms(log.decisions()->policy, state, log.decisions()->fleets, 0, SimdLevel::scalar)) {}

  void probabilities(const LogRow& row, std::span<double> out) const override {
    const std::size_t arms = thresholds_.size();
    const double* probability = fleets_.probability.data() + row.rows.category[row.i] * arms;
    if (arms_are_actions_) {
      std::copy(probability, probability + arms, out.begin());
      return;
    }
    const auto score = static_cast<float>(row.value(score_, width_));
    double surfaced = 0.0, withheld = 0.0;
    for (std::size_t k = 0; k < arms; ++k) (thresholds_[k] <= score ? surfaced : withheld) += probability[k];
    out[surfaced_action] = surfaced;
    out[withheld_action] = withheld;
  }

 private:
  bool arms_are_actions_;
  std::vector<float> thresholds_;
  std::size_t score_, width_;
  FleetArms fleets_;
};

std::unique_ptr<TargetPolicy> from_state(const std::filesystem::path& file, const OpeLog& log) {
  if (!log.decisions())
    throw Error(ErrorKind::usage,
                fmt::format("{} is a state, {} no log of our decisions", file.string(), log.name()),
                "give Beta parameters as YAML, JSON or CSV");
  const StateSnapshot state(file);
  const auto& thresholds = log.decisions()->policy.threshold.arms;
  if (state.manifest().thresholds != thresholds)
    throw Error(ErrorKind::usage, fmt::format("{} has other thresholds than the decisions", file.string()),
                "give the state that the decisions belong to");
  return std::make_unique<StateTarget>(log, state.manifest());
}

}  // namespace

std::unique_ptr<TargetPolicy> make_thompson(const std::filesystem::path& file, const std::string& table,
                                            const OpeLog& log) {
  if (file.extension() == ".h5") return from_state(file, log);
  return from_table(file, read_beta_table(file, table), log);
}

}  // namespace npo
