#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/calibration.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

constexpr double logit_margin = 1e-6;
constexpr int most_iterations = 100;
constexpr int most_halvings = 40;
/// A loss may rise by this share between two steps: so far its sum is rounded.
constexpr double rounding = 1e-13;

/// Sums over rows at one (intercept, slope): the loss, its gradient and its second derivatives.
struct LineSums {
  double loss = 0.0;
  double g0 = 0.0, g1 = 0.0;
  double h00 = 0.0, h01 = 0.0, h11 = 0.0;
  LineSums& operator+=(const LineSums& other) {
    loss += other.loss;
    g0 += other.g0, g1 += other.g1;
    h00 += other.h00, h01 += other.h01, h11 += other.h11;
    return *this;
  }
};

struct Line {
  double intercept, slope;
};

/// Rows as the fit sees them.
class CalibrationFit {
 public:
  CalibrationFit(const CalibrationRows& rows, const ParallelFor& parallel)
      : rows_(rows),
        parallel_(parallel),
        logit_(rows.score.size()),
        tiles_((rows.score.size() + tile_rows - 1) / tile_rows) {
    parallel_(tiles_.size(), [&](std::size_t tile) {
      for (std::size_t i = tile * tile_rows; i < tile_end(tile); ++i)
        logit_[i] = elementary64::logit(std::clamp<double>(rows_.score[i], logit_margin, 1.0 - logit_margin));
    });
  }

  /// Whether a finite maximum exists: scores of the two classes must overlap.
  bool classes_overlap() const {
    const double inf = std::numeric_limits<double>::infinity();
    double least[2] = {inf, inf}, largest[2] = {-inf, -inf};
    for (std::size_t i = 0; i < logit_.size(); ++i) {
      if (weight(i) == 0.0) continue;
      least[rows_.label[i]] = std::min(least[rows_.label[i]], logit_[i]);
      largest[rows_.label[i]] = std::max(largest[rows_.label[i]], logit_[i]);
    }
    const bool both = least[0] <= largest[0] && least[1] <= largest[1];
    return both && largest[0] > least[1] && largest[1] > least[0];
  }

  LineSums at(const Line& line) {
    parallel_(tiles_.size(), [&](std::size_t tile) { tiles_[tile] = tile_sums(line, tile); });
    LineSums sums;
    for (const LineSums& tile : tiles_) sums += tile;
    return sums;
  }

 private:
  std::size_t tile_end(std::size_t tile) const { return std::min(logit_.size(), (tile + 1) * tile_rows); }
  double weight(std::size_t i) const {
    if (rows_.label[i] > 1) return 0.0;
    return rows_.weight.empty() ? 1.0 : rows_.weight[i];
  }
  LineSums tile_sums(const Line& line, std::size_t tile) const {
    LineSums sums;
    for (std::size_t i = tile * tile_rows; i < tile_end(tile); ++i) {
      const double w = weight(i);
      if (w == 0.0) continue;
      const double x = logit_[i], eta = line.intercept + line.slope * x, p = elementary64::sigmoid(eta);
      const double against = rows_.label[i] == 1 ? -eta : eta;  // the loss is log(1 + e^against)
      sums.loss += w * (std::max(against, 0.0) + elementary64::log1p(elementary64::exp(-std::abs(against))));
      const double gap = w * (p - rows_.label[i]), curve = w * (p * (1.0 - p));
      sums.g0 += gap;
      sums.g1 += gap * x;
      sums.h00 += curve;
      sums.h01 += curve * x;
      sums.h11 += curve * x * x;
    }
    return sums;
  }

  const CalibrationRows& rows_;
  const ParallelFor& parallel_;
  std::vector<double> logit_;
  std::vector<LineSums> tiles_;
};

}  // namespace

std::optional<CalibrationLine> fit_calibration(const CalibrationRows& rows, const ParallelFor& parallel) {
  CalibrationFit fit(rows, parallel);
  if (!fit.classes_overlap()) return std::nullopt;
  Line line{0.0, 1.0};
  LineSums sums = fit.at(line);
  CalibrationLine result;
  for (; result.iterations < most_iterations; ++result.iterations) {
    const double determinant = sums.h00 * sums.h11 - sums.h01 * sums.h01;
    if (!(determinant > 0.0)) return std::nullopt;
    double d0 = (sums.h11 * sums.g0 - sums.h01 * sums.g1) / determinant;
    double d1 = (sums.h00 * sums.g1 - sums.h01 * sums.g0) / determinant;
    const double scale = 1e-12 * (1.0 + std::abs(line.intercept) + std::abs(line.slope));
    if (std::abs(d0) <= scale && std::abs(d1) <= scale) break;
    Line next{line.intercept - d0, line.slope - d1};
    LineSums at_next = fit.at(next);
    int halvings = 0;
    while (at_next.loss > sums.loss * (1.0 + rounding) && halvings++ < most_halvings) {
      d0 *= 0.5, d1 *= 0.5;
      next = {line.intercept - d0, line.slope - d1};
      at_next = fit.at(next);
    }
    if (at_next.loss > sums.loss * (1.0 + rounding)) break;  // no step helps by more than rounding
    line = next;
    sums = at_next;
  }
  const double determinant = sums.h00 * sums.h11 - sums.h01 * sums.h01;
  if (!(determinant > 0.0)) return std::nullopt;
  result.slope = line.slope;
  result.intercept = line.intercept;
  result.slope_error = std::sqrt(sums.h00 / determinant);
  result.intercept_error = std::sqrt(sums.h11 / determinant);
  return result;
}

}  // namespace npo
