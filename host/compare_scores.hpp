#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/evaluation_rows.hpp"
#include "host/run_context.hpp"
#include "host/score_metrics.hpp"

/// Two sets of scores or decisions about the same rows, compared row by row: replicates of both count every
/// row equally often, so what they share cancels.
namespace npo {

/// One metric of both, and second minus first.
struct Difference {
  std::string name;
  std::optional<double> first, second, value;
  std::optional<Interval> interval;  ///< of the difference
  std::optional<double> p;           ///< two-sided, of no difference: normal, from the difference's spread
  std::string reason;                ///< why something is missing
  std::string method = {};           ///< "paired bootstrap", "paired delong"
};

struct ComparedGroup {
  std::string name;
  std::uint64_t rows = 0;
  std::vector<Difference> differences;
  bool differs = false;  ///< after Benjamini-Hochberg, by the metric that groups are compared by
  const Difference* find(std::string_view metric) const;
};

struct ComparedGrouping {
  std::string column;
  std::vector<ComparedGroup> groups;
  std::size_t tested = 0, differing = 0;
};

struct CompareOptions {
  MetricSettings settings;
  std::string metric;  ///< groups are compared by; empty: f1 where there are decisions, auroc where not
  double fdr = 0.05;   ///< greatest expected share of false ones among the groups that are said to differ
};

struct Comparison {
  ComparedGroup total;
  std::vector<ComparedGrouping> groupings;
  std::string metric;
  double fdr = 0.05, level = 0.95;
  bool clustered = false;
  std::uint64_t left_out = 0;  ///< nights that only one of both has
};

/// More samples of a group beside those of scores: `grouping` counts from 0, or is `whole` for all rows.
struct MoreSamples {
  static constexpr std::size_t whole = ~std::size_t{0};
  std::function<std::vector<MetricSample>(bool second, std::size_t grouping, std::size_t group)> of;
};

/// Compares; row i of both is the same row. Error(bad_data) names the first row whose label, group or cluster
/// differs, Error(usage) an unknown metric.
Comparison compare_scores(const KnownRows& first, const KnownRows& second, const CompareOptions& options,
                          const MoreSamples& more, const RunContext& context);

nlohmann::json to_json(const Comparison& comparison);
std::string to_text(const Comparison& comparison);

}  // namespace npo
