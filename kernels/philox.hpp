#pragma once
#include <cstdint>

#include "kernels/lane/scalar.hpp"
#include "kernels/random_purpose.hpp"

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; SC 2011). A random
/// word is a pure function of seed and counter, so nothing has to be saved, split or skipped.
///
/// The key is the seed (low word, high word). The four counter words are
///     purpose 8 | attempt 12 | block 12,  entity low,  step,  entity high
/// so that step and purpose, which lanes usually share, meet the two multiplications of the first round, and
/// the entity, which each lane has for itself, is only added to their results.
namespace npo {

/// Four 32-bit words: a counter, or the random words of one block.
struct PhiloxWords {
  std::uint32_t word[4];
};

/// The round keys of a seed.
struct PhiloxKey {
  std::uint32_t k0[10], k1[10];

  NPO_HD explicit PhiloxKey(std::uint64_t seed) {
    NPO_UNROLL
    for (std::uint32_t r = 0; r < 10; ++r) {
      k0[r] = static_cast<std::uint32_t>(seed) + r * 0x9E3779B9u;
      k1[r] = static_cast<std::uint32_t>(seed >> 32) + r * 0xBB67AE85u;
    }
  }
};

inline constexpr std::uint32_t philox_max_attempts = 1u << 12;
inline constexpr std::uint32_t philox_max_blocks = 1u << 12;  ///< of four words each

/// First counter word. attempt < 4096 numbers the tries of a rejection method, block < 4096 the blocks of one
/// draw.
NPO_HD std::uint32_t philox_selector(RandomPurpose purpose, std::uint32_t attempt, std::uint32_t block) {
  return static_cast<std::uint32_t>(purpose) << 24 | attempt << 12 | block;
}

NPO_HD PhiloxWords philox_counter(RandomPurpose purpose, std::uint64_t entity, std::uint32_t step,
                                  std::uint32_t block, std::uint32_t attempt = 0) {
  return {{philox_selector(purpose, attempt, block), static_cast<std::uint32_t>(entity), step,
           static_cast<std::uint32_t>(entity >> 32)}};
}

/// Philox4x32-10 over the lanes of L.
template <class L>
class Philox {
 public:
  using U = typename L::U;
  using P = typename L::P;

  NPO_HD explicit Philox(const PhiloxKey& key) : key_(key) {}

  /// Any counter: out[0..3] = philox(x0..x3).
  NPO_HD void operator()(U x0, U x1, U x2, U x3, U* out) const {
    P x[1][4] = {{L::split(x0), L::split(x1), L::split(x2), L::split(x3)}};
    finish<0, 1>(x, out);
  }

  /// Selector and step shared by all lanes: the first round needs no lane product.
  NPO_HD void shared(std::uint32_t selector, U entity_low, std::uint32_t step, U entity_high, U* out) const {
    const auto a = lane::Scalar::mul(selector, m0), b = lane::Scalar::mul(step, m1);
    P x[1][4] = {{L::xor2(L::split(entity_low), b.hi ^ key_.k0[0]), L::uniform(b.lo),
                  L::xor2(L::split(entity_high), a.hi ^ key_.k1[0]), L::uniform(a.lo)}};
    finish<1, 1>(x, out);
  }

  /// Step shared by all lanes, a selector for each (lanes are at different attempts).
  NPO_HD void shared_step(U selector, U entity_low, std::uint32_t step, U entity_high, U* out) const {
    const lane::HiLo<P> a = L::mul(L::split(selector), m0);
    const auto b = lane::Scalar::mul(step, m1);
    P x[1][4] = {{L::xor2(L::split(entity_low), b.hi ^ key_.k0[0]), L::uniform(b.lo),
                  L::xor3(a.hi, L::split(entity_high), key_.k1[0]), a.lo}};
    finish<1, 1>(x, out);
  }

  /// A step for each lane (lanes are at different episodes), all else shared but the low word of the entity.
  /// Gives `blocks` blocks from the selector's on. They share the lane products of the first two rounds, and
  /// two at a time go side by side, so that each hides the latency of the other.
  template <int blocks = 1>
  NPO_HD void lane_step(std::uint32_t selector, U entity_low, U step, std::uint32_t entity_high,
                        U* out) const {
    constexpr int together = blocks < 2 ? blocks : 2;
    const lane::HiLo<P> c = L::mul(L::split(step), m1);
    const lane::HiLo<P> d = L::mul(L::xor3(c.hi, L::split(entity_low), key_.k0[0]), m0);
    P x[together][4];
    NPO_UNROLL
    for (int i = 0; i < together; ++i) {
      const auto a = lane::Scalar::mul(selector + static_cast<std::uint32_t>(i), m0);
      const auto b = lane::Scalar::mul(entity_high ^ a.hi ^ key_.k1[0], m1);
      x[i][0] = L::xor2(c.lo, b.hi ^ key_.k0[1]);
      x[i][1] = L::uniform(b.lo);
      x[i][2] = L::xor2(d.hi, a.lo ^ key_.k1[1]);
      x[i][3] = d.lo;
    }
    finish<2, together>(x, out);
    if constexpr (blocks > together)
      lane_step<blocks - together>(selector + together, entity_low, step, entity_high, out + 4 * together);
  }

 private:
  static constexpr std::uint32_t m0 = 0xD2511F53u, m1 = 0xCD9E8D57u;

  template <int first_round, int blocks>
  NPO_HD void finish(P (&x)[blocks][4], U* out) const {
    NPO_UNROLL
    for (int r = first_round; r < 10; ++r) {
      NPO_UNROLL
      for (int i = 0; i < blocks; ++i) {
        const lane::HiLo<P> a = L::mul(x[i][0], m0), b = L::mul(x[i][2], m1);
        x[i][0] = L::xor3(b.hi, x[i][1], key_.k0[r]);
        x[i][1] = b.lo;
        x[i][2] = L::xor3(a.hi, x[i][3], key_.k1[r]);
        x[i][3] = a.lo;
      }
    }
    NPO_UNROLL
    for (int i = 0; i < blocks; ++i) {
      NPO_UNROLL
      for (int w = 0; w < 4; ++w) out[4 * i + w] = L::join(x[i][w]);
    }
  }

  const PhiloxKey& key_;
};

/// One block of random words.
NPO_HD PhiloxWords philox(const PhiloxWords& counter, const PhiloxKey& key) {
  PhiloxWords out;
  const Philox<lane::Scalar> generate(key);
  generate(counter.word[0], counter.word[1], counter.word[2], counter.word[3], out.word);
  return out;
}
NPO_HD PhiloxWords philox(const PhiloxWords& counter, std::uint64_t seed) {
  return philox(counter, PhiloxKey(seed));
}

}  // namespace npo
