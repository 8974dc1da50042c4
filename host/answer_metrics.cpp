#include "host/answer_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "host/grouped_scores.hpp"
#include "kernels/poisson_bootstrap.hpp"

namespace npo {
namespace {

constexpr int loss_bits = 30;
constexpr std::array<const char*, answer_count> rate_names{"override_rate", "like_rate", "neutral_rate",
                                                           "skip_rate"};
constexpr const char* no_answers = "no decision was answered";

/// Totals of one replicate, or of the sample.
struct AnswerTotals {
  std::array<std::array<double, answer_count>, 2> count{};  ///< by surfaced and kind
  double loss = 0.0, error = 0.0, updates = 0.0;
  double surfaced() const { return count[1][0] + count[1][1] + count[1][2] + count[1][3]; }
  double all() const { return count[0][0] + count[0][1] + count[0][2] + count[0][3] + surfaced(); }
};

double ratio(double part, double whole) {
  return whole > 0.0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

/// Sums by (surfaced, kind) as segments.
class AnswerSums {
 public:
  AnswerSums(const std::vector<AnsweredRow>& answers, const MetricSettings& settings,
             const BootstrapEngine& engine)
      : replicates_(std::max<std::uint32_t>(1, settings.bootstrap)),
        sums_(BootstrapPlan{
            .seed = settings.seed, .replicates = replicates_, .columns = 4, .segments = 2 * answer_count}) {
    std::vector<std::uint64_t> key;
    std::vector<std::uint32_t> segment;
    std::vector<std::int64_t> updates;
    std::vector<double> loss, error;
    for (const AnsweredRow& answer : answers) {
      const bool surfaced = answer.decision == static_cast<std::uint8_t>(Decision::surfaced);
      key.push_back(answer.key);
      segment.push_back((surfaced ? std::uint32_t{answer_count} : 0u) + answer.kind);
      updates.push_back(answer.updates);
      loss.push_back(static_cast<double>(answer.loss));
      error.push_back(static_cast<double>(answer.error));
    }
    const std::vector<std::int64_t> one(answers.size(), 1);
    const auto losses = to_bootstrap_column(loss, loss_bits), errors = to_bootstrap_column(error, loss_bits);
    engine.add(sums_, {.key = key,
                       .first_key = 0,
                       .units = key.size(),
                       .segment = segment,
                       .columns = {one, losses, errors, updates}});
  }

  AnswerTotals observed() const { return totals(replicates_); }
  AnswerTotals totals(std::size_t b) const {
    AnswerTotals totals;
    for (std::size_t s = 0; s < 2 * answer_count; ++s) {
      totals.count[s / answer_count][s % answer_count] = at(s, 0, b);
      totals.loss += at(s, 1, b) * 0x1p-30;
      totals.error += at(s, 2, b) * 0x1p-30;
      totals.updates += at(s, 3, b);
    }
    return totals;
  }

 private:
  double at(std::size_t segment, std::size_t column, std::size_t b) const {
    return static_cast<double>(b == replicates_ ? sums_.observed(segment, column)
                                                : sums_.replicates(segment, column)[b]);
  }
  std::uint32_t replicates_;
  BootstrapSums sums_;
};

/// A metric named by how it follows from totals.
struct AnswerMetric {
  std::string name;
  const char* undefined;
  double (*of)(const AnswerTotals&, std::size_t kind);
  std::size_t kind = 0;
};

std::vector<AnswerMetric> metrics_wanted(bool all) {
  std::vector<AnswerMetric> metrics{
      {"prediction_loss", "no answer moved a score",
       [](const AnswerTotals& t, std::size_t) { return ratio(t.error, t.updates); }}};
  if (!all) return metrics;
  metrics.push_back(
      {"loss", no_answers, [](const AnswerTotals& t, std::size_t) { return ratio(t.loss, t.all()); }});
  for (std::size_t k = 0; k < answer_count; ++k) {
    metrics.push_back({rate_names[k], no_answers,
                       [](const AnswerTotals& t, std::size_t kind) {
                         return ratio(t.count[0][kind] + t.count[1][kind], t.all());
                       },
                       k});
    metrics.push_back(
        {std::string("surfaced_") + rate_names[k], "no surfaced decision was answered",
         [](const AnswerTotals& t, std::size_t kind) { return ratio(t.count[1][kind], t.surfaced()); }, k});
  }
  return metrics;
}

/// Scenarios of the answers that are a rate's trials; none where the metric is no rate.
std::vector<std::uint64_t> keys_of(const std::vector<AnsweredRow>& answers, const AnswerMetric& metric) {
  std::vector<std::uint64_t> keys;
  if (!metric.name.ends_with("_rate")) return keys;
  const bool surfaced_only = metric.name.starts_with("surfaced_");
  for (const AnsweredRow& answer : answers)
    if (!surfaced_only || answer.decision == static_cast<std::uint8_t>(Decision::surfaced))
      keys.push_back(answer.key);
  return keys;
}

bool has_repeats(const std::vector<AnsweredRow>& answers) {
  std::vector<std::uint64_t> keys;
  for (const AnsweredRow& answer : answers) keys.push_back(answer.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

}  // namespace

std::vector<MetricSample> answer_samples(const std::vector<AnsweredRow>& answers, bool all,
                                         const MetricSettings& settings, const BootstrapEngine& engine) {
  const AnswerSums sums(answers, settings, engine);
  std::vector<AnswerTotals> replicates;
  for (std::size_t b = 0; b < settings.bootstrap; ++b) replicates.push_back(sums.totals(b));
  std::vector<MetricSample> samples;
  for (const AnswerMetric& metric : metrics_wanted(all)) {
    MetricSample sample{.name = metric.name};
    const double value = metric.of(sums.observed(), metric.kind);
    if (std::isnan(value))
      sample.reason = metric.undefined;
    else
      sample.value = value;
    for (const AnswerTotals& totals : replicates) sample.replicates.push_back(metric.of(totals, metric.kind));
    if (value == 0.0 || value == 1.0) add_extreme_rate(keys_of(answers, metric), settings.level, sample);
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<std::vector<AnsweredRow>> answers_by_group(const std::vector<AnsweredRow>& answers,
                                                       std::uint32_t (*code)(const AnsweredRow&),
                                                       std::size_t groups) {
  std::vector<std::vector<AnsweredRow>> of_group(groups);
  for (const AnsweredRow& answer : answers) of_group[code(answer)].push_back(answer);
  return of_group;
}

std::vector<std::vector<Metric>> answer_metrics(const std::vector<AnsweredRow>& answers,
                                                std::uint32_t (*code)(const AnsweredRow&), std::size_t groups,
                                                const MetricSettings& settings, const RunContext& context) {
  const auto of_group = answers_by_group(answers, code, groups);
  std::vector<std::vector<Metric>> metrics(groups);
  const auto compute = [&](std::size_t g, const BootstrapEngine& engine) {
    context.check_stop();
    const bool clustered = has_repeats(of_group[g]);
    for (const MetricSample& sample : answer_samples(of_group[g], clustered, settings, engine))
      metrics[g].push_back(metric_of(sample, settings.level, clustered));
  };
  if (groups == 1)
    compute(0, BootstrapEngine(context));
  else
    parallel_for(context.threads, groups,
                 [&](std::uint64_t g) { compute(g, BootstrapEngine::on_this_thread(context.simd)); });
  return metrics;
}

}  // namespace npo
