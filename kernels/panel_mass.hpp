#pragma once
#include <span>
#include <vector>

#include "kernels/quadrature_panel.hpp"

/// Beta densities on panels: values at the nodes and running integrals, so that densities and distribution
/// functions share the nodes of one rule.
namespace npo {

/// One density on one panel: its values at the nodes and the mass up to each node and up to the panel's end.
struct PanelMass {
  NodeValues density, to_node;
  double whole;
};

/// Whether the density is above `negligible_log_ratio` of its mode anywhere on the panel.
bool counts_on(const Panel& panel, const BetaDensity& arm);

/// The integral over the panel of a function given at its nodes.
double weigh(const Panel& panel, const NodeValues& values);

PanelMass mass_on(const Panel& panel, const BetaDensity& arm, double scale);

/// Densities of Beta(shape_a[k], shape_b[k]). Error(internal) for a shape outside [1, 1e9].
std::vector<BetaDensity> beta_densities(std::span<const double> shape_a, std::span<const double> shape_b);

/// What normalises each density, from its integral over all panels, so that no logarithm of a gamma function
/// of 1e9 is ever taken.
std::vector<double> density_scales(std::span<const BetaDensity> arms, std::span<const Panel> panels);

}  // namespace npo
