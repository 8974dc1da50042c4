#pragma once
#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/statistics.hpp"
#include "kernels/vocabulary.hpp"

/// What decisions are judged by (spec section 6): integer counts, and the rates that follow from them.
namespace npo {

/// Decisions whose outcome is known against what happened. Surfaced is predicted positive; withheld and
/// blocked are predicted negative, with the blocked ones also counted apart.
struct Confusion {
  std::uint64_t true_positive = 0, false_positive = 0, false_negative = 0, true_negative = 0;
  std::uint64_t blocked_positive = 0, blocked_negative = 0;  ///< of the false and the true negatives
  std::uint64_t matured() const { return true_positive + false_positive + false_negative + true_negative; }
  Confusion& operator+=(const Confusion& other);
  bool operator==(const Confusion&) const = default;
};

/// Answers to decisions by FeedbackKind (the four answers).
struct Answers {
  std::array<std::uint64_t, answer_count> withheld{}, surfaced{};
  Answers& operator+=(const Answers& other);
  bool operator==(const Answers&) const = default;
};

/// All that a group (a night, a fleet, the total) is judged by.
struct GroupCounts {
  std::uint64_t rows = 0, immature = 0;  ///< decisions, and those whose outcome is not known yet
  Confusion confusion;
  Answers answers;
  double loss_sum = 0.0,
         loss_squares = 0.0;  ///< sums of l(f) and l(f)^2 over answers, from counts night by night
  void add_losses(const Answers& answered, const std::vector<double>& loss_table);
  GroupCounts& operator+=(const GroupCounts& other);
};

/// A number with its interval; the reason says why there is no value, or no interval.
struct Metric {
  std::string name;
  std::optional<double> value;
  std::optional<Interval> interval;
  std::string reason;
  std::string method = {};  ///< of the interval: "wilson", "normal", "bootstrap", "delong", ...
};

/// precision, recall, specificity, f1, surfaced_rate; override_rate, like_rate, neutral_rate, skip_rate over
/// all answered decisions and the same after `surfaced_` over surfaced ones; loss. Intervals: Wilson for
/// rates; F1 = 2J / (1 + J) is monotone in the rate J = TP / (TP + FP + FN), whose interval is mapped; loss:
/// normal, from its variance.
std::vector<Metric> metrics_of(const GroupCounts& counts, double level);
/// precision, recall, specificity, f1 and surfaced_rate alone.
std::vector<Metric> confusion_metrics(const Confusion& confusion, double level);

nlohmann::json to_json(const Confusion& confusion);
/// {name: {"value", "low", "high", "method"}}; without an interval low and high are null, without a value
/// that too, and "reason" says why.
nlohmann::json to_json(const std::vector<Metric>& metrics);
/// {"rows", "immature", "confusion": {...}, "answers": {"withheld": {...}, "surfaced": {...}}, "metrics":
/// {...}}.
nlohmann::json to_json(const GroupCounts& counts, double level);
/// A metric's value in that JSON; nothing where it is null.
std::optional<double> metric_value(const nlohmann::json& group, std::string_view name);

}  // namespace npo
