#pragma once
#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <vector>

#include "tests/kernels/goodness_of_fit.hpp"

/// Whether pairs of gammas make the Betas they should, by two tests of fit.
namespace npo::test {

struct Gammas {
  std::vector<float> x, y;
};

/// The draws through the distribution function of Beta(a, b), sorted.
inline std::vector<Uniform> through_law(const Gammas& gammas, double a, double b) {
  struct Theta {
    double below, above;  // from 0 and from 1: shapes like (50, 1) live next to 1
  };
  std::vector<Theta> thetas;
  thetas.reserve(gammas.x.size());
  for (std::size_t i = 0; i < gammas.x.size(); ++i) {
    const double x = gammas.x[i], y = gammas.y[i];
    thetas.push_back({x / (x + y), y / (x + y)});
  }
  std::sort(thetas.begin(), thetas.end(),
            [](Theta s, Theta t) { return s.below != t.below ? s.below < t.below : s.above > t.above; });
  std::vector<Uniform> uniforms;
  uniforms.reserve(thetas.size());
  for (const Theta t : thetas) {
    if (t.below < 0.5) {
      uniforms.push_back({boost::math::ibeta(a, b, t.below), boost::math::ibetac(a, b, t.below)});
    } else {
      uniforms.push_back({boost::math::ibetac(b, a, t.above), boost::math::ibeta(b, a, t.above)});
    }
  }
  return uniforms;
}

struct Fit {
  double kolmogorov_smirnov, anderson_darling;
  bool accepted() const {
    return kolmogorov_smirnov < kolmogorov_smirnov_bound && anderson_darling < anderson_darling_bound;
  }
};

inline Fit fit(const Gammas& gammas, double a, double b) {
  const auto uniforms = through_law(gammas, a, b);
  return {kolmogorov_smirnov(uniforms), anderson_darling(uniforms)};
}

}  // namespace npo::test
