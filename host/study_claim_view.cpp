#include <algorithm>

#include "host/statistics.hpp"
#include "host/study_claim_cells.hpp"

namespace npo {
namespace {

/// Columns are stored as float32; what that rounding can move a mean by, relative to 1 or to the value.
constexpr double rounding = 1e-7;

/// Without a standard error, as of one replicate, the interval is unbounded.
double half_width_of(double z, double standard_error) {
  return std::isnan(standard_error) ? std::numeric_limits<double>::infinity() : z * standard_error;
}

}  // namespace

Verdict ClaimCell::verdict() const {
  const double slack = rounding * (std::isfinite(estimate) ? std::max(1.0, std::fabs(estimate)) : 1.0);
  if (std::isnan(estimate) || std::isnan(expected_low) || std::isnan(expected_high))
    return Verdict::undecided;
  if (high < expected_low - slack || low > expected_high + slack) return Verdict::fails;
  if (exact) return (high - low) / 2 <= resolution ? Verdict::holds : Verdict::undecided;
  return low >= expected_low - slack && high <= expected_high + slack ? Verdict::holds : Verdict::undecided;
}

double ClaimCell::room() const {
  const double half = std::max((high - low) / 2, rounding);
  const double room = std::min(estimate - expected_low, expected_high - estimate) / half;
  return std::isnan(room) ? std::numeric_limits<double>::infinity() : room;
}

ClaimView::ClaimView(const Study& study, const StudyResults& results, const StudyClaim& claim,
                     std::size_t intervals)
    : study_(study), results_(results), claim_(claim) {
  metric_ =
      static_cast<std::size_t>(std::ranges::find(results.metrics, claim.metric) - results.metrics.begin());
  const double each = (1.0 - claim.level) / static_cast<double>(std::max<std::size_t>(1, intervals));
  z_ = normal_quantile(1.0 - each / 2);
}

bool ClaimView::defined(std::uint64_t point, std::size_t checkpoint) const {
  return results_.count[results_.cell(point, checkpoint, metric_)] > 0;
}

Estimate ClaimView::measured(std::uint64_t point, std::size_t checkpoint) const {
  const std::size_t cell = results_.cell(point, checkpoint, metric_);
  return claim_.variance ? Estimate{results_.variance[cell], half_width_of(z_, results_.variance_error[cell])}
                         : Estimate{results_.mean[cell], half_width_of(z_, results_.standard_error[cell])};
}

Estimate ClaimView::difference(std::uint64_t a, std::uint64_t b, std::size_t checkpoint) const {
  const auto& baseline = results_.baseline_point;
  if (!claim_.variance && !baseline.empty() && (baseline[a] == b || baseline[b] == a)) {
    const bool forward = baseline[a] == b;
    const std::size_t cell = results_.cell(forward ? a : b, checkpoint, metric_);
    return {forward ? results_.difference[cell] : -results_.difference[cell],
            half_width_of(z_, results_.difference_error[cell])};
  }
  const Estimate left = measured(a, checkpoint), right = measured(b, checkpoint);
  return {left.value - right.value, left.half_width + right.half_width};
}

Estimate ClaimView::formula(const Expression& formula, std::uint64_t point, std::size_t checkpoint) const {
  // `moved` is the metric that stands one half-width higher.
  const auto evaluate = [&](const std::string& moved) {
    return formula.evaluate([&](const std::string& name) {
      if (name == "t") return static_cast<double>(results_.checkpoints[checkpoint]);
      if (name == "episodes") return static_cast<double>(study_.episodes);
      const auto found = std::ranges::find(results_.metrics, name);
      if (found == results_.metrics.end()) return study_.grid.value(point, name).get<double>();
      const std::size_t cell =
          results_.cell(point, checkpoint, static_cast<std::size_t>(found - results_.metrics.begin()));
      return results_.mean[cell] + (name == moved ? z_ * results_.standard_error[cell] : 0.0);
    });
  };
  Estimate result{evaluate({}), 0.0};
  for (const std::string& name : formula.names())
    if (std::ranges::find(results_.metrics, name) != results_.metrics.end()) {
      const double away = std::fabs(evaluate(name) - result.value);
      result.half_width += std::isnan(away) ? std::numeric_limits<double>::infinity() : away;
    }
  return result;
}

}  // namespace npo
