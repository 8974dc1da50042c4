#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "host/bootstrap_engine.hpp"
#include "host/ope_intervals.hpp"
#include "kernels/poisson_bootstrap.hpp"

namespace npo {
namespace {

enum class Part { direct, numerator, denominator, reward, one };

/// The columns that the bootstrap adds up: each distinct one once.
class TotalColumns {
 public:
  explicit TotalColumns(const OpeRows& rows) : rows_(rows) {}

  std::size_t add(const OpeEstimate& estimate, Part part) {
    const OpeTermMaker term_of{estimate.estimator,
                               estimate.parameter.value_or(harmless_parameter(estimate.estimator))};
    std::vector<double> values(rows_.rows());
    const OpeColumns columns = rows_.columns();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const OpeTerm term = term_of(columns.row(i));
      values[i] = part == Part::direct      ? term.direct
                  : part == Part::numerator ? term.numerator
                                            : term.denominator;
    }
    return add(values);
  }
  std::size_t add(const std::vector<double>& values) {
    const int bits = fraction_bits(values);
    std::vector<std::int64_t> column = to_bootstrap_column(values, bits);
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (bits_[c] == bits && columns_[c] == column) return c;
    columns_.push_back(std::move(column));
    bits_.push_back(bits);
    return columns_.size() - 1;
  }

  std::size_t count() const { return columns_.size(); }
  BootstrapUnits units() const {
    BootstrapUnits units;
    units.key = rows_.cluster;
    units.units = rows_.rows();
    for (const auto& column : columns_) units.columns.emplace_back(column);
    return units;
  }
  double scale(std::size_t column) const { return std::ldexp(1.0, -bits_[column]); }

 private:
  /// As many as keep 30 bits of the largest value and the sum below 2^57; none for whole numbers.
  static int fraction_bits(const std::vector<double>& values) {
    double largest = 0.0, sum = 0.0;
    bool whole = true;
    for (const double value : values) {
      largest = std::max(largest, std::fabs(value));
      sum += std::fabs(value);
      whole = whole && value == std::floor(value);
    }
    if (largest == 0.0 || (whole && sum < 0x1p50)) return 0;
    return std::min(30 - std::ilogb(largest), 56 - std::ilogb(sum));
  }

  const OpeRows& rows_;
  std::vector<std::vector<std::int64_t>> columns_;
  std::vector<int> bits_;
};

/// Where the totals of one estimate stand.
struct Places {
  std::size_t direct, numerator, denominator;
};

class Replicates {
 public:
  Replicates(const BootstrapSums& sums, const TotalColumns& columns) : sums_(sums), columns_(columns) {}
  double total(std::size_t column, std::size_t b) const {
    return static_cast<double>(sums_.replicates(0, column)[b]) * columns_.scale(column);
  }
  std::size_t count() const { return sums_.plan().replicates; }

 private:
  const BootstrapSums& sums_;
  const TotalColumns& columns_;
};

OpeInterval interval_of(const std::vector<double>& replicates, double value, double acceleration,
                        double level) {
  OpeInterval interval;
  interval.ends = bca_interval(replicates, value, acceleration, level);
  if (!interval.ends) interval.ends = percentile_interval(replicates, level);
  if (!interval.ends) interval.reason = "too few replicates have a value";
  return interval;
}

}  // namespace

OpeInterval add_bootstrap(const OpeRows& rows, const OpeIntervalOptions& options, double logged,
                          std::vector<OpeEstimate>& estimates, const RunContext& context) {
  const OpeInterval nothing{std::nullopt, "no bootstrap was asked for"};
  if (options.replicates < least_replicates) {
    for (OpeEstimate& estimate : estimates) estimate.bootstrap = estimate.gain = nothing;
    return nothing;
  }
  TotalColumns columns(rows);
  const std::size_t ones = columns.add(std::vector<double>(rows.rows(), 1.0)),
                    reward = columns.add(rows.reward);
  std::map<std::size_t, Places> places;
  for (std::size_t e = 0; e < estimates.size(); ++e)
    if (estimates[e].value)
      places[e] = {columns.add(estimates[e], Part::direct), columns.add(estimates[e], Part::numerator),
                   columns.add(estimates[e], Part::denominator)};

  BootstrapPlan plan;
  plan.seed = context.seed;
  plan.replicates = static_cast<std::uint32_t>(options.replicates);
  plan.columns = columns.count();
  BootstrapSums sums(plan);
  FoldedClusters folded;
  if (rows.groups) folded = fold_clusters(columns.units());
  BootstrapEngine(context).add(sums, rows.groups ? folded.units() : columns.units());

  const Replicates replicates(sums, columns);
  std::vector<double> means;
  for (std::size_t b = 0; b < replicates.count(); ++b)
    means.push_back(replicates.total(ones, b) > 0.0 ? replicates.total(reward, b) / replicates.total(ones, b)
                                                    : std::numeric_limits<double>::quiet_NaN());
  for (const auto& [e, place] : places) {
    std::vector<double> values, gains;
    for (std::size_t b = 0; b < replicates.count(); ++b) {
      const double n = replicates.total(ones, b), denominator = replicates.total(place.denominator, b);
      const bool defined = n > 0.0 && denominator > 0.0;
      const double value =
          defined ? replicates.total(place.direct, b) / n + replicates.total(place.numerator, b) / denominator
                  : std::numeric_limits<double>::quiet_NaN();
      values.push_back(value);
      gains.push_back(value - means[b]);
    }
    OpeEstimate& estimate = estimates[e];
    estimate.bootstrap = interval_of(values, *estimate.value, estimate.acceleration, options.level);
    estimate.gain = interval_of(gains, *estimate.value - logged, 0.0, options.level);
  }
  return interval_of(means, logged, 0.0, options.level);
}

}  // namespace npo
