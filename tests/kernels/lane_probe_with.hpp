#pragma once
#include "kernels/beta_sampler.hpp"
#include "kernels/elementary.hpp"
#include "kernels/philox.hpp"
#include "tests/kernels/lane_probe.hpp"

/// The probe of lane type L. Included by one file for each instruction set.
namespace npo::test {

template <class L>
struct ProbeWith {
  using F = typename L::F;
  using U = typename L::U;
  using M = typename L::M;
  static constexpr std::size_t width = L::width;

  static NPO_HD F value(Function f, F x) {
    switch (f) {
      case Function::log:
        return elementary::log<L>(x);
      case Function::exp:
        return elementary::exp<L>(x);
      case Function::sigmoid:
        return elementary::sigmoid<L>(x);
      case Function::shift_log_odds:  // of two numbers that x alone decides, to both sides
        return elementary::shift_log_odds<L>(elementary::sigmoid<L>(x), x);
      case Function::logit:
        return elementary::logit<L>(x);
      case Function::log1p:
        return elementary::log1p<L>(x);
      case Function::normal_quantile:
        return elementary::normal_quantile<L>(x);
    }
    return x;
  }

  static void apply(Function f, const float* in, float* out, std::size_t count) {
    for (std::size_t i = 0; i < count; i += width) {
      const int n = count - i < width ? static_cast<int>(count - i) : L::width;
      L::store_first(out + i, n, value(f, L::load_first(in + i, n)));
    }
  }

  static NPO_HD void store_words(const U* words, std::uint32_t* out) {
    std::uint32_t lanes[4][L::width];
    for (int w = 0; w < 4; ++w) L::store(lanes[w], words[w]);
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t w = 0; w < 4; ++w) out[4 * i + w] = lanes[w][i];
  }
  static void philox(std::uint64_t seed, const std::uint32_t* const counter[4], std::uint32_t* out,
                     std::size_t count) {
    const PhiloxKey key(seed);
    const Philox<L> random(key);
    for (std::size_t i = 0; i < count; i += width) {
      U words[4];
      random(L::load(counter[0] + i), L::load(counter[1] + i), L::load(counter[2] + i),
             L::load(counter[3] + i), words);
      store_words(words, out + 4 * i);
    }
  }
  static void philox_shared(std::uint64_t seed, const std::uint32_t* const counter[4], std::uint32_t* out,
                            std::size_t count) {
    const PhiloxKey key(seed);
    const Philox<L> random(key);
    for (std::size_t i = 0; i < count; i += width) {
      U words[4];
      random.shared(counter[0][0], L::load(counter[1] + i), counter[2][0], L::load(counter[3] + i), words);
      store_words(words, out + 4 * i);
    }
  }
  static void philox_shared_step(std::uint64_t seed, const std::uint32_t* const counter[4],
                                 std::uint32_t* out, std::size_t count) {
    const PhiloxKey key(seed);
    const Philox<L> random(key);
    for (std::size_t i = 0; i < count; i += width) {
      U words[4];
      random.shared_step(L::load(counter[0] + i), L::load(counter[1] + i), counter[2][0],
                         L::load(counter[3] + i), words);
      store_words(words, out + 4 * i);
    }
  }

  struct Beta {
    F x, y;
    U hash;
  };
  static NPO_HD Beta beta(const BetaRequest& r, const PhiloxKey& key, const BetaSampler<L>& sampler,
                          U entity) {
    const Philox<L> random(key);
    const GammaShape<L> of_x{F(r.shape_a)}, of_y{F(r.shape_b)};
    Beta kept{F(0.0f), F(0.0f), U(0u)};
    M pending = L::first(L::width);
    for (std::uint32_t attempt = 0; L::any(pending); ++attempt) {
      U words[4];
      random.shared(philox_selector(RandomPurpose::test, attempt, r.block), entity, r.step, U(0u), words);
      if (r.sabotage == Sabotage::biased_uniform) words[2] = words[2] | U(0x80000000u);
      F x, y;
      const M taken = sampler.propose(words, of_x, of_y, pending, x, y) & pending;
      const U mixed = ((kept.hash << 5) | (kept.hash >> 27)) ^ L::as_u(x);
      kept.hash = L::select(pending, ((mixed << 7) | (mixed >> 25)) ^ L::as_u(y), kept.hash);
      kept.x = L::select(taken, x, kept.x);
      kept.y = L::select(taken, y, kept.y);
      pending = pending & (!taken);
    }
    return kept;
  }
  static void betas(const BetaRequest& r, float* x, float* y, std::uint32_t* hash) {
    const PhiloxKey key(r.seed);
    const BetaSampler<L> sampler(beta_tables);
    for (std::size_t i = 0; i < r.count; i += width) {
      const Beta drawn = beta(r, key, sampler, L::iota() + U(r.first_entity + static_cast<std::uint32_t>(i)));
      L::store(x + i, drawn.x);
      L::store(y + i, drawn.y);
      L::store(hash + i, drawn.hash);
    }
  }

  static NPO_HD U as_word(M m) { return L::select(m, U(1u), U(0u)); }
  static void vocabulary(const float* a, const float* b, const float* c, const std::uint32_t* u,
                         const std::uint32_t* v, std::uint32_t* out, std::size_t count) {
    for (std::size_t i = 0; i < count; i += width) {
      const F x = L::load(a + i), y = L::load(b + i), z = L::load(c + i);
      const U p = L::load(u + i), q = L::load(v + i);
      const M less = x < y;
      const int some =
          static_cast<int>(i % 16 < 7 ? (7 - i % 16 < width ? 7 - i % 16 : width) : 0);  // lanes below 7
      const U lane = L::iota() + U(static_cast<std::uint32_t>(i));
      const U small = q & U(15u);
      const F positive = L::as_f((p & U(0x7effffffu)) | U(0x00800000u));
      const lane::HiLo<typename L::P> product = L::mul(L::split(p), 0xD2511F53u);
      std::uint64_t wide[width];  // zeros, one bit in either half, many bits
      for (std::size_t k = 0; k < width; ++k)
        wide[k] = std::uint64_t{u[i + k] & 1} << (v[i + k] & 63) | (u[i + k] % 7 == 0 ? u[i + k] : 0);
      const U results[vocabulary_size] = {
          L::as_u(x + y),
          L::as_u(x - y),
          L::as_u(x * y),
          L::as_u(L::div(x, y)),
          L::as_u(L::sqrt(L::abs(x))),
          L::as_u(L::fma(x, y, z)),
          L::as_u(L::fnma(x, y, z)),
          L::as_u(L::max(x, y)),
          L::as_u(L::min(x, y)),
          L::as_u(L::abs(x)),
          L::as_u(L::negate(x)),
          L::as_u(L::max_abs(x, y)),
          L::as_u(L::select(less, x, z)),
          L::select(less, p, q),
          L::as_u(L::add_if(less, L::abs(x), z)),
          L::add_if(less, p, q),
          as_word(less),
          as_word(x <= y),
          as_word(x == y),
          as_word(p == q),
          as_word(L::signed_le(p, q)),
          as_word(less & (x <= z)),
          as_word(less | (x <= z)),
          as_word(!less),
          as_word(L::is_nan(x)),
          as_word(L::first(some)),
          p + q,
          p - q,
          (p & q) | (p ^ q),
          p << 5,
          p >> 7,
          L::shift_right_signed(p, 9),
          L::as_u(L::to_float(p)),
          L::to_int(L::select(L::abs(x) < F(0x1p30f), x, F(1.5f))),
          L::as_u(L::exponent(positive)),
          L::as_u(L::mantissa(positive)),
          L::as_u(L::unit_float(p)),
          L::join(product.hi) ^ L::join(product.lo),
          L::join(L::xor3(L::split(p), L::split(q), 0x9E3779B9u)) ^ L::join(L::xor2(L::uniform(77u), 5u)),
          L::as_u(L::lookup(L::table(beta_tables.log), p)) ^ L::gather(u, small),
          L::as_u(L::gather(a, small)) ^ lane,
          L::as_u(L::load_first(a + i, some)) ^ L::load_first(u + i, some),
          as_word(L::not_zero(wide)),
      };
      for (std::size_t op = 0; op < vocabulary_size; ++op) L::store(out + op * count + i, results[op]);
    }
  }

  static constexpr LaneProbe probe{apply, philox, philox_shared, philox_shared_step, betas, vocabulary};
};

}  // namespace npo::test
