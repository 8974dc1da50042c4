#pragma once
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "kernels/beta_density.hpp"
#include "kernels/gauss_legendre.hpp"

/// Panels of [0, 1] on which Beta densities are smooth enough for a 16-node rule.
namespace npo {

/// An interval given by distances from its nearer end of [0, 1], so that points near 1 keep their precision.
/// Ends are dyadic: cutting in half is exact.
struct Panel {
  bool from_1;       ///< distances are from 1 instead of from 0
  double near, far;  ///< near < far <= 1/2

  double width() const { return far - near; }
  UnitPoint at(double distance) const {
    return from_1 ? UnitPoint{1.0 - distance, distance} : UnitPoint{distance, 1.0 - distance};
  }
  UnitPoint left() const { return at(from_1 ? far : near); }
  UnitPoint right() const { return at(from_1 ? near : far); }
  UnitPoint middle() const { return at(0.5 * (near + far)); }
  /// Node i of the rule, from left to right.
  UnitPoint node(int i) const;
  /// The left and the right half.
  std::pair<Panel, Panel> halves() const;
};

using NodeValues = std::array<double, legendre_nodes>;

/// Below this log density ratio an arm does not count on a panel.
inline constexpr double negligible_log_ratio = -50.0;

/// Panels from left to right, such that each density is resolved to about 1e-10 of its mass on every one of
/// them.
std::vector<Panel> panels_for(std::span<const BetaDensity> arms);

}  // namespace npo
