#include "host/grouped_scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

/// Integer weights have 30 bits.
constexpr float weight_unit = 0x1p-30f;

std::string why_no_probability(const std::vector<float>& scores) {
  const auto outside =
      std::find_if(scores.begin(), scores.end(), [](float s) { return s < 0.0f || s > 1.0f; });
  if (outside == scores.end()) return {};
  return fmt::format("a score is {:g}, and a probability lies in [0, 1]", *outside);
}

bool has_repeats(std::vector<std::uint64_t> keys) {
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

template <class T>
std::vector<T> gather(const std::vector<T>& column, const std::vector<std::size_t>& order) {
  std::vector<T> gathered;
  if (column.empty()) return gathered;
  gathered.reserve(order.size());
  for (const std::size_t row : order) gathered.push_back(column[row]);
  return gathered;
}

template <class T>
std::span<const T> part(const std::vector<T>& column, std::size_t first, std::size_t end) {
  return column.empty() ? std::span<const T>() : std::span(column).subspan(first, end - first);
}

void count(const ScoredRows& rows, Confusion& confusion) {
  for (std::size_t i = 0; i < rows.size() && !rows.decision.empty(); ++i) {
    const std::uint64_t weight = rows.weight.empty() ? 1 : rows.weight[i];
    const bool happened = rows.label[i] == 1;
    if (rows.decision[i] == static_cast<std::uint8_t>(Decision::surfaced)) {
      (happened ? confusion.true_positive : confusion.false_positive) += weight;
      continue;
    }
    (happened ? confusion.false_negative : confusion.true_negative) += weight;
    if (rows.decision[i] == static_cast<std::uint8_t>(Decision::blocked))
      (happened ? confusion.blocked_positive : confusion.blocked_negative) += weight;
  }
}

std::uint64_t count_unscored(const ScoredRows& rows) {
  std::uint64_t weight = 0;
  for (std::size_t i = 0; i < rows.unscored.size(); ++i)
    if (!rows.has_score(i)) weight += rows.weight.empty() ? 1 : rows.weight[i];
  return weight;
}

/// Labels for calibration, unknown where there is no score; empty where every row has one.
std::vector<std::uint8_t> labels_of_scored(const ScoredRows& rows) {
  std::vector<std::uint8_t> labels;
  for (std::size_t i = 0; i < rows.unscored.size(); ++i)
    labels.push_back(rows.has_score(i) ? rows.label[i] : static_cast<std::uint8_t>(Label::unknown));
  return labels;
}

}  // namespace

PreparedRows prepare_rows(const EvaluationRows& rows) {
  PreparedRows prepared{.rows = &rows,
                        .weight = {},
                        .unit_weight = {},
                        .no_probability = why_no_probability(rows.score),
                        .clustered = has_repeats(rows.cluster),
                        .decided = !rows.decision.empty()};
  if (!rows.weight.empty()) {
    prepared.weight = integer_weights(rows.weight);
    for (const std::uint32_t weight : prepared.weight.weight)
      prepared.unit_weight.push_back(static_cast<float>(weight) * weight_unit);
  }
  return prepared;
}

GroupedScores::GroupedScores(const PreparedRows& prepared, std::span<const std::uint32_t> codes,
                             std::size_t groups, const MetricSettings& settings, const RunContext& context)
    : prepared_(prepared),
      settings_(settings),
      context_(context),
      first_(groups + 1, 0),
      whole_(codes.empty()),
      summaries_(groups) {
  if (whole_)
    first_.back() = prepared.rows->size();
  else
    order(codes);
  summarise(codes);
}

void GroupedScores::order(std::span<const std::uint32_t> codes) {
  for (const std::uint32_t code : codes) ++first_[code + std::size_t{1}];
  for (std::size_t g = 1; g < first_.size(); ++g) first_[g] += first_[g - 1];
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1), order(codes.size());
  for (std::size_t row = 0; row < codes.size(); ++row) order[next[codes[row]]++] = row;
  const EvaluationRows& rows = *prepared_.rows;
  ordered_ = {.score = gather(rows.score, order),
              .unit_weight = gather(prepared_.unit_weight, order),
              .label = gather(rows.label, order),
              .unscored = gather(rows.unscored, order),
              .decision = gather(rows.decision, order),
              .weight = gather(prepared_.weight.weight, order),
              .key = gather(rows.cluster, order)};
  if (rows.cluster.empty()) ordered_.key.assign(order.begin(), order.end());
}

void GroupedScores::summarise(std::span<const std::uint32_t> codes) {
  const EvaluationRows& rows = *prepared_.rows;
  const ParallelFor parallel = parallel_over(context_);
  const RankedRows ranked{
      .score = rows.score, .label = rows.label, .weight = prepared_.weight.weight, .segment = codes};
  const auto summaries = rank_segments(ranked, groups(), parallel);
  const auto delong = delong_segments(ranked, rows.cluster, groups(), parallel);
  const bool probability = prepared_.no_probability.empty();
  for (std::size_t g = 0; g < groups(); ++g) {
    GroupScores& summary = summaries_[g];
    summary.rows = first_[g + 1] - first_[g];
    summary.weight_unit = prepared_.weight.weight.empty() ? 1.0 : prepared_.weight.unit;
    summary.ranked = summaries[g];
    summary.delong = delong[g];
  }
  parallel_for(context_.threads, groups(), [&](std::uint64_t g) {
    context_.check_stop();
    count(rows_of(g), summaries_[g].decided);
    summaries_[g].unscored = count_unscored(rows_of(g));
    if (probability) calibrate(g);
  });
}

ScoredRows GroupedScores::rows_of(std::size_t group) const {
  const std::size_t first = first_[group], end = first_[group + 1];
  const EvaluationRows& rows = *prepared_.rows;
  return {.score = part(whole_ ? rows.score : ordered_.score, first, end),
          .label = part(whole_ ? rows.label : ordered_.label, first, end),
          .unscored = part(whole_ ? rows.unscored : ordered_.unscored, first, end),
          .decision = part(whole_ ? rows.decision : ordered_.decision, first, end),
          .weight = part(whole_ ? prepared_.weight.weight : ordered_.weight, first, end),
          .key = part(whole_ ? rows.cluster : ordered_.key, first, end)};
}

void GroupedScores::calibrate(std::size_t group) {
  const ScoredRows rows = rows_of(group);
  const auto labels = labels_of_scored(rows);
  const CalibrationRows scored{
      .score = rows.score,
      .label = labels.empty() ? rows.label : labels,
      .weight = part(whole_ ? prepared_.unit_weight : ordered_.unit_weight, first_[group], first_[group + 1]),
      .segment = {}};
  CalibrationTally tally(1, settings_.reliability_bins);
  tally.add(scored);
  summaries_[group].calibration = tally.summary(0);
  summaries_[group].line = fit_calibration(scored);
}

std::vector<std::vector<Metric>> GroupedScores::metrics() const {
  std::vector<std::vector<Metric>> all(groups());
  const auto compute = [&](std::size_t g, const BootstrapEngine& engine) {
    context_.check_stop();
    for (const MetricSample& sample : samples(g, engine))
      all[g].push_back(metric_of(sample, settings_.level, prepared_.clustered));
  };
  // One group is cut inside, many are dealt out whole.
  if (groups() == 1) {
    compute(0, BootstrapEngine(context_));
  } else {
    parallel_for(context_.threads, groups(),
                 [&](std::uint64_t g) { compute(g, BootstrapEngine::on_this_thread(context_.simd)); });
  }
  return all;
}

}  // namespace npo
