#include "kernels/rank_probability.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/panel_mass.hpp"

/// P(arm k is (j + 1)-th) = integral of f_k(x) times the coefficient of z^j in the product over i != k of
/// F_i(x) + (1 - F_i(x)) z. The products without one factor come from products of all factors before and all
/// factors behind it: nothing is ever divided out.
namespace npo {
namespace {

/// Laws of the number of arms above a node, [position][node], cut off behind the last position asked for.
using Law = std::vector<NodeValues>;

class RankSweep {
 public:
  RankSweep(std::span<const BetaDensity> arms, std::span<const double> scale, int positions,
            std::span<double> probability)
      : arms_(arms),
        scale_(scale),
        positions_(static_cast<std::size_t>(positions)),
        probability_(probability),
        below_(arms.size(), 0.0),
        masses_(arms.size()),
        counts_(arms.size()),
        behind_(arms.size(), Law(positions_)) {}

  void over(const Panel& panel) { refine(panel, terms_on(panel, below_), 0); }

 private:
  /// What one panel adds, and the masses below its end.
  struct Terms {
    std::vector<double> probability;  ///< as the result
    std::vector<double> below_end;    ///< [arms]
  };

  /// Halves of a panel are taken instead of the panel where they disagree by more than this.
  static constexpr double tolerance = 1e-11;
  static constexpr int most_halvings = 40;
  /// Where the chance that so few arms lie above is smaller, so is everything the panel could add.
  static constexpr double negligible = 1e-14;

  void refine(const Panel& panel, const Terms& whole, int depth) {
    const auto [left, right] = panel.halves();
    const Terms first = terms_on(left, below_), second = terms_on(right, first.below_end);
    double difference = 0.0;
    for (std::size_t i = 0; i < whole.probability.size(); ++i)
      difference = std::max(difference,
                            std::fabs(whole.probability[i] - (first.probability[i] + second.probability[i])));
    if (difference <= tolerance || depth == most_halvings) {
      for (std::size_t i = 0; i < probability_.size(); ++i)
        probability_[i] += first.probability[i] + second.probability[i];
      below_ = second.below_end;
      return;
    }
    refine(left, first, depth + 1);
    refine(right, terms_on(right, below_), depth + 1);
  }

  Terms terms_on(const Panel& panel, std::span<const double> below) {
    Terms terms{std::vector<double>(probability_.size(), 0.0), {below.begin(), below.end()}};
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      counts_[k] = counts_on(panel, arms_[k]);
      if (!counts_[k]) continue;
      masses_[k] = mass_on(panel, arms_[k], scale_[k]);
      terms.below_end[k] += masses_[k].whole;
    }
    if (chance_of_few_above(terms.below_end) >= negligible) accumulate(panel, below, terms.probability);
    return terms;
  }

  /// P(fewer arms than there are positions lie above), given the masses below a point.
  double chance_of_few_above(std::span<const double> below) const {
    std::vector<double> law(positions_, 0.0);
    law[0] = 1.0;
    for (const double mass : below) {
      const double under = std::clamp(mass, 0.0, 1.0);
      for (std::size_t j = positions_; j-- > 0;)
        law[j] = law[j] * under + (j > 0 ? law[j - 1] * (1.0 - under) : 0.0);
    }
    double sum = 0.0;
    for (const double term : law) sum += term;
    return sum;
  }

  NodeValues cdf(std::size_t k, std::span<const double> below) const {
    NodeValues values;
    for (std::size_t i = 0; i < legendre_nodes; ++i)
      values[i] = std::clamp(counts_[k] ? below[k] + masses_[k].to_node[i] : below[k], 0.0, 1.0);
    return values;
  }

  Law nobody() const {
    Law law(positions_);
    for (NodeValues& row : law) row.fill(0.0);
    law[0].fill(1.0);
    return law;
  }

  /// law <- law with one more arm.
  void include(const NodeValues& under, Law& law) const {
    for (std::size_t j = positions_; j-- > 0;)
      for (std::size_t i = 0; i < legendre_nodes; ++i)
        law[j][i] = law[j][i] * under[i] + (j > 0 ? law[j - 1][i] * (1.0 - under[i]) : 0.0);
  }

  void accumulate(const Panel& panel, std::span<const double> below, std::span<double> probability) {
    Law law = nobody();
    for (std::size_t k = arms_.size(); k-- > 0;) {
      behind_[k] = law;
      include(cdf(k, below), law);
    }
    law = nobody();
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      if (counts_[k])
        for (std::size_t j = 0; j < positions_; ++j)
          probability[k * positions_ + j] += weigh(panel, integrand(k, j, law));
      include(cdf(k, below), law);
    }
  }

  /// f_k times the chance that exactly j of the others lie above.
  NodeValues integrand(std::size_t k, std::size_t j, const Law& before) const {
    NodeValues values;
    values.fill(0.0);
    for (std::size_t m = 0; m <= j; ++m)
      for (std::size_t i = 0; i < legendre_nodes; ++i)
        values[i] = __builtin_fma(before[m][i], behind_[k][j - m][i], values[i]);
    for (std::size_t i = 0; i < legendre_nodes; ++i) values[i] *= masses_[k].density[i];
    return values;
  }

  std::span<const BetaDensity> arms_;
  std::span<const double> scale_;
  std::size_t positions_;
  std::span<double> probability_;
  std::vector<double> below_;  ///< mass left of the panel
  std::vector<PanelMass> masses_;
  std::vector<char> counts_;
  std::vector<Law> behind_;  ///< [arms] law of the arms behind
};

}  // namespace

void rank_probabilities(std::span<const double> shape_a, std::span<const double> shape_b, int positions,
                        std::span<double> probability) {
  const std::size_t arms = shape_a.size();
  if (positions < 1 || positions > max_positions || static_cast<std::size_t>(positions) > arms ||
      shape_b.size() != arms || probability.size() != arms * static_cast<std::size_t>(positions))
    throw Error(ErrorKind::internal, "rank probabilities need 1 to 32 positions, at most one for each arm",
                "report this as a bug");
  const std::vector<BetaDensity> densities = beta_densities(shape_a, shape_b);
  const std::vector<Panel> panels = panels_for(densities);
  const std::vector<double> scale = density_scales(densities, panels);
  std::fill(probability.begin(), probability.end(), 0.0);
  RankSweep sweep(densities, scale, positions, probability);
  for (const Panel& panel : panels) sweep.over(panel);
}

}  // namespace npo
