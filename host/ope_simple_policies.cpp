#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "host/name_pattern.hpp"
#include "host/ope_policy_parts.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// Probabilities of a policy that names its own add up to 1 within this.
constexpr double sum_tolerance = 1e-6;

/// The same probabilities in every row.
class ConstantTarget final : public TargetPolicy {
 public:
  explicit ConstantTarget(std::vector<double> probability) : probability_(std::move(probability)) {}
  void probabilities(const LogRow&, std::span<double> out) const override {
    std::copy(probability_.begin(), probability_.end(), out.begin());
  }
  double of_taken(const LogRow& row, std::span<double>) const override { return probability_[row.action()]; }

 private:
  std::vector<double> probability_;
};

/// Surfaces where the score reaches the threshold; compared as float32, as scores are.
class ThresholdTarget final : public TargetPolicy {
 public:
  ThresholdTarget(float threshold, std::size_t column, const OpeLog& log)
      : threshold_(threshold),
        column_(column),
        width_(log.header().values.size()),
        surfaced_(action_code(log, "surfaced")),
        withheld_(action_code(log, "withheld")) {}
  void probabilities(const LogRow& row, std::span<double> out) const override {
    std::fill(out.begin(), out.end(), 0.0);
    out[static_cast<float>(row.value(column_, width_)) >= threshold_ ? surfaced_ : withheld_] = 1.0;
  }

 private:
  float threshold_;
  std::size_t column_, width_;
  std::uint32_t surfaced_, withheld_;
};

/// The action of the largest score, ties to the lowest code, but for a share of uniform draws.
class GreedyTarget final : public TargetPolicy {
 public:
  GreedyTarget(std::vector<std::size_t> columns, double epsilon, std::size_t width)
      : columns_(std::move(columns)), epsilon_(epsilon), width_(width) {}
  void probabilities(const LogRow& row, std::span<double> out) const override {
    std::fill(out.begin(), out.end(), epsilon_ / static_cast<double>(out.size()));
    std::size_t best = 0;
    for (std::size_t a = 1; a < columns_.size(); ++a)
      if (row.value(columns_[a], width_) > row.value(columns_[best], width_)) best = a;
    out[best] += 1.0 - epsilon_;
  }

 private:
  std::vector<std::size_t> columns_;
  double epsilon_;
  std::size_t width_;
};

[[noreturn]] void refuse_row(const std::string& log, std::uint64_t row, const std::string& problem) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: row {}: {}", log, row, problem),
              "write probabilities in [0, 1] that sum to 1 over the actions");
}

/// Probabilities stand in columns, one for each action.
class ColumnsTarget final : public TargetPolicy {
 public:
  ColumnsTarget(std::vector<std::size_t> columns, const OpeLog& log)
      : columns_(std::move(columns)), log_(log), width_(log.header().values.size()) {}
  void probabilities(const LogRow& row, std::span<double> out) const override {
    double sum = 0.0;
    for (std::size_t a = 0; a < columns_.size(); ++a) {
      out[a] = row.value(columns_[a], width_);
      if (!(out[a] >= 0.0 && out[a] <= 1.0))
        refuse_row(
            log_.name(), row.number,
            fmt::format("the target's probability of action {} is {}", log_.header().actions[a], out[a]));
      sum += out[a];
    }
    if (std::fabs(sum - 1.0) > sum_tolerance)
      refuse_row(log_.name(), row.number, fmt::format("the target's probabilities sum to {}, not to 1", sum));
  }

 private:
  std::vector<std::size_t> columns_;
  const OpeLog& log_;
  std::size_t width_;
};

/// One column: the probability of the action that was taken.
class TakenTarget final : public TargetPolicy {
 public:
  TakenTarget(std::size_t column, const OpeLog& log)
      : column_(column), log_(log), width_(log.header().values.size()) {}
  bool knows_all_actions() const override { return false; }
  void probabilities(const LogRow&, std::span<double>) const override {
    throw Error(ErrorKind::internal, "only the probability of the action taken is known",
                "report this as a bug");
  }
  double of_taken(const LogRow& row, std::span<double>) const override {
    const double probability = row.value(column_, width_);
    if (!(probability >= 0.0 && probability <= 1.0))
      refuse_row(log_.name(), row.number,
                 fmt::format("the target's probability of the action taken is {}", probability));
    return probability;
  }

 private:
  std::size_t column_;
  const OpeLog& log_;
  std::size_t width_;
};

float parse_threshold(const std::string& text) {
  float threshold = 0.0f;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), threshold);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(threshold))
    throw Error(ErrorKind::usage, fmt::format("threshold '{}' is not a number", text),
                "write for example --policy threshold:0.7");
  return threshold;
}

}  // namespace

std::unique_ptr<TargetPolicy> make_uniform(const OpeLog& log) {
  const std::size_t actions = log.header().actions.size();
  return std::make_unique<ConstantTarget>(std::vector<double>(actions, 1.0 / static_cast<double>(actions)));
}

std::unique_ptr<TargetPolicy> make_fixed(const std::string& action, const OpeLog& log) {
  std::vector<double> probability(log.header().actions.size(), 0.0);
  probability[action_code(log, action)] = 1.0;
  return std::make_unique<ConstantTarget>(std::move(probability));
}

std::unique_ptr<TargetPolicy> make_threshold(const std::string& threshold, const std::string& score,
                                             const OpeLog& log) {
  if (log.decisions() && log.decisions()->actions_are_arms)
    throw Error(ErrorKind::usage, "the actions of this log are thresholds already",
                fmt::format("write --policy fixed:{}", threshold));
  return std::make_unique<ThresholdTarget>(parse_threshold(threshold), value_column(log, score), log);
}

std::unique_ptr<TargetPolicy> make_epsilon_greedy(const std::string& what, double epsilon,
                                                  const OpeLog& log) {
  const std::size_t actions = log.header().actions.size();
  if (NamePattern(what).open())
    return std::make_unique<GreedyTarget>(action_columns(log, what), epsilon, log.header().values.size());
  std::vector<double> probability(actions, epsilon / static_cast<double>(actions));
  probability[action_code(log, what)] += 1.0 - epsilon;
  return std::make_unique<ConstantTarget>(std::move(probability));
}

std::unique_ptr<TargetPolicy> make_from_columns(const std::string& name, const OpeLog& log) {
  if (NamePattern(name).open()) return std::make_unique<ColumnsTarget>(action_columns(log, name), log);
  return std::make_unique<TakenTarget>(value_column(log, name), log);
}

}  // namespace npo
