#pragma once
#include <array>

/// Gauss-Legendre quadrature on [-1, 1], with the matrix that integrates up to each node.
namespace npo {

inline constexpr int legendre_nodes = 16;

/// node ascending. For f through the nodes: the integral over [-1, 1] is the sum of weight[j] f(node[j]),
/// exact for polynomials of degree 31; the integral over [-1, node[i]] is the sum of to_node[j][i]
/// f(node[j]), exact for degree 15.
struct LegendreRule {
  std::array<double, legendre_nodes> node{}, weight{};
  std::array<std::array<double, legendre_nodes>, legendre_nodes> to_node{};
};

/// Legendre polynomials P_0 .. P_16 at t.
constexpr std::array<double, legendre_nodes + 1> legendre_polynomials(double t) {
  std::array<double, legendre_nodes + 1> p{1.0, t};
  for (int n = 1; n < legendre_nodes; ++n)
    p[static_cast<std::size_t>(n) + 1] = ((2.0 * n + 1.0) * t * p[n] - n * p[n - 1]) / (n + 1.0);
  return p;
}

constexpr LegendreRule make_legendre_rule() {
  constexpr std::array<double, legendre_nodes / 2> positive = {
      0x1.852bd6676a9fap-4, 0x1.205cae642337cp-2, 0x1.d50259a43a772p-2, 0x1.3c5a466d5e8b8p-1,
      0x1.82c45dda4726bp-1, 0x1.bb3403514e483p-1, 0x1.e39f56616f9b0p-1, 0x1.fa92c264d787ep-1};
  constexpr int n = legendre_nodes;
  LegendreRule rule;
  std::array<std::array<double, n + 1>, n> p{};
  for (int i = 0; i < n; ++i) {
    const double t = i < n / 2 ? -positive[n / 2 - 1 - i] : positive[i - n / 2];
    p[i] = legendre_polynomials(t);
    const double slope = n * p[i][n - 1];  // (1 - t^2) P'_n at a root
    rule.node[i] = t;
    rule.weight[i] = 2.0 * (1.0 - t * t) / (slope * slope);
  }
  // Interpolate in Legendre polynomials and integrate: (2 m + 1) P_m = (P_{m+1} - P_{m-1})', with P_{-1}
  // taken as -1.
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      double sum = 0.0;
      for (int m = 0; m < n; ++m) sum += p[j][m] * (p[i][m + 1] - (m == 0 ? -1.0 : p[i][m - 1]));
      rule.to_node[j][i] = 0.5 * rule.weight[j] * sum;
    }
  }
  return rule;
}

inline constexpr LegendreRule legendre_rule = make_legendre_rule();

}  // namespace npo
