#pragma once
#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <vector>

#include "tests/kernels/goodness_of_fit.hpp"

/// Whether pairs of gammas make the Betas they should, by two tests of fit.
namespace npo::test {

struct Gammas {
  std::vector<float> x, y;
};

/// A draw, from 0 and from 1: shapes like (50, 1) live next to 1.
struct Theta {
  double below, above;
};

inline std::vector<Theta> sorted_thetas(const Gammas& gammas) {
  std::vector<Theta> thetas;
  thetas.reserve(gammas.x.size());
  for (std::size_t i = 0; i < gammas.x.size(); ++i) {
    const double x = gammas.x[i], y = gammas.y[i];
    thetas.push_back({x / (x + y), y / (x + y)});
  }
  std::sort(thetas.begin(), thetas.end(),
            [](Theta s, Theta t) { return s.below != t.below ? s.below < t.below : s.above > t.above; });
  return thetas;
}

/// The distribution function of Beta(a, b) and its complement.
inline Uniform beta_law(Theta t, double a, double b) {
  if (t.below < 0.5) return {boost::math::ibeta(a, b, t.below), boost::math::ibetac(a, b, t.below)};
  return {boost::math::ibetac(b, a, t.above), boost::math::ibeta(b, a, t.above)};
}

/// The draws through the distribution function of Beta(a, b), sorted.
inline std::vector<Uniform> through_law(const Gammas& gammas, double a, double b) {
  std::vector<Uniform> uniforms;
  uniforms.reserve(gammas.x.size());
  for (const Theta t : sorted_thetas(gammas)) uniforms.push_back(beta_law(t, a, b));
  return uniforms;
}

/// The same for very many draws: the function is evaluated at every 500th of them, and the closer the nearer
/// to an end (each 200th part of the rank), and runs straight between. Within a stretch it moves by at most
/// 1/200 of itself, so that the line is within 1/200^2 / 8 = 3e-6 of it, relatively, and within (500 / n)^2
/// absolutely.
inline std::vector<Uniform> through_sampled_law(const Gammas& gammas, double a, double b) {
  const std::vector<Theta> thetas = sorted_thetas(gammas);
  const std::size_t n = thetas.size();
  std::vector<Uniform> uniforms(n);
  std::size_t left = 0;
  uniforms[0] = beta_law(thetas[0], a, b);
  while (left + 1 < n) {
    const std::size_t from_end = std::min(left, n - 1 - left);
    const std::size_t step = std::clamp<std::size_t>(from_end / 200, 1, 500);
    const std::size_t right = std::min(left + step, n - 1);
    uniforms[right] = beta_law(thetas[right], a, b);
    const bool low = thetas[left].below < 0.5;
    const auto place = [&](std::size_t i) { return low ? thetas[i].below : -thetas[i].above; };
    const double width = place(right) - place(left);
    for (std::size_t i = left + 1; i < right; ++i) {
      const double share = width > 0.0 ? (place(i) - place(left)) / width : 0.0;
      uniforms[i] = {std::lerp(uniforms[left].below, uniforms[right].below, share),
                     std::lerp(uniforms[left].above, uniforms[right].above, share)};
    }
    left = right;
  }
  return uniforms;
}

struct Fit {
  double kolmogorov_smirnov, anderson_darling;
  bool accepted() const {
    return kolmogorov_smirnov < kolmogorov_smirnov_bound && anderson_darling < anderson_darling_bound;
  }
};

inline Fit fit_of(const std::vector<Uniform>& uniforms) {
  return {kolmogorov_smirnov(uniforms), anderson_darling(uniforms)};
}
inline Fit fit(const Gammas& gammas, double a, double b) {
  return fit_of(through_law(gammas, a, b));
}

}  // namespace npo::test
