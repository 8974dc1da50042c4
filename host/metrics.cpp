#include "host/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace npo {
namespace {

using Json = nlohmann::json;
using Counts = std::array<std::uint64_t, answer_count>;

constexpr std::array<std::string_view, answer_count> answer_names{"override", "like", "neutral", "skipped"};
constexpr std::array<std::string_view, answer_count> rate_names{"override_rate", "like_rate", "neutral_rate",
                                                                "skip_rate"};

std::uint64_t total(const Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Metric rate(std::string name, std::uint64_t hits, std::uint64_t trials, double level, const char* reason) {
  if (trials == 0) return {std::move(name), std::nullopt, std::nullopt, reason};
  return {std::move(name),
          static_cast<double>(hits) / static_cast<double>(trials),
          wilson_interval(hits, trials, level),
          {},
          "wilson"};
}

Metric f1(const Confusion& c, double level) {
  const auto jaccard = rate("f1", c.true_positive, c.true_positive + c.false_positive + c.false_negative,
                            level, "nothing was surfaced and nothing happened");
  if (!jaccard.value) return jaccard;
  const auto map = [](double j) { return 2.0 * j / (1.0 + j); };
  return {"f1",
          map(*jaccard.value),
          Interval{map(jaccard.interval->low), map(jaccard.interval->high)},
          {},
          "wilson"};
}

Metric mean_loss(const GroupCounts& counts, double level) {
  const std::uint64_t answers = total(counts.answers.withheld) + total(counts.answers.surfaced);
  if (answers == 0) return {"loss", std::nullopt, std::nullopt, "no decision was answered"};
  const auto n = static_cast<double>(answers);
  const double mean = counts.loss_sum / n;
  const double variance = std::max(0.0, counts.loss_squares / n - mean * mean);
  const double half = normal_quantile(0.5 + 0.5 * level) * std::sqrt(variance / n);
  return {"loss", mean, Interval{std::max(0.0, mean - half), std::min(1.0, mean + half)}, {}, "normal"};
}

Json to_json(const Metric& metric) {
  if (!metric.value) return {{"value", nullptr}, {"reason", metric.reason}};
  if (!metric.interval)
    return {{"value", *metric.value}, {"low", nullptr}, {"high", nullptr}, {"reason", metric.reason}};
  return {{"value", *metric.value},
          {"low", metric.interval->low},
          {"high", metric.interval->high},
          {"method", metric.method}};
}

Json to_json(const Counts& counts) {
  Json json = Json::object();
  for (std::size_t kind = 0; kind < counts.size(); ++kind)
    json[std::string(answer_names[kind])] = counts[kind];
  return json;
}

void add(Counts& counts, const Counts& other) {
  for (std::size_t kind = 0; kind < counts.size(); ++kind) counts[kind] += other[kind];
}

}  // namespace

Confusion& Confusion::operator+=(const Confusion& other) {
  true_positive += other.true_positive;
  false_positive += other.false_positive;
  false_negative += other.false_negative;
  true_negative += other.true_negative;
  blocked_positive += other.blocked_positive;
  blocked_negative += other.blocked_negative;
  return *this;
}

Answers& Answers::operator+=(const Answers& other) {
  add(withheld, other.withheld);
  add(surfaced, other.surfaced);
  return *this;
}

void GroupCounts::add_losses(const Answers& answered, const std::vector<double>& loss_table) {
  for (std::size_t kind = 0; kind < answered.withheld.size(); ++kind) {
    const auto count = static_cast<double>(answered.withheld[kind] + answered.surfaced[kind]);
    loss_sum += count * loss_table[kind];
    loss_squares += count * loss_table[kind] * loss_table[kind];
  }
}

GroupCounts& GroupCounts::operator+=(const GroupCounts& other) {
  rows += other.rows;
  immature += other.immature;
  confusion += other.confusion;
  answers += other.answers;
  loss_sum += other.loss_sum;
  loss_squares += other.loss_squares;
  return *this;
}

std::vector<Metric> confusion_metrics(const Confusion& c, double level) {
  const std::uint64_t alarms = c.true_positive + c.false_positive;
  return {rate("precision", c.true_positive, alarms, level, "nothing matured was surfaced"),
          rate("recall", c.true_positive, c.true_positive + c.false_negative, level, "nothing happened"),
          rate("specificity", c.true_negative, c.true_negative + c.false_positive, level,
               "something happened in all"),
          f1(c, level), rate("surfaced_rate", alarms, c.matured(), level, "nothing matured")};
}

std::vector<Metric> metrics_of(const GroupCounts& counts, double level) {
  auto metrics = confusion_metrics(counts.confusion, level);
  Counts all = counts.answers.withheld;
  add(all, counts.answers.surfaced);
  for (std::size_t kind = 0; kind < all.size(); ++kind)
    metrics.push_back(
        rate(std::string(rate_names[kind]), all[kind], total(all), level, "no decision was answered"));
  for (std::size_t kind = 0; kind < all.size(); ++kind)
    metrics.push_back(rate("surfaced_" + std::string(rate_names[kind]), counts.answers.surfaced[kind],
                           total(counts.answers.surfaced), level, "no surfaced decision was answered"));
  metrics.push_back(mean_loss(counts, level));
  return metrics;
}

Json to_json(const Confusion& c) {
  return {{"true_positive", c.true_positive},
          {"false_positive", c.false_positive},
          {"false_negative", c.false_negative},
          {"true_negative", c.true_negative},
          {"blocked_positive", c.blocked_positive},
          {"blocked_negative", c.blocked_negative},
          {"matured", c.matured()}};
}

Json to_json(const std::vector<Metric>& metrics) {
  Json json = Json::object();
  for (const Metric& metric : metrics) json[metric.name] = to_json(metric);
  return json;
}

Json to_json(const GroupCounts& counts, double level) {
  return {{"rows", counts.rows},
          {"immature", counts.immature},
          {"confusion", to_json(counts.confusion)},
          {"answers",
           {{"withheld", to_json(counts.answers.withheld)}, {"surfaced", to_json(counts.answers.surfaced)}}},
          {"metrics", to_json(metrics_of(counts, level))}};
}

std::optional<double> metric_value(const Json& group, std::string_view name) {
  const Json& value = group.at("metrics").at(std::string(name)).at("value");
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

}  // namespace npo
