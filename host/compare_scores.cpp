#include "host/compare_scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/grouped_scores.hpp"
#include "host/intervals.hpp"
#include "io/closest_name.hpp"
#include "kernels/delong.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse_pair(const std::string& problem) {
  throw Error(ErrorKind::bad_data, problem,
              "compare scores or decisions about the same rows, in the same order");
}

/// Rows pair up by their place among those that count, so the same rows of both tables must.
void check_row_numbers(const std::vector<std::uint64_t>& first, const std::vector<std::uint64_t>& second) {
  const auto [one, other] = std::ranges::mismatch(first, second);
  if (one == first.end() || other == second.end()) return;  // one table may still be longer
  refuse_pair(fmt::format("row {} counts in the {} table alone: in the other it is bad or its label unknown",
                          std::min(*one, *other), *one < *other ? "first" : "second"));
}

void check_pair(const KnownRows& first, const KnownRows& second) {
  check_row_numbers(first.rows.row, second.rows.row);
  if (first.rows.size() != second.rows.size())
    refuse_pair(fmt::format("the first has {} rows with a known outcome and the second {}", first.rows.size(),
                            second.rows.size()));
  for (std::size_t i = 0; i < first.rows.size(); ++i) {
    const auto differ = [&](const char* what) {
      refuse_pair(fmt::format("labelled row {} has another {} in the second", i, what));
    };
    if (first.rows.label[i] != second.rows.label[i]) differ("label");
    if (!first.rows.cluster.empty() && first.rows.cluster[i] != second.rows.cluster[i]) differ("cluster");
    if (!first.rows.weight.empty() && first.rows.weight[i] != second.rows.weight[i]) differ("weight");
    for (std::size_t g = 0; g < first.groupings.size(); ++g)
      if (first.groupings[g].names.names()[first.rows.group[g][i]] !=
          second.groupings[g].names.names()[second.rows.group[g][i]])
        differ(first.groupings[g].column.c_str());
  }
}

double spread(const std::vector<double>& values) {
  double sum = 0.0, squares = 0.0, count = 0.0;
  for (const double value : values)
    if (!std::isnan(value)) sum += value, squares += value * value, count += 1.0;
  return count > 1.0 ? std::sqrt(std::max(0.0, (squares - sum * sum / count) / (count - 1.0))) : 0.0;
}

void add_test(double spread, Difference& difference) {
  if (spread > 0.0)
    difference.p = std::min(1.0, 2.0 * normal_tail(std::fabs(*difference.value) / spread));
  else if (*difference.value == 0.0)
    difference.p = 1.0;
}

Difference bootstrapped(const MetricSample& first, const MetricSample& second, double level) {
  Difference difference{
      first.name, first.value, second.value, {}, {}, {}, first.value ? second.reason : first.reason};
  if (!first.value || !second.value) return difference;
  difference.value = *second.value - *first.value;
  difference.reason = "no interval without bootstrap replicates";
  if (first.replicates.empty() || second.replicates.empty()) return difference;
  std::vector<double> differences;
  for (std::size_t b = 0; b < first.replicates.size(); ++b)
    differences.push_back(second.replicates[b] - first.replicates[b]);
  difference.interval = percentile_interval(differences, level);
  difference.reason = difference.interval ? "" : "undefined in too many bootstrap replicates";
  if (!difference.interval) return difference;
  difference.method = "paired bootstrap";
  add_test(spread(differences), difference);
  return difference;
}

Difference ranked(const std::optional<PairedDeLong>& paired, const MetricSample& first,
                  const MetricSample& second, double level) {
  Difference difference{first.name, first.value, second.value, {}, {}, {}, first.reason};
  if (!first.value || !second.value || !paired) return difference;
  difference.value = *second.value - *first.value;
  difference.reason = "a class lies in a single cluster";
  if (!paired->variance) return difference;
  const double error = std::sqrt(std::max(0.0, *paired->variance));
  const double half = normal_quantile(0.5 + 0.5 * level) * error;
  difference.interval =
      Interval{std::max(-1.0, *difference.value - half), std::min(1.0, *difference.value + half)};
  difference.reason.clear();
  difference.method = "paired delong";
  add_test(error, difference);
  return difference;
}

/// Compares the groups of one grouping after another.
class Comparer {
 public:
  Comparer(const KnownRows& first, const KnownRows& second, const CompareOptions& options,
           const MoreSamples& more, const RunContext& context)
      : first_(first),
        second_(second),
        more_(more),
        context_(context),
        settings_(options.settings),
        prepared_{prepare_rows(first.rows), prepare_rows(second.rows)} {
    settings_.paired = true;
  }

  bool clustered() const { return prepared_[0].clustered; }

  std::vector<ComparedGroup> compare(std::size_t grouping) const {
    const bool whole = grouping == MoreSamples::whole;
    const std::vector<std::string> names =
        whole ? std::vector<std::string>{"total"} : first_.groupings[grouping].names.names();
    const std::span<const std::uint32_t> codes =
        whole ? std::span<const std::uint32_t>()
              : std::span<const std::uint32_t>(first_.rows.group[grouping]);
    const GroupedScores first(prepared_[0], codes, names.size(), settings_, context_);
    const GroupedScores second(prepared_[1], codes, names.size(), settings_, context_);
    const auto paired = paired_delong_segments({.score = first_.rows.score,
                                                .label = first_.rows.label,
                                                .weight = prepared_[0].weight.weight,
                                                .segment = codes},
                                               second_.rows.score, first_.rows.cluster, names.size(),
                                               parallel_over(context_));
    std::vector<ComparedGroup> groups(names.size());
    const auto fill = [&](std::size_t g, const BootstrapEngine& engine) {
      context_.check_stop();
      auto of_first = first.samples(g, engine), of_second = second.samples(g, engine);
      if (more_.of) {
        for (MetricSample& sample : more_.of(false, grouping, g)) of_first.push_back(std::move(sample));
        for (MetricSample& sample : more_.of(true, grouping, g)) of_second.push_back(std::move(sample));
      }
      groups[g] = {.name = names[g], .rows = first.summary(g).rows, .differences = {}};
      for (std::size_t m = 0; m < of_first.size(); ++m)
        groups[g].differences.push_back(of_first[m].name == "auroc"
                                            ? ranked(paired[g], of_first[m], of_second[m], settings_.level)
                                            : bootstrapped(of_first[m], of_second[m], settings_.level));
    };
    context_.report().advance(first_.rows.size());
    if (whole)
      fill(0, BootstrapEngine(context_));
    else
      parallel_for(context_.threads, names.size(),
                   [&](std::uint64_t g) { fill(g, BootstrapEngine::on_this_thread(context_.simd)); });
    return groups;
  }

 private:
  const KnownRows &first_, &second_;
  const MoreSamples& more_;
  const RunContext& context_;
  MetricSettings settings_;
  PreparedRows prepared_[2];
};

void require_metric(const std::string& metric, const ComparedGroup& total) {
  if (total.find(metric)) return;
  std::vector<std::string> known;
  for (const Difference& difference : total.differences) known.push_back(difference.name);
  throw Error(ErrorKind::usage, fmt::format("there is no metric {} to compare groups by", metric),
              suggest_name(metric, known, "the metrics stand in the report's total"));
}

/// Marks the groups that differ.
void test_groups(const std::string& metric, double fdr, ComparedGrouping& grouping) {
  std::vector<double> p_values;
  std::vector<ComparedGroup*> tested;
  for (ComparedGroup& group : grouping.groups)
    if (const auto p = group.find(metric)->p) {
      p_values.push_back(*p);
      tested.push_back(&group);
    }
  const std::vector<bool> rejected = benjamini_hochberg(p_values, fdr);
  grouping.tested = tested.size();
  for (std::size_t t = 0; t < tested.size(); ++t) {
    tested[t]->differs = rejected[t];
    grouping.differing += rejected[t];
  }
}

}  // namespace

const Difference* ComparedGroup::find(std::string_view metric) const {
  const auto found = std::find_if(differences.begin(), differences.end(),
                                  [&](const Difference& difference) { return difference.name == metric; });
  return found == differences.end() ? nullptr : &*found;
}

Comparison compare_scores(const KnownRows& first, const KnownRows& second, const CompareOptions& options,
                          const MoreSamples& more, const RunContext& context) {
  check_pair(first, second);
  context.report().begin("metrics", first.rows.size() * (1 + first.groupings.size()), "rows");
  const Comparer compare(first, second, options, more, context);
  Comparison comparison{.total = std::move(compare.compare(MoreSamples::whole).front()),
                        .groupings = {},
                        .metric = options.metric,
                        .fdr = options.fdr,
                        .level = options.settings.level,
                        .clustered = compare.clustered()};
  if (comparison.metric.empty()) comparison.metric = first.rows.decision.empty() ? "auroc" : "f1";
  require_metric(comparison.metric, comparison.total);
  for (std::size_t g = 0; g < first.groupings.size(); ++g) {
    comparison.groupings.push_back({.column = first.groupings[g].column, .groups = compare.compare(g)});
    test_groups(comparison.metric, options.fdr, comparison.groupings.back());
  }
  context.report().end();
  return comparison;
}

}  // namespace npo
