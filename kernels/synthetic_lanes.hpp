#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/elementary.hpp"
#include "kernels/philox.hpp"
#include "kernels/uniform.hpp"

namespace npo {

/// A plan and its columns as plain pointers: objects for one instruction set share no inline functions with
/// others.
struct SyntheticTables {
  std::uint64_t seed;
  std::uint32_t dim, fleets;
  const float *weight, *loading, *level, *shift;
  float walk_step, hidden, signal, drift;
  bool deterministic;
};
struct SyntheticColumns {
  std::size_t rows;
  std::uint32_t* fleet;
  float *features, *approval;
  std::uint8_t* label;
};

/// Nights of one word of coin tosses.
inline constexpr std::uint32_t tosses_a_word = 32;

/// Makes the scenarios of one lane pack; the formulas stand at SyntheticPlan. Random words by (purpose, step,
/// block):
///   generate_fleet 0 0    word 0: fleet
///   generate_feature 0 b  normals of features 4b to 4b + 3
///   generate_feature 1+j b  their coin tosses of nights 32j + 1 to 32j + 32
///   generate_noise k 0    the draw of p_s in night k: whether (not in night 0), hidden, signal,
///   deterministic generate_label k 0    word 0: the label of night k
template <class L>
class SyntheticScenarios {
 public:
  using F = typename L::F;
  using U = typename L::U;

  struct Values {
    U fleet, label;
    F approval;
  };

  NPO_HD SyntheticScenarios(const SyntheticTables& plan, const PhiloxKey& key) : plan_(plan), random_(key) {}

  /// Fills features[lane * dim + i] of the first `lanes` lanes where `features` is not null.
  NPO_HD Values operator()(U scenario, std::uint32_t night, int lanes, float* features) const {
    U words[4];
    draw(RandomPurpose::generate_fleet, scenario, 0, 0, words);
    const U fleet = below(words[0], plan_.fleets);
    const F signal = make_features(scenario, night, L::gather(plan_.level, fleet), lanes, features);
    const F approval = draw_approval(scenario, night, L::gather(plan_.shift, fleet), signal);
    draw(RandomPurpose::generate_label, scenario, night, 0, words);
    const auto happens = uniform_dense<L>(words[0]) <= approval;
    return {fleet, L::select(happens, U(1u), U(0u)), approval};
  }

 private:
  NPO_HD void draw(RandomPurpose purpose, U scenario, std::uint32_t step, std::uint32_t block,
                   U* words) const {
    random_.shared(philox_selector(purpose, 0, block), scenario, step, U(0u), words);
  }

  static NPO_HD F normal(U word) { return elementary::normal_quantile<L>(uniform_open<L>(word)); }

  /// uniform_below over lanes.
  static NPO_HD U below(U word, std::uint32_t n) { return L::join(L::mul(L::split(word), n).hi); }

  static NPO_HD U count_bits(U x) {
    x = x - ((x >> 1) & U(0x55555555u));
    x = (x & U(0x33333333u)) + ((x >> 2) & U(0x33333333u));
    x = (x + (x >> 4)) & U(0x0f0f0f0fu);
    x = x + (x >> 8);
    return (x + (x >> 16)) & U(0x3fu);
  }

  /// Returns the sum over features of weight times the normal, in feature order.
  NPO_HD F make_features(U scenario, std::uint32_t night, F level, int lanes, float* features) const {
    const std::uint32_t dim = plan_.dim;
    F signal(0.0f);
    for (std::uint32_t first = 0; first < dim; first += 4) {
      const std::uint32_t count = dim - first < 4 ? dim - first : 4;
      U words[4], ups[4];
      draw(RandomPurpose::generate_feature, scenario, 0, first / 4, words);
      if (features) count_ups(scenario, night, first / 4, ups);
      float block[4][L::width];
      for (std::uint32_t i = 0; i < count; ++i) {
        const F z = normal(words[i]);
        signal = L::fma(F(plan_.weight[first + i]), z, signal);
        if (!features) continue;
        const F tosses = L::to_float(ups[i] + ups[i] - U(night));
        const F still = L::fma(level, F(plan_.loading[first + i]), z);
        L::store(block[i], L::fma(F(plan_.walk_step), tosses, still));
      }
      if (features) scatter(block, count, lanes, dim, features + first);
    }
    return signal;
  }

  /// How many of the tosses of nights 1 to `night` went up, for four features.
  NPO_HD void count_ups(U scenario, std::uint32_t night, std::uint32_t block, U* ups) const {
    for (int i = 0; i < 4; ++i) ups[i] = U(0u);
    for (std::uint32_t done = 0; done < night; done += tosses_a_word) {
      U words[4];
      draw(RandomPurpose::generate_feature, scenario, 1 + done / tosses_a_word, block, words);
      const std::uint32_t left = night - done;
      const std::uint32_t mask = left >= tosses_a_word ? ~0u : (1u << left) - 1u;
      for (int i = 0; i < 4; ++i) ups[i] = ups[i] + count_bits(words[i] & U(mask));
    }
  }

  static NPO_HD void scatter(const float (*block)[L::width], std::uint32_t count, int lanes,
                             std::uint32_t dim, float* features) {
    for (int lane = 0; lane < lanes; ++lane)
      for (std::uint32_t i = 0; i < count; ++i)
        features[static_cast<std::size_t>(lane) * dim + i] = block[i][lane];
  }

  NPO_HD F draw_approval(U scenario, std::uint32_t night, F shift, F signal) const {
    U words[4];
    draw(RandomPurpose::generate_noise, scenario, 0, 0, words);
    F odds = L::fma(F(plan_.hidden), normal(words[1]), signal);
    F luck = uniform_dense<L>(words[3]);
    for (std::uint32_t k = 1; k <= night && plan_.drift > 0.0f; ++k) {
      draw(RandomPurpose::generate_noise, scenario, k, 0, words);
      const auto redrawn = uniform_open<L>(words[0]) < F(plan_.drift);
      const F fresh = L::fma(F(plan_.hidden), normal(words[1]), F(plan_.signal) * normal(words[2]));
      odds = L::select(redrawn, fresh, odds);
      luck = L::select(redrawn, uniform_dense<L>(words[3]), luck);
    }
    const F p = elementary::sigmoid<L>(shift + odds);
    if (!plan_.deterministic) return p;
    return L::select(luck <= p, F(1.0f), F(0.0f));
  }

  SyntheticTables plan_;
  Philox<L> random_;
};

/// The driver of one lane type; null columns are not written.
template <class L>
NPO_HD void make_synthetic_lanes(const SyntheticTables& plan, std::uint32_t first, std::uint32_t night,
                                 const SyntheticColumns& out) {
  const PhiloxKey key(plan.seed);
  const SyntheticScenarios<L> make_scenarios(plan, key);
  for (std::size_t row = 0; row < out.rows; row += L::width) {
    const std::size_t left = out.rows - row;
    const int lanes = left < static_cast<std::size_t>(L::width) ? static_cast<int>(left) : L::width;
    const typename L::U scenario = typename L::U(first + static_cast<std::uint32_t>(row)) + L::iota();
    float* features = out.features ? out.features + row * plan.dim : nullptr;
    const auto values = make_scenarios(scenario, night, lanes, features);
    if (out.fleet) L::store_first(out.fleet + row, lanes, values.fleet);
    if (out.approval) L::store_first(out.approval + row, lanes, values.approval);
    if (!out.label) continue;
    std::uint32_t label[L::width];
    L::store(label, values.label);
    for (int lane = 0; lane < lanes; ++lane)
      out.label[row + static_cast<std::size_t>(lane)] = static_cast<std::uint8_t>(label[lane]);
  }
}

/// The instances, one in each object that is compiled for its instruction set.
void make_synthetic_scalar(const SyntheticTables& plan, std::uint32_t first, std::uint32_t night,
                           const SyntheticColumns& out);
void make_synthetic_avx2(const SyntheticTables& plan, std::uint32_t first, std::uint32_t night,
                         const SyntheticColumns& out);
void make_synthetic_avx512(const SyntheticTables& plan, std::uint32_t first, std::uint32_t night,
                           const SyntheticColumns& out);

}  // namespace npo
