#pragma once
#include "kernels/lane/scalar.hpp"
#include "kernels/uniform.hpp"

/// Exact Beta variates for shapes from 1 to 1e9 (spec section 4). A Beta is X / (X + Y) of two gammas by
/// Marsaglia and Tsang (ACM TOMS 26, 2000): X = d (1 + t)^3, t = x / (3 sqrt d), d = shape - 1/3, x a
/// standard normal, accepted with probability h = exp(-3 d w(t)), w(t) = t - t^2/2 + t^3/3 - log(1 + t). One
/// uniform accepts both gammas together.
///
/// Two Betas are compared as fractions X / Y by cross-multiplication. In float they are resolved to about
/// 2^-23 of their value, which is 1/500 of a standard deviation at shape 1e8 and nothing against the law
/// below 1e7.
namespace npo {

/// 1/m about the middle and log = -2 ln(1/m) over 16 cells of m in [1, 2), the last cell exact so that -2 ln
/// u keeps its relative accuracy for u just below 1; cos and sin at (i + 1/2) / 16 of a turn for half a turn,
/// twice. Read by index: a CUDA block keeps a copy in shared memory.
struct alignas(64) BetaTables {
  float reciprocal[16], log[16], cos[16], sin[16];
};

inline constexpr BetaTables beta_tables = {
    {0x1p+0f, 0x1.d41d42p-1f, 0x1.bacf92p-1f, 0x1.a41a42p-1f, 0x1.8f9c18p-1f, 0x1.7d05f4p-1f, 0x1.6c16c2p-1f,
     0x1.5c9882p-1f, 0x1.4e5e0ap-1f, 0x1.414142p-1f, 0x1.3521d0p-1f, 0x1.29e412p-1f, 0x1.1f7048p-1f,
     0x1.15b1e6p-1f, 0x1.0c9714p-1f, 0x1p-1f},
    {0.0f, -0x1.6f0d28p-3f, -0x1.29552cp-2f, -0x1.9525a8p-2f, -0x1.fb918cp-2f, -0x1.2e8e2cp-1f,
     -0x1.5d1bdap-1f, -0x1.89a33ap-1f, -0x1.b44f7ap-1f, -0x1.dd469ep-1f, -0x1.02552ap+0f, -0x1.154c3ep+0f,
     -0x1.2795e0p+0f, -0x1.393e0ep+0f, -0x1.4a4f88p+0f, -0x1.62e430p+0f},
    {0x1.f6297cp-1f, 0x1.a9b662p-1f, 0x1.1c73b4p-1f, 0x1.8f8b84p-3f, -0x1.8f8b84p-3f, -0x1.1c73b4p-1f,
     -0x1.a9b662p-1f, -0x1.f6297cp-1f, 0x1.f6297cp-1f, 0x1.a9b662p-1f, 0x1.1c73b4p-1f, 0x1.8f8b84p-3f,
     -0x1.8f8b84p-3f, -0x1.1c73b4p-1f, -0x1.a9b662p-1f, -0x1.f6297cp-1f},
    {0x1.8f8b84p-3f, 0x1.1c73b4p-1f, 0x1.a9b662p-1f, 0x1.f6297cp-1f, 0x1.f6297cp-1f, 0x1.a9b662p-1f,
     0x1.1c73b4p-1f, 0x1.8f8b84p-3f, 0x1.8f8b84p-3f, 0x1.1c73b4p-1f, 0x1.a9b662p-1f, 0x1.f6297cp-1f,
     0x1.f6297cp-1f, 0x1.a9b662p-1f, 0x1.1c73b4p-1f, 0x1.8f8b84p-3f}};

/// The law of one gamma, ready for proposals.
template <class L>
struct GammaShape {
  typename L::F d, slope;  ///< shape - 1/3 and 1 / (3 sqrt d)

  NPO_HD explicit GammaShape(typename L::F shape)
      : d(shape - typename L::F(0x1.555556p-2f)), slope(L::div(typename L::F(0x1.555556p-2f), L::sqrt(d))) {}
};

/// Proposes pairs of gammas from random words; a pure function, so that any schedule of lanes gives the same
/// bits.
template <class L>
class BetaSampler {
 public:
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;

  NPO_HD explicit BetaSampler(const BetaTables& t)
      : reciprocal_(L::table(t.reciprocal)),
        log_(L::table(t.log)),
        cos_(L::table(t.cos)),
        sin_(L::table(t.sin)) {}

  /// One try from the first three of four words: x and y are independent gammas where the result is true.
  /// Lanes outside `wanted` may be refused without having been tested.
  NPO_HD M propose(const U* words, const GammaShape<L>& of_x, const GammaShape<L>& of_y, M wanted, F& x,
                   F& y) const {
    F normal_x, normal_y;
    normals(words[0], words[1], normal_x, normal_y);
    const F tx = of_x.slope * normal_x, ty = of_y.slope * normal_y;
    x = cubed(tx, of_x.d);
    y = cubed(ty, of_y.d);
    const F cost = estimated_cost(normal_x, tx) + estimated_cost(normal_y, ty);  // about -2 log(h h')
    const F budget = minus_two_log(uniform_dense<L>(words[2]));
    const M near = L::max_abs(L::abs(tx), ty) <= F(0.8f);  // there the estimate is within 1.23 %
    const M yes = (cost * F(1.013f) < budget) & near, no = (budget < cost * F(0.987f)) & near;
    const M decided = yes | no, open = (!decided) & wanted;
    if (__builtin_expect(L::any(open), 0)) {
      const F exact = exact_cost(normal_x, tx, of_x.d) + exact_cost(normal_y, ty, of_y.d);
      const M inside = F(0x1p-20f) < L::min(tx, ty) + F(1.0f);  // the cube must be positive
      return yes | (open & (exact < budget) & inside);
    }
    return yes;
  }

  /// Two independent standard normals from two words (Box and Muller); 31 bits make the radius, 27 the angle.
  NPO_HD void normals(U radius_word, U angle_word, F& x, F& y) const {
    turn(radius_of(radius_word), angle_word, L::unit_float(angle_word >> 5), x, y);
  }
  /// The pieces of `propose`, for samplers that accept more gammas together.
  ///
  /// Two normals in two parts: their radius, and their place at one of 65,536 angles, odd multiples of 2^-17
  /// of a turn by the top 16 bits of the angle's word.
  NPO_HD F radius_of(U word) const { return L::sqrt(minus_two_log(uniform_dense<L>(word))); }
  NPO_HD void turn16(F radius, U angle_word, F& x, F& y) const {
    const U mantissa = ((angle_word >> 5) & U(0x7ff800u)) | U(0x3f800400u);
    turn(radius, angle_word, L::as_f(mantissa), x, y);
  }

  /// -2 ln a for positive normal a; never negative for a <= 1.
  NPO_HD F minus_two_log(F a) const {
    const F m = L::mantissa(a);
    const U cell = L::as_u(a) >> 19;
    const F r = L::fma(m, L::lookup(reciprocal_, cell), F(-1.0f));
    const F p = L::fma(L::fma(L::fma(r, F(0.5f), F(-0x1.555556p-1f)), r, F(1.0f)), r, F(-2.0f));
    return L::fma(p, r, L::fma(L::exponent(a), F(-0x1.62e430p+0f), L::lookup(log_, cell)));
  }

  /// d (1 + t)^3.
  static NPO_HD F cubed(F t, F d) {
    const F q = t + F(1.0f);
    return (q * q) * (q * d);
  }

  /// -2 log h = (x t)^2 g(t) with g(t) = 2 w(t) / (3 t^4) as a quintic.
  static NPO_HD F estimated_cost(F normal, F t) {
    const F xt = normal * t;
    return xt * xt * estimated_quotient(t);
  }
  /// sum + estimated_cost, rounded once less.
  static NPO_HD F add_estimated_cost(F sum, F normal, F t) {
    const F xt = normal * t;
    return L::fma(xt * xt, estimated_quotient(t), sum);
  }
  static NPO_HD F estimated_quotient(F t) {
    F g = L::fma(F(-0x1.b27204p-3f), t, F(0x1.dd14dap-3f));
    g = L::fma(g, t, F(-0x1.c2676ap-5f));
    g = L::fma(g, t, F(0x1.14d658p-4f));
    g = L::fma(g, t, F(-0x1.14177ep-3f));
    return L::fma(g, t, F(0x1.589a4ep-3f));
  }

  /// The same to rounding. Near 0 by its series, since the logarithm cancels there.
  NPO_HD F exact_cost(F normal, F t, F d) const {
    return L::select(F(0.5f) < L::abs(t), far_cost(t, d), near_cost(normal, t));
  }
  /// -2 log h where |t| <= 1/2.
  static NPO_HD F near_cost(F normal, F t) {
    F g = L::fma(F(0x1.7a7d00p-4f), t, F(-0x1.9509e6p-4f));
    g = L::fma(g, t, F(0x1.5ee338p-5f));
    g = L::fma(g, t, F(-0x1.81cbaap-5f));
    g = L::fma(g, t, F(0x1.171c16p-4f));
    g = L::fma(g, t, F(-0x1.35d2a8p-4f));
    g = L::fma(g, t, F(0x1.550e3ap-4f));
    g = L::fma(g, t, F(-0x1.85cceap-4f));
    g = L::fma(g, t, F(0x1.c71d58p-4f));
    g = L::fma(g, t, F(-0x1.11118cp-3f));
    g = L::fma(g, t, F(0x1.555556p-3f));
    const F xt = normal * t;
    return xt * xt * g;
  }
  /// -2 log h where |t| > 1/2; t above -1 + 2^-20.
  NPO_HD F far_cost(F t, F d) const {
    const F log2 = minus_two_log(L::max(t + F(1.0f), F(0x1p-20f)));
    const F polynomial = L::fma(L::fma(F(0x1.555556p-2f), t, F(-0.5f)), t * t, t);  // t - t^2/2 + t^3/3
    return F(6.0f) * d * L::fma(F(0.5f), log2, polynomial);
  }

 private:
  /// The point at `radius` and at (cell + m - 1) / 16 of a turn, m in [1, 2); the cell is the top 4 bits of
  /// the angle's word. Half a turn on, both coordinates change their sign.
  NPO_HD void turn(F radius, U angle_word, F m, F& x, F& y) const {
    const U cell = angle_word >> 28;
    const F turned = L::as_f(L::as_u(radius) ^ (angle_word & U(0x80000000u)));
    const F a = m - F(1.5f), z = a * a;  // sixteenths of a turn, [-1/2, 1/2)
    const F s = a * L::fma(L::fma(z, F(0x1.45f8cap-14f), F(-0x1.4abbb8p-7f)), z, F(0x1.921fb6p-2f));
    const F c = L::fma(L::fma(z, F(0x1.036c88p-10f), F(-0x1.3bd3c2p-4f)), z, F(1.0f));
    const F cos = L::lookup8(cos_, cell), sin = L::lookup8(sin_, cell);
    x = turned * L::fnma(sin, s, cos * c);
    y = turned * L::fma(cos, s, sin * c);
  }

  typename L::T reciprocal_, log_, cos_, sin_;
};

}  // namespace npo
