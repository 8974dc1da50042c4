#include <algorithm>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/panel_mass.hpp"
#include "kernels/thompson.hpp"

/// P(theta_k is the largest) = integral of f_k(x) times the product of F_j(x) over j != k. Densities and
/// distribution functions share the nodes: F_j is the running integral of f_j, and the integral of f_j over
/// all panels is what normalises it.
namespace npo {
namespace {

/// Walks the panels from left to right and adds up the probabilities.
class Sweep {
 public:
  Sweep(std::span<const BetaDensity> arms, std::span<const double> scale, std::span<double> probability)
      : arms_(arms),
        scale_(scale),
        probability_(probability),
        below_(arms.size(), 0.0),
        masses_(arms.size()),
        counts_(arms.size()),
        above_(arms.size()) {}

  void over(const Panel& panel) {
    evaluate(panel);
    if (product_at_end() < negligible_product) return advance();
    if (product_varies()) {
      const auto [left, right] = panel.halves();
      over(left);
      return over(right);
    }
    accumulate(panel);
    advance();
  }

 private:
  /// Where the product of all distribution functions is below this, so is everything the panel could add.
  static constexpr double negligible_product = 1e-13;
  /// Greatest ratio of the product between the ends of a panel (e^3).
  static constexpr double greatest_growth = 20.0;

  void evaluate(const Panel& panel) {
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      counts_[k] = counts_on(panel, arms_[k]);
      if (counts_[k]) masses_[k] = mass_on(panel, arms_[k], scale_[k]);
    }
  }

  double cdf(std::size_t k, std::size_t node) const {
    return counts_[k] ? std::max(0.0, below_[k] + masses_[k].to_node[node]) : below_[k];
  }

  double product_at_end() const {
    double product = 1.0;
    for (std::size_t k = 0; k < arms_.size(); ++k)
      product *= below_[k] + (counts_[k] ? masses_[k].whole : 0.0);
    return product;
  }

  bool product_varies() const {
    double first = 1.0, last = 1.0;
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      first *= cdf(k, 0);
      last *= cdf(k, legendre_nodes - 1);
    }
    return last > greatest_growth * first && last > negligible_product;
  }

  /// probability[k] += integral of f_k times the product of the others, by products from both sides.
  void accumulate(const Panel& panel) {
    NodeValues product;
    product.fill(1.0);
    for (std::size_t k = arms_.size(); k-- > 0;) {
      above_[k] = product;
      for (std::size_t i = 0; i < legendre_nodes; ++i) product[i] *= cdf(k, i);
    }
    product.fill(1.0);
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      if (counts_[k]) {
        NodeValues integrand;
        for (std::size_t i = 0; i < legendre_nodes; ++i)
          integrand[i] = masses_[k].density[i] * (product[i] * above_[k][i]);
        probability_[k] += weigh(panel, integrand);
      }
      for (std::size_t i = 0; i < legendre_nodes; ++i) product[i] *= cdf(k, i);
    }
  }

  void advance() {
    for (std::size_t k = 0; k < arms_.size(); ++k)
      if (counts_[k]) below_[k] += masses_[k].whole;
  }

  std::span<const BetaDensity> arms_;
  std::span<const double> scale_;
  std::span<double> probability_;
  std::vector<double> below_;  ///< mass left of the panel
  std::vector<PanelMass> masses_;
  std::vector<char> counts_;
  std::vector<NodeValues> above_;
};

}  // namespace

void arm_probabilities(std::span<const double> shape_a, std::span<const double> shape_b,
                       std::span<double> probability) {
  if (shape_a.size() != shape_b.size() || shape_a.size() != probability.size())
    throw Error(ErrorKind::internal, "arm probabilities need as many shapes as results",
                "report this as a bug");
  const std::vector<BetaDensity> arms = beta_densities(shape_a, shape_b);
  const std::vector<Panel> panels = panels_for(arms);
  const std::vector<double> scale = density_scales(arms, panels);
  std::fill(probability.begin(), probability.end(), 0.0);
  Sweep sweep(arms, scale, probability);
  for (const Panel& panel : panels) sweep.over(panel);
}

}  // namespace npo
