#include "kernels/panel_mass.hpp"

#include <string>

#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

NodeValues density_at_nodes(const Panel& panel, const BetaDensity& arm, double scale) {
  NodeValues density;
  for (int i = 0; i < legendre_nodes; ++i)
    density[static_cast<std::size_t>(i)] = scale * elementary64::exp(arm.log_ratio(panel.node(i)));
  return density;
}

}  // namespace

bool counts_on(const Panel& panel, const BetaDensity& arm) {
  return arm.greatest_log_ratio(panel.left(), panel.right()) >= negligible_log_ratio;
}

double weigh(const Panel& panel, const NodeValues& values) {
  double sum = 0.0;
  for (std::size_t i = 0; i < legendre_nodes; ++i)
    sum = __builtin_fma(legendre_rule.weight[i], values[i], sum);
  return 0.5 * panel.width() * sum;
}

PanelMass mass_on(const Panel& panel, const BetaDensity& arm, double scale) {
  PanelMass mass{density_at_nodes(panel, arm, scale), {}, 0.0};
  const double half_width = 0.5 * panel.width();
  for (std::size_t j = 0; j < legendre_nodes; ++j) {
    const double value = half_width * mass.density[j];
    for (std::size_t i = 0; i < legendre_nodes; ++i)
      mass.to_node[i] = __builtin_fma(legendre_rule.to_node[j][i], value, mass.to_node[i]);
  }
  mass.whole = weigh(panel, mass.density);
  return mass;
}

std::vector<BetaDensity> beta_densities(std::span<const double> shape_a, std::span<const double> shape_b) {
  std::vector<BetaDensity> arms;
  for (std::size_t k = 0; k < shape_a.size(); ++k) {
    for (const double shape : {shape_a[k], shape_b[k]}) {
      if (!(shape >= 1.0 && shape <= 1e9)) {
        throw Error(ErrorKind::internal,
                    "arm " + std::to_string(k) + " has a Beta shape of " + std::to_string(shape) +
                        ", outside [1, 1e9]",
                    "report this as a bug");
      }
    }
    arms.emplace_back(shape_a[k], shape_b[k]);
  }
  return arms;
}

std::vector<double> density_scales(std::span<const BetaDensity> arms, std::span<const Panel> panels) {
  std::vector<double> scale(arms.size(), 0.0);
  for (const Panel& panel : panels) {
    for (std::size_t k = 0; k < arms.size(); ++k)
      if (counts_on(panel, arms[k])) scale[k] += weigh(panel, density_at_nodes(panel, arms[k], 1.0));
  }
  for (double& mass : scale) mass = 1.0 / mass;
  return scale;
}

}  // namespace npo
