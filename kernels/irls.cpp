#include "kernels/irls.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/elementary64.hpp"

namespace npo::irls {
namespace {

/// Sufficient decrease: this share of what the quadratic model promises (Armijo's rule).
constexpr double armijo = 1e-4;
constexpr int most_halvings = 30;
/// Differences of the objective below this share of it are rounding.
constexpr double rounding = 0x1p-48;
/// A Newton step that still moves some row's log-odds by this much where the gradient has vanished does so
/// for ever.
constexpr double endless_shift = 0.1;

double largest(std::span<const double> values) {
  double most = 0.0;
  for (const double value : values) most = std::max(most, std::fabs(value));
  return most;
}

double inner(std::span<const double> a, std::span<const double> b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum = std::fma(a[i], b[i], sum);
  return sum;
}

std::vector<double> moved(std::span<const double> from, std::span<const double> step, double length) {
  std::vector<double> to(from.begin(), from.end());
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = std::fma(length, step[i], to[i]);
  return to;
}

/// Newton's method at work: where it stands and the curvature there.
class Newton {
 public:
  Newton(Objective& objective, const FitSettings& settings, double total_weight, const ParallelFor& parallel)
      : objective_(objective),
        settings_(settings),
        total_weight_(total_weight),
        parallel_(parallel),
        curvature_(objective.size()),
        beta_(objective.size()) {}

  void start(double intercept) {
    beta_[0] = intercept;
    here_ = objective_.evaluate(beta_, &curvature_);
  }

  const std::vector<double>& beta() const { return beta_; }
  const Evaluation& here() const { return here_; }
  int halvings() const { return halvings_; }
  double gradient() const { return largest(here_.gradient); }
  bool flat() const { return gradient() <= settings_.tolerance * total_weight_; }

  /// Factors the curvature (which is used up) and finds the step. Returns the first lost pivot, or size()
  /// when all is well.
  std::size_t find_step() {
    const std::size_t bad = factor_cholesky(curvature_, parallel_);
    if (bad != curvature_.side()) return bad;
    step_ = solve_cholesky(curvature_, here_.gradient);
    for (double& entry : step_) entry = -entry;
    promised_ = -inner(step_, here_.gradient);
    return bad;
  }

  /// Goes along the step, halved until the objective falls. False when no length of it helps.
  bool take_step() {
    double length = 1.0;
    for (int halving = 0; halving <= most_halvings; ++halving, length *= 0.5) {
      const auto candidate = moved(beta_, step_, length);
      auto there = objective_.evaluate(candidate, halving == 0 ? &curvature_ : nullptr);
      const bool falls = there.objective <= here_.objective - armijo * length * promised_;
      const bool flatter =
          std::fabs(there.objective - here_.objective) <= noise() && largest(there.gradient) < gradient();
      if (falls || flatter) {
        if (halving != 0) there = objective_.evaluate(candidate, &curvature_);
        beta_ = candidate;
        here_ = std::move(there);
        return true;
      }
      if (!can_gain()) return false;
      ++halvings_;
    }
    return false;
  }

  /// Whether the step promises more than rounding.
  bool can_gain() const { return promised_ > noise(); }

  double shift_of_step() { return objective_.largest_shift(step_); }

 private:
  double noise() const { return rounding * std::fabs(here_.objective); }

  Objective& objective_;
  const FitSettings& settings_;
  double total_weight_;
  const ParallelFor& parallel_;
  SymmetricMatrix curvature_;
  std::vector<double> beta_, step_;
  Evaluation here_;
  double promised_ = 0.0;
  int halvings_ = 0;
};

/// Runs to the end; `fit` gets ending, iterations and a collinear column.
void iterate(Newton& newton, const FitSettings& settings, std::size_t size, Fit& fit,
             const std::function<void(int)>& each_iteration) {
  const bool free = settings.penalty.alpha == 0.0;
  while (fit.ending == Ending::iterations) {
    const bool flat = newton.flat();
    if (!flat && fit.iterations == settings.max_iterations) return;
    if (flat && !free) fit.ending = Ending::converged;
    if (flat && !free) return;
    if (const std::size_t bad = newton.find_step(); bad != size) {
      // A curvature that was definite at the start and no longer is has rows with probabilities of 0 and 1
      // alone.
      fit.ending = fit.iterations == 0 ? Ending::collinear : Ending::separated;
      fit.collinear_column = bad == 0 ? 0 : bad - 1;
      return;
    }
    if (flat) {
      fit.ending = newton.shift_of_step() > endless_shift ? Ending::separated : Ending::converged;
      return;
    }
    if (!newton.take_step()) fit.ending = newton.can_gain() ? Ending::stalled : Ending::converged;
    ++fit.iterations;
    if (each_iteration) each_iteration(fit.iterations);
  }
}

}  // namespace

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::converged:
      return "converged";
    case Ending::iterations:
      return "iterations";
    case Ending::separated:
      return "separated";
    case Ending::stalled:
      return "stalled";
    case Ending::collinear:
      return "collinear";
  }
  return "";
}

Fit fit_logistic(const RowSource& source, const std::vector<DesignColumn>& columns, std::uint64_t rows,
                 std::uint64_t positives, const FitSettings& settings, const ParallelFor& parallel,
                 const std::function<void(int)>& each_iteration) {
  const double yes = settings.penalty.class_weight[1] * static_cast<double>(positives);
  const double no = settings.penalty.class_weight[0] * static_cast<double>(rows - positives);
  Objective objective(source, columns, settings.penalty, parallel);
  Newton newton(objective, settings, yes + no, parallel);
  newton.start(elementary64::log(yes / no));
  Fit fit;
  fit.null_deviance = 2.0 * newton.here().loss;
  iterate(newton, settings, objective.size(), fit, each_iteration);
  fit.intercept = newton.beta()[0];
  fit.weights.assign(newton.beta().begin() + 1,
                     newton.beta().begin() + 1 + static_cast<std::ptrdiff_t>(columns.size()));
  fit.halvings = newton.halvings();
  fit.deviance = 2.0 * newton.here().loss;
  fit.gradient = newton.gradient();
  return fit;
}

}  // namespace npo::irls
