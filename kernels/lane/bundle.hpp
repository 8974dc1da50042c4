#pragma once
#include "kernels/lane/scalar.hpp"

namespace npo::lane {

/// N packs of L that pass through a functor side by side, so that each step of one hides the latency of the
/// others; the vocabulary is documented at Scalar, and holds what elementary functions and score steps need
/// of it.
template <class L, int N>
struct Bundle {
  static constexpr int width = N * L::width;
  struct M {
    typename L::M part[N];
  };
  struct F {
    typename L::F part[N];
    F() = default;
    NPO_HD F(float x) {
      NPO_UNROLL
      for (int i = 0; i < N; ++i) part[i] = x;
    }
  };
  struct U {
    typename L::U part[N];
    U() = default;
    NPO_HD U(std::uint32_t x) {
      NPO_UNROLL
      for (int i = 0; i < N; ++i) part[i] = x;
    }
  };

  static NPO_HD F load(const float* p) {
    return each<F>([p](int i) { return L::load(p + i * L::width); });
  }
  static NPO_HD U load(const std::uint32_t* p) {
    return each<U>([p](int i) { return L::load(p + i * L::width); });
  }
  template <class T, class V>
  static NPO_HD void store(T* p, const V& a) {
    NPO_UNROLL
    for (int i = 0; i < N; ++i) L::store(p + i * L::width, a.part[i]);
  }
  static NPO_HD F gather(const float* base, const U& index) {
    return each<F>([&](int i) { return L::gather(base, index.part[i]); });
  }

  static NPO_HD M not_zero(const std::uint64_t* p) {
    return each<M>([p](int i) { return L::not_zero(p + i * L::width); });
  }

  template <class V>
  static NPO_HD V select(const M& m, const V& a, const V& b) {
    return each<V>([&](int i) { return L::select(m.part[i], a.part[i], b.part[i]); });
  }
  template <class V>
  static NPO_HD V add_if(const M& m, const V& a, const V& b) {
    return each<V>([&](int i) { return L::add_if(m.part[i], a.part[i], b.part[i]); });
  }
  static NPO_HD bool any(const M& m) {
    bool result = false;
    NPO_UNROLL
    for (int i = 0; i < N; ++i) result = result | L::any(m.part[i]);
    return result;
  }
  static NPO_HD bool all(const M& m) {
    bool result = true;
    NPO_UNROLL
    for (int i = 0; i < N; ++i) result = result & L::all(m.part[i]);
    return result;
  }
  /// The first true lane, or `width`.
  static NPO_HD int first_true(const M& m) {
    int first = width;
    NPO_UNROLL
    for (int i = N - 1; i >= 0; --i) {
      const std::uint32_t bits = L::bits(m.part[i]);
      if (bits != 0) first = i * L::width + __builtin_ctz(bits);
    }
    return first;
  }
  static NPO_HD F max(const F& a, const F& b) {
    return each<F>([&](int i) { return L::max(a.part[i], b.part[i]); });
  }
  static NPO_HD F min(const F& a, const F& b) {
    return each<F>([&](int i) { return L::min(a.part[i], b.part[i]); });
  }
  static NPO_HD F abs(const F& a) {
    return each<F>([&](int i) { return L::abs(a.part[i]); });
  }
  static NPO_HD F negate(const F& a) {
    return each<F>([&](int i) { return L::negate(a.part[i]); });
  }
  static NPO_HD M is_nan(const F& a) {
    return each<M>([&](int i) { return L::is_nan(a.part[i]); });
  }
  static NPO_HD F to_float(const U& a) {
    return each<F>([&](int i) { return L::to_float(a.part[i]); });
  }
  static NPO_HD M signed_le(const U& a, const U& b) {
    return each<M>([&](int i) { return L::signed_le(a.part[i], b.part[i]); });
  }
  static NPO_HD U shift_right_signed(const U& a, int n) {
    return each<U>([&](int i) { return L::shift_right_signed(a.part[i], n); });
  }
  static NPO_HD F fma(const F& a, const F& b, const F& c) {
    return each<F>([&](int i) { return L::fma(a.part[i], b.part[i], c.part[i]); });
  }
  static NPO_HD F div(const F& a, const F& b) {
    return each<F>([&](int i) { return L::div(a.part[i], b.part[i]); });
  }
  static NPO_HD U as_u(const F& a) {
    return each<U>([&](int i) { return L::as_u(a.part[i]); });
  }
  static NPO_HD F as_f(const U& a) {
    return each<F>([&](int i) { return L::as_f(a.part[i]); });
  }

  friend NPO_HD F operator+(const F& a, const F& b) {
    return each<F>([&](int i) { return a.part[i] + b.part[i]; });
  }
  friend NPO_HD F operator-(const F& a, const F& b) {
    return each<F>([&](int i) { return a.part[i] - b.part[i]; });
  }
  friend NPO_HD F operator*(const F& a, const F& b) {
    return each<F>([&](int i) { return a.part[i] * b.part[i]; });
  }
  friend NPO_HD M operator<(const F& a, const F& b) {
    return each<M>([&](int i) { return a.part[i] < b.part[i]; });
  }
  friend NPO_HD M operator<=(const F& a, const F& b) {
    return each<M>([&](int i) { return a.part[i] <= b.part[i]; });
  }
  friend NPO_HD M operator==(const F& a, const F& b) {
    return each<M>([&](int i) { return a.part[i] == b.part[i]; });
  }
  friend NPO_HD U operator+(const U& a, const U& b) {
    return each<U>([&](int i) { return a.part[i] + b.part[i]; });
  }
  friend NPO_HD U operator-(const U& a, const U& b) {
    return each<U>([&](int i) { return a.part[i] - b.part[i]; });
  }
  friend NPO_HD U operator&(const U& a, const U& b) {
    return each<U>([&](int i) { return a.part[i] & b.part[i]; });
  }
  friend NPO_HD U operator|(const U& a, const U& b) {
    return each<U>([&](int i) { return a.part[i] | b.part[i]; });
  }
  friend NPO_HD U operator<<(const U& a, int n) {
    return each<U>([&](int i) { return a.part[i] << n; });
  }
  friend NPO_HD M operator==(const U& a, const U& b) {
    return each<M>([&](int i) { return a.part[i] == b.part[i]; });
  }
  friend NPO_HD M operator&(const M& a, const M& b) {
    return each<M>([&](int i) { return a.part[i] & b.part[i]; });
  }
  friend NPO_HD M operator|(const M& a, const M& b) {
    return each<M>([&](int i) { return a.part[i] | b.part[i]; });
  }
  friend NPO_HD M operator!(const M& a) {
    return each<M>([&](int i) { return !a.part[i]; });
  }

 private:
  template <class V, class Part>
  static NPO_HD V each(const Part& part) {
    V result;
    NPO_UNROLL
    for (int i = 0; i < N; ++i) result.part[i] = part(i);
    return result;
  }
};

}  // namespace npo::lane
