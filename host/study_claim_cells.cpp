#include "host/study_claim_cells.hpp"

#include <algorithm>

#include "kernels/elementary64.hpp"

namespace npo {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// By how many half-widths, also where they are infinite.
double moved(double count, double half_width) {
  return count == 0.0 ? 0.0 : count * half_width;
}

/// Makes the cells of one claim.
class CellMaker {
 public:
  CellMaker(const Study& study, const StudyResults& results, const StudyClaim& claim)
      : study_(study),
        claim_(claim),
        points_(study.grid.select(claim.where)),
        checkpoints_(claim.at.positions(study.checkpoints)),
        view_(study, results, claim, intervals()) {}

  std::vector<ClaimCell> make() {
    for (const std::uint64_t point : points_) {
      switch (claim_.kind) {
        case ClaimKind::slope:
          slope(point);
          break;
        case ClaimKind::lag:
        case ClaimKind::rebound:
          drift(point);
          break;
        default:
          for (const std::size_t checkpoint : checkpoints_)
            if (view_.defined(point, checkpoint)) single(point, checkpoint);
      }
    }
    return std::move(cells_);
  }

 private:
  /// Checkpoints at or after the episode of a drift.
  std::size_t first_after() const {
    const auto place = std::ranges::lower_bound(study_.checkpoints, claim_.after);
    return static_cast<std::size_t>(place - study_.checkpoints.begin());
  }

  std::size_t intervals() const {
    if (claim_.kind == ClaimKind::slope) return points_.size();
    if (claim_.kind == ClaimKind::lag || claim_.kind == ClaimKind::rebound)
      return points_.size() * (study_.checkpoints.size() - first_after() + 1);
    return points_.size() * checkpoints_.size();
  }

  void put(std::uint64_t point, std::size_t checkpoint, const Estimate& estimate, ClaimCell cell) {
    cell.point = point;
    cell.checkpoint = checkpoint;
    cell.estimate = estimate.value;
    cell.low = estimate.low();
    cell.high = estimate.high();
    cells_.push_back(cell);
  }

  double number(const std::optional<Expression>& formula, std::uint64_t point, std::size_t checkpoint,
                double otherwise) const {
    return formula ? view_.formula(*formula, point, checkpoint).value : otherwise;
  }

  void single(std::uint64_t point, std::size_t checkpoint) {
    ClaimCell cell;
    if (claim_.kind == ClaimKind::order) return order(point, checkpoint);
    Estimate estimate = view_.measured(point, checkpoint);
    if (claim_.kind == ClaimKind::equals) {
      const Estimate value = view_.formula(*claim_.value, point, checkpoint);
      const double tolerance = number(claim_.tolerance, point, checkpoint, 0.0);
      estimate.half_width += value.half_width;
      cell.expected_low = value.value - tolerance;
      cell.expected_high = value.value + tolerance;
      cell.exact = tolerance == 0.0;
      cell.resolution =
          number(claim_.resolution, point, checkpoint, std::max(0.05 * std::fabs(value.value), 0.005));
    } else {
      for (const auto& [formula, limit] :
           {std::pair{&claim_.low, &cell.expected_low}, std::pair{&claim_.high, &cell.expected_high}}) {
        if (!*formula) continue;
        const Estimate bound = view_.formula(**formula, point, checkpoint);
        *limit = bound.value;
        estimate.half_width += bound.half_width;
      }
    }
    put(point, checkpoint, estimate, cell);
  }

  void order(std::uint64_t point, std::size_t checkpoint) {
    const auto other = study_.grid.other(point, claim_.than);
    if (!other || *other == point || !view_.defined(*other, checkpoint)) return;
    const double margin = number(claim_.margin, point, checkpoint, 0.0);
    ClaimCell cell;
    (claim_.greater ? cell.expected_low : cell.expected_high) = claim_.greater ? margin : 0.0 - margin;
    put(point, checkpoint, view_.difference(point, *other, checkpoint), cell);
  }

  /// Least squares over ln t. Half-widths add up with the weights' absolute values: whatever the correlation
  /// of the checkpoints, the slope is no worse known than that.
  void slope(std::uint64_t point) {
    std::vector<double> x, y, half;
    for (const std::size_t checkpoint : checkpoints_) {
      if (!view_.defined(point, checkpoint)) continue;
      Estimate at = view_.measured(point, checkpoint);
      if (claim_.log && at.value <= 0.0) continue;
      if (claim_.log) at = {elementary64::log(at.value), at.half_width / at.value};
      x.push_back(elementary64::log(static_cast<double>(study_.checkpoints[checkpoint])));
      y.push_back(at.value);
      half.push_back(at.half_width);
    }
    if (x.size() < 2) return;
    double mean = 0.0, spread = 0.0;
    for (const double value : x) mean += value / static_cast<double>(x.size());
    for (const double value : x) spread += (value - mean) * (value - mean);
    Estimate slope{0.0, 0.0};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double weight = (x[i] - mean) / spread;
      slope.value += weight * y[i];
      if (weight != 0.0) slope.half_width += std::fabs(weight) * half[i];
    }
    ClaimCell cell;
    cell.expected_low = number(claim_.low, point, checkpoints_.back(), -infinity);
    cell.expected_high = number(claim_.high, point, checkpoints_.back(), infinity);
    put(point, checkpoints_.back(), slope, cell);
  }

  void drift(std::uint64_t point) {
    const std::size_t first = first_after(), count = study_.checkpoints.size();
    if (first == 0 || first == count || !view_.defined(point, first - 1)) return;
    const Estimate before = view_.measured(point, first - 1);
    ClaimCell cell;
    cell.point = point;
    if (claim_.kind == ClaimKind::rebound) {
      std::size_t top = first;
      for (std::size_t i = first; i < count; ++i)
        if (view_.measured(point, i).value > view_.measured(point, top).value) top = i;
      cell.expected_low = number(claim_.low, point, top, -infinity);
      cell.expected_high = number(claim_.high, point, top, infinity);
      const Estimate after = view_.measured(point, top);
      return put(point, top, {after.value - before.value, after.half_width + before.half_width}, cell);
    }
    const double limit = before.value + number(claim_.margin, point, first, 0.0);
    const auto lag = [&](double sign) {  // -1: as early as the intervals allow, +1: as late
      std::size_t back = count;
      for (std::size_t i = count; i-- > first;) {
        const Estimate here = view_.measured(point, i);
        if (here.value + moved(sign, here.half_width) > limit - moved(sign, before.half_width)) break;
        back = i;
      }
      return back == count ? infinity : static_cast<double>(study_.checkpoints[back]) - claim_.after + 1;
    };
    cell.estimate = lag(0.0);
    cell.low = lag(-1.0);
    cell.high = lag(1.0);
    cell.checkpoint = count - 1;
    cell.expected_high = number(claim_.high, point, first, infinity);
    cells_.push_back(cell);
  }

  const Study& study_;
  const StudyClaim& claim_;
  std::vector<std::uint64_t> points_;
  std::vector<std::size_t> checkpoints_;
  ClaimView view_;
  std::vector<ClaimCell> cells_;
};

}  // namespace

std::vector<ClaimCell> claim_cells(const Study& study, const StudyResults& results, const StudyClaim& claim) {
  return CellMaker(study, results, claim).make();
}

}  // namespace npo
