#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "host/grouped_scores.hpp"
#include "host/intervals.hpp"
#include "host/score_replicates.hpp"
#include "kernels/elementary64.hpp"

/// The metrics of one group, each with its interval or the replicates it is taken from.
namespace npo {
namespace {

constexpr std::size_t cuts_of_a_group = 32, cuts_of_all = 128;

std::optional<double> defined(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

/// What a group offers to its metrics.
struct Group {
  const PreparedRows& prepared;
  const GroupScores& scores;
  const MetricSettings& settings;
  const ScoreReplicates* replicates;     ///< null without bootstrap
  std::vector<ScoreTotals> totals = {};  ///< of the replicates
  std::size_t positives() const { return scores.ranked.positive_rows; }
  std::size_t negatives() const { return scores.ranked.negative_rows; }
  /// Why a metric that wants both classes has no value; empty where it has.
  std::string one_class() const {
    if (scores.rows == 0) return "no row has a known label";
    if (positives() == 0) return "no row has label 1";
    return negatives() == 0 ? "no row has label 0" : "";
  }
};

ScoreTotals observed_totals(const Group& group) {
  const Confusion& c = group.scores.decided;
  ScoreTotals totals{static_cast<double>(c.true_positive), static_cast<double>(c.false_positive),
                     static_cast<double>(c.false_negative), static_cast<double>(c.true_negative)};
  if (!group.prepared.decided) {  // all are as good as withheld: losses need the weight alone
    totals.false_negative = static_cast<double>(group.scores.ranked.positives);
    totals.true_negative = static_cast<double>(group.scores.ranked.negatives);
  }
  totals.unscored = static_cast<double>(group.scores.unscored);
  totals.brier = group.scores.calibration.brier.value_or(0.0) * totals.scored();
  totals.log_loss = group.scores.calibration.log_loss.value_or(0.0) * totals.scored();
  return totals;
}

/// Wilson's interval where rows are independent and count once; F1 is monotone in the rate TP / (TP + FP +
/// FN).
void add_wilson(const TotalsMetric& metric, const Confusion& c, double level, MetricSample& sample) {
  const std::uint64_t alarms = c.true_positive + c.false_positive;
  const auto set = [&](std::uint64_t hits, std::uint64_t trials) {
    sample.interval = wilson_interval(hits, trials, level);
    sample.method = "wilson";
  };
  if (metric.name == "precision") set(c.true_positive, alarms);
  if (metric.name == "recall") set(c.true_positive, c.true_positive + c.false_negative);
  if (metric.name == "specificity") set(c.true_negative, c.true_negative + c.false_positive);
  if (metric.name == "surfaced_rate") set(alarms, c.matured());
  if (metric.name != "f1") return;
  set(c.true_positive, alarms + c.false_negative);
  for (double* end : {&sample.interval->low, &sample.interval->high}) *end = 2.0 * *end / (1.0 + *end);
}

/// Clusters of the rows that are a rate's trials.
std::vector<std::uint64_t> trial_keys(const TotalsMetric& metric, const ScoredRows& rows) {
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool surfaced = rows.decision[i] == static_cast<std::uint8_t>(Decision::surfaced);
    if ((metric.name == "precision" && !surfaced) || (metric.name == "recall" && rows.label[i] == 0) ||
        (metric.name == "specificity" && rows.label[i] == 1))
      continue;
    keys.push_back(rows.key.empty() ? i : rows.key[i]);
  }
  return keys;
}

void replicate(const TotalsMetric& metric, const Group& group, MetricSample& sample) {
  sample.replicates.reserve(group.totals.size());
  for (const ScoreTotals& totals : group.totals)
    sample.replicates.push_back(metric.of(totals, group.settings));
}

void add_totals(const Group& group, const ScoredRows& rows, std::vector<MetricSample>& samples) {
  const ScoreTotals observed = observed_totals(group);
  for (const TotalsMetric& metric : totals_metrics(group.settings)) {
    MetricSample sample{.name = std::string(metric.name)};
    if (metric.decided && !group.prepared.decided) {
      sample.reason = "no threshold was given";
    } else if (metric.probability && !group.prepared.no_probability.empty()) {
      sample.reason = group.prepared.no_probability;
    } else {
      sample.value = defined(metric.of(observed, group.settings));
      if (!sample.value) sample.reason = metric.undefined;
    }
    if (sample.value) {
      if (group.prepared.plain())
        add_wilson(metric, group.scores.decided, group.settings.level, sample);
      else if (metric.is_rate && (*sample.value == 0.0 || *sample.value == 1.0))
        add_extreme_rate(trial_keys(metric, rows), group.settings.level, sample);
      if (!sample.interval || group.settings.paired) replicate(metric, group, sample);
    }
    samples.push_back(std::move(sample));
  }
}

bool all_tied(const ScoredRows& rows) {
  const auto counts = [&](std::size_t i) { return rows.weight.empty() || rows.weight[i] > 0; };
  std::size_t first = 0;
  while (first < rows.size() && !counts(first)) ++first;
  for (std::size_t i = first; i < rows.size(); ++i)
    if (counts(i) && rows.score[i] != rows.score[first]) return false;
  return true;
}

/// Why an AUROC has a variance of 0. Placements of independent rows that are neither separated nor tied vary.
std::string why_no_variance(double auroc, const ScoredRows& rows) {
  const bool separated = auroc <= 0.0 || auroc >= 1.0;
  return fmt::format("{}, which leaves no variance to estimate", separated ? "the classes are separated"
                                                                 : all_tied(rows)
                                                                     ? "all scores are tied"
                                                                     : "all clusters rank alike");
}

/// On the scale of log-odds, which keeps it inside [0, 1].
void add_delong_interval(const Group& group, const ScoredRows& rows, MetricSample& sample) {
  const DeLong& delong = *group.scores.delong;
  const double auroc = *sample.value;
  if (!delong.variance) {
    sample.reason = "a class lies in a single cluster";
  } else if (*delong.variance <= 0.0 || auroc <= 0.0 || auroc >= 1.0) {
    sample.reason = why_no_variance(auroc, rows);
  } else {
    const double centre = elementary64::logit(auroc);
    const double half = normal_quantile(0.5 + 0.5 * group.settings.level) * std::sqrt(*delong.variance) /
                        (auroc * (1.0 - auroc));
    sample.interval = Interval{elementary64::sigmoid(centre - half), elementary64::sigmoid(centre + half)};
    sample.method = group.prepared.clustered ? "clustered delong" : "delong";
  }
}

void add_ranking(const Group& group, const ScoredRows& rows, std::vector<MetricSample>& samples) {
  MetricSample auroc{.name = "auroc", .value = group.scores.ranked.auroc, .reason = group.one_class()};
  if (auroc.value && group.scores.delong)
    add_delong_interval(group, rows, auroc);
  else if (auroc.value && group.replicates)
    auroc.replicates = group.replicates->auroc(*auroc.value);
  samples.push_back(std::move(auroc));
  MetricSample average{.name = "average_precision", .value = group.scores.ranked.average_precision};
  if (!average.value) average.reason = group.one_class();
  if (average.value && group.replicates)
    average.replicates = group.replicates->average_precision(*average.value);
  samples.push_back(std::move(average));
}

std::string why_no_line(const Group& group) {
  if (!group.prepared.no_probability.empty()) return group.prepared.no_probability;
  const std::string one_class = group.one_class();
  if (!one_class.empty()) return one_class;
  return group.scores.unscored > 0 ? "rows with a score are of one class, or equal or separated by it"
                                   : "all scores are equal or separate the classes";
}

void add_calibration(const Group& group, std::vector<MetricSample>& samples) {
  const auto& line = group.scores.line;
  MetricSample slope{.name = "calibration_slope"}, intercept{.name = "calibration_intercept"};
  if (line) {
    slope.value = line->slope;
    intercept.value = line->intercept;
    if (group.replicates) {
      auto lines = group.replicates->calibration(line->slope, line->intercept);
      slope.replicates = std::move(lines.slope);
      intercept.replicates = std::move(lines.intercept);
    }
  } else {
    slope.reason = intercept.reason = why_no_line(group);
  }
  samples.push_back(std::move(slope));
  samples.push_back(std::move(intercept));
  MetricSample error{.name = "ece", .value = group.scores.calibration.ece};
  if (!error.value) {
    error.reason = group.prepared.no_probability.empty() ? "no row with a score has weight"
                                                         : group.prepared.no_probability;
  } else if (group.replicates) {
    error.replicates = group.replicates->calibration_error(group.totals);
    // Resampling adds noise to every bin's gap, so the plain percentiles lie too high.
    error.interval = bca_interval(error.replicates, *error.value, 0.0, group.settings.level);
    if (error.interval)
      error.method = "bias-corrected bootstrap";
    else
      error.reason = "every bootstrap replicate lies above the estimate";
  }
  samples.push_back(std::move(error));
}

}  // namespace

std::vector<MetricSample> score_samples(const PreparedRows& prepared, const GroupScores& scores,
                                        const MetricSettings& settings, const ScoreReplicates* replicates,
                                        const ScoredRows& rows) {
  Group given{prepared, scores, settings, replicates};
  if (replicates) given.totals = replicates->totals();
  std::vector<MetricSample> samples;
  add_totals(given, rows, samples);
  add_ranking(given, rows, samples);
  add_calibration(given, samples);
  return samples;
}

std::vector<MetricSample> GroupedScores::samples(std::size_t group, const BootstrapEngine& engine) const {
  const bool probability = prepared_.no_probability.empty();
  std::optional<ScoreReplicates> replicates;
  if (settings_.bootstrap > 0 && summaries_[group].rows > 0) {
    const ScoredRows rows = rows_of(group);
    std::vector<float> edges;
    for (std::size_t i = 1; probability && i < settings_.reliability_bins; ++i)
      edges.push_back(
          static_cast<float>(static_cast<double>(i) / static_cast<double>(settings_.reliability_bins)));
    auto cells = make_score_cells(rows, groups() == 1 ? cuts_of_all : cuts_of_a_group, edges);
    replicates.emplace(rows, std::move(cells), settings_, probability, engine);
  }
  return score_samples(prepared_, summaries_[group], settings_, replicates ? &*replicates : nullptr,
                       rows_of(group));
}

}  // namespace npo
