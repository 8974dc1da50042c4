#include "kernels/quadrature_panel.hpp"

#include "kernels/elementary64.hpp"

namespace npo {
namespace {

/// How much of an arm's shape one panel may hold.
struct Resolution {
  double curvature;  ///< greatest width^2 times curvature
  double slope;      ///< greatest width times slope of the log density, at the density's peak
};

/// The largest of many draws lives on a scale that shrinks with the logarithm of their number.
Resolution resolution_for(std::size_t arms) {
  const double crowd = 1.0 + elementary64::log(static_cast<double>(arms)) / 1.3;
  return {6.25 / crowd, 6.0 / __builtin_sqrt(crowd)};
}

bool is_whole(double power) {
  return power <= 8.0 && power == static_cast<double>(static_cast<int>(power));
}

bool resolves(const Panel& panel, const BetaDensity& arm, const Resolution& allowed) {
  const double width = panel.width();
  const double power = panel.from_1 ? arm.power_at_1() : arm.power_at_0();
  const double other_power = panel.from_1 ? arm.power_at_0() : arm.power_at_1();
  const double middle = 0.5 * (panel.near + panel.far);
  const bool at_end = panel.near == 0.0;
  // At the end itself x^power is a polynomial, or a singularity that only a smaller panel makes harmless.
  const bool smooth_end = !at_end || is_whole(power);
  const double near_curvature = at_end ? 0.0 : power / (middle * middle);
  const double curvature = near_curvature + other_power / ((1.0 - middle) * (1.0 - middle));
  const bool bent_little = width * width * curvature <= allowed.curvature;
  const double far_slope = power / panel.far - other_power / (1.0 - panel.far);
  const double near_slope =
      at_end ? far_slope - power / panel.far : power / panel.near - other_power / (1.0 - panel.near);
  const double slope = far_slope * far_slope > near_slope * near_slope ? far_slope : near_slope;
  const double rise = width * (slope < 0.0 ? -slope : slope);
  if (smooth_end && bent_little && rise <= allowed.slope) return true;

  const double height = arm.greatest_log_ratio(panel.left(), panel.right());
  if (height < negligible_log_ratio) return true;
  if (at_end && width * elementary64::exp(height) < 1e-10 * arm.deviation()) return true;
  return smooth_end && bent_little && rise <= allowed.slope - 0.8 * height;
}

}  // namespace

UnitPoint Panel::node(int i) const {
  const std::size_t k = static_cast<std::size_t>(from_1 ? legendre_nodes - 1 - i : i);
  return at(__builtin_fma(0.5 * (far - near), legendre_rule.node[k], 0.5 * (near + far)));
}

std::pair<Panel, Panel> Panel::halves() const {
  const double middle = 0.5 * (near + far);
  const Panel inner{from_1, near, middle}, outer{from_1, middle, far};
  return from_1 ? std::pair{outer, inner} : std::pair{inner, outer};
}

std::vector<Panel> panels_for(std::span<const BetaDensity> arms) {
  const Resolution allowed = resolution_for(arms.size());
  std::vector<Panel> done, open{{true, 0.0, 0.5}, {false, 0.0, 0.5}};
  while (!open.empty()) {
    const Panel panel = open.back();
    open.pop_back();
    bool resolved = true;
    for (const BetaDensity& arm : arms) resolved = resolved && resolves(panel, arm, allowed);
    if (resolved) {
      done.push_back(panel);
    } else {
      const auto [left, right] = panel.halves();
      open.push_back(right);
      open.push_back(left);
    }
  }
  return done;
}

}  // namespace npo
