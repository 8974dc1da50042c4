#include "host/ope_overlap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace npo {
namespace {

struct WeightSums {
  double sum = 0.0, squares = 0.0;
  void add(double weight) {
    sum += weight;
    squares = __builtin_fma(weight, weight, squares);
  }
  void merge(const WeightSums& later) {
    sum += later.sum;
    squares += later.squares;
  }
  double effective() const { return squares > 0.0 ? sum * sum / squares : 0.0; }
};

/// A power of two that brings the largest weight near 1 where its square would overflow; else 1, which
/// changes no bit.
double scale_of(double largest) {
  return largest > 0x1p500 ? std::ldexp(1.0, -std::ilogb(largest)) : 1.0;
}

/// Added tile by tile, in order, each times `scale`.
WeightSums add_up(const OpeRows& rows, double clip, double scale) {
  WeightSums all;
  for (std::size_t first = 0; first < rows.rows(); first += tile_rows) {
    WeightSums tile;
    for (std::size_t i = first; i < std::min(first + tile_rows, rows.rows()); ++i)
      tile.add(std::min(rows.weight[i], clip) * scale);
    all.merge(tile);
  }
  return all;
}

/// Exponent of a weight; one that is not finite lies above all that are, so that a histogram stays small.
int bin_of(double weight) {
  return std::isfinite(weight) ? std::ilogb(weight) : std::numeric_limits<double>::max_exponent;
}

/// Standard error of the mean of units of which `sums` are known.
double error_of_mean(const WeightSums& sums, double units, double rows) {
  if (units < 2.0) return 0.0;
  const double variance = std::max(0.0, sums.squares - sums.sum * sums.sum / units) * units / (units - 1.0);
  return std::sqrt(variance) / rows;
}

}  // namespace

WeightSummary summarise_weights(const OpeRows& rows, double clip) {
  const double n = static_cast<double>(rows.rows());
  std::vector<double> heaviest(std::min(top_rows, rows.rows()));
  std::partial_sort_copy(rows.weight.begin(), rows.weight.end(), heaviest.begin(), heaviest.end(),
                         std::greater<>());
  WeightSummary summary;
  summary.largest = std::min(heaviest.front(), clip);
  const double scale = scale_of(summary.largest);
  const WeightSums sums = add_up(rows, clip, scale);
  summary.mean = sums.sum / n / scale;
  summary.mean_error = error_of_mean(sums, n, n) / scale;
  summary.effective_rows = sums.effective();
  if (rows.groups) {
    std::vector<double> total(rows.groups, 0.0);
    std::vector<std::uint64_t> size(rows.groups, 0);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      total[rows.group[i]] += std::min(rows.weight[i], clip) * scale;
      ++size[rows.group[i]];
    }
    WeightSums clusters, excess;
    for (std::size_t g = 0; g < rows.groups; ++g) {
      clusters.add(total[g]);
      excess.add(total[g] - static_cast<double>(size[g]) * scale);
    }
    summary.effective_clusters = clusters.effective();
    summary.mean_error = error_of_mean(excess, static_cast<double>(rows.groups), n) / scale;
  }
  double top = 0.0;
  for (const double weight : heaviest) top += std::min(weight, clip) * scale;
  summary.top_share = sums.sum > 0.0 ? top / sums.sum : 0.0;
  summary.zero = static_cast<std::uint64_t>(std::count(rows.weight.begin(), rows.weight.end(), 0.0));
  return summary;
}

nlohmann::json to_json(const WeightSummary& summary) {
  nlohmann::json json{{"mean", summary.mean},
                      {"mean_standard_error", summary.mean_error},
                      {"largest", summary.largest},
                      {"effective_sample_size", summary.effective_rows},
                      {"top_10_share", summary.top_share},
                      {"zero", summary.zero}};
  if (summary.effective_clusters) json["effective_clusters"] = *summary.effective_clusters;
  return json;
}

WeightHistogram weight_histogram(const OpeRows& rows) {
  WeightHistogram histogram;
  int least = 0, most = 0;
  bool any = false;
  for (const double weight : rows.weight) {
    if (weight == 0.0) {
      ++histogram.zero;
      continue;
    }
    const int bin = bin_of(weight);
    least = any ? std::min(least, bin) : bin;
    most = any ? std::max(most, bin) : bin;
    any = true;
  }
  if (!any) return histogram;
  histogram.first = least;
  histogram.rows.assign(static_cast<std::size_t>(most - least + 1), 0);
  histogram.weight.assign(histogram.rows.size(), 0.0);
  for (const double weight : rows.weight) {
    if (weight == 0.0) continue;
    const auto bin = static_cast<std::size_t>(bin_of(weight) - least);
    ++histogram.rows[bin];
    histogram.weight[bin] += weight;
  }
  return histogram;
}

std::vector<std::string> find_overlap_faults(const OpeRows& rows, const WeightSummary& raw,
                                             const WeightSummary& used, const OverlapGate& gate) {
  std::vector<std::string> faults;
  const char* units = rows.groups ? "clusters" : "rows";
  if (raw.largest == 0.0) {
    faults.push_back("the target never takes an action that was logged: every weight is 0");
    return faults;
  }
  if (rows.unsupported && *rows.unsupported > gate.most_unsupported)
    faults.push_back(fmt::format(
        "with probability {:.3g} the target does what the log could not show{}", *rows.unsupported,
        rows.unsupported_action.empty() ? ""
                                        : fmt::format(", most often action {}", rows.unsupported_action)));
  if (used.effective_units() < gate.min_ess)
    faults.push_back(
        fmt::format("the {} {} are worth {:.1f} independent ones to this target, fewer than {:g} (--min-ess)",
                    rows.units(), units, used.effective_units(), gate.min_ess));
  if (rows.rows() > 10 * top_rows && used.top_share > gate.most_top_share)
    faults.push_back(fmt::format("ten rows carry {:.0f} % of the weight", 100.0 * used.top_share));
  const double apart = std::fabs(raw.mean - 1.0);
  if (apart > gate.most_deviations * raw.mean_error && apart > 1e-6)
    faults.push_back(
        fmt::format("the mean weight is {:.4g}, {:.1f} standard errors from 1: the propensities are "
                    "not those of this log, or the target does what the log never shows",
                    raw.mean, apart / raw.mean_error));
  return faults;
}

}  // namespace npo
