#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/ope_rows.hpp"

namespace npo {

/// How the weight of a log is spread over its rows.
struct WeightSummary {
  double mean = 0.0;        ///< 1 in expectation
  double mean_error = 0.0;  ///< its standard error, by clusters where there are some
  double largest = 0.0;
  double effective_rows = 0.0;               ///< Kish: (sum w)^2 / sum w^2; 0 where all weights are
  std::optional<double> effective_clusters;  ///< the same of cluster totals
  double top_share = 0.0;                    ///< share of the weight that the ten heaviest rows carry
  std::uint64_t zero = 0;                    ///< rows that the target could not have produced
  double effective_units() const { return effective_clusters.value_or(effective_rows); }
};
/// Weights above `clip` count as `clip`.
WeightSummary summarise_weights(const OpeRows& rows, double clip);
nlohmann::json to_json(const WeightSummary& summary);

/// Rows by weight: bin k holds weights in [2^(k + first), 2^(k + first + 1)), weights of 0 stand apart.
struct WeightHistogram {
  int first = 0;
  std::vector<std::uint64_t> rows;
  std::vector<double> weight;  ///< sums by bin
  std::uint64_t zero = 0;
};
WeightHistogram weight_histogram(const OpeRows& rows);

/// Heaviest rows that a summary looks at.
inline constexpr std::size_t top_rows = 10;

struct OverlapGate {
  double min_ess = 50.0;           ///< least effective rows, or clusters
  double most_top_share = 0.5;     ///< of the weight in the ten heaviest rows, where there are more than 100
  double most_unsupported = 0.01;  ///< target probability on actions that the log could not show
  double most_deviations = 4.0;    ///< of the mean weight from 1, in standard errors
};

/// Why the log cannot carry the answer; empty: it can. `raw` are the weights as they are, `used` those that
/// the estimates rest on.
std::vector<std::string> find_overlap_faults(const OpeRows& rows, const WeightSummary& raw,
                                             const WeightSummary& used, const OverlapGate& gate);

}  // namespace npo
