#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "kernels/philox.hpp"
#include "kernels/score_batch.hpp"

/// Plans and rows for the scoring tests, drawn from Philox, and their outputs with all columns in one place.
namespace npo::score_test {

inline constexpr std::size_t fleets = 9;

inline std::uint32_t word(std::uint64_t entity, std::uint32_t step) {
  return philox(philox_counter(RandomPurpose::test, entity, step, 0), 2024).word[0];
}
/// Uniform in (-1, 1).
inline float uniform(std::uint64_t entity, std::uint32_t step) {
  return static_cast<float>(static_cast<std::int32_t>(word(entity, step))) * 0x1p-31f;
}

struct Outputs {
  explicit Outputs(std::size_t rows)
      : base_score(rows), score(rows), p_surfaced(rows), mask(rows), decision(rows), arm(rows) {}
  RowOutputs part(std::size_t first, std::size_t count) {
    const auto cut = [&](auto& column) { return std::span(column).subspan(first, count); };
    return {cut(base_score), cut(score), cut(decision), cut(mask), cut(arm), cut(p_surfaced)};
  }
  std::vector<float> base_score, score, p_surfaced;
  std::vector<std::uint64_t> mask;
  std::vector<std::uint8_t> decision, arm;
};

/// A plan and rows, both free to be changed before they are scored.
struct Case {
  Case(std::size_t row_count, std::size_t feature_count) : rows(row_count), dim(feature_count) {
    const float scale = 3.0f / std::sqrt(static_cast<float>(dim));
    for (std::size_t i = 0; i < dim; ++i) weights.push_back(scale * uniform(i, 1));
    for (std::size_t i = 0; i < rows * dim; ++i) features.push_back(uniform(i, 2));
    for (std::size_t i = 0; i < rows; ++i) {
      fleet.push_back(word(i, 3) % fleets);
      carried.push_back(word(i, 4) % 3 == 0 ? no_correction : 2.0f * uniform(i, 5));
    }
    for (std::size_t f = 0; f < fleets; ++f) {
      fleet_arm.push_back(static_cast<std::uint8_t>(word(f, 6) % thresholds.size()));
      arm_probability.push_back({});
      for (std::size_t k = 0; k < thresholds.size(); ++k) {
        arm_probability[f].push_back(static_cast<float>(word(f, 7 + static_cast<std::uint32_t>(k)) % 64) /
                                     64.0f);
      }
    }
    tabulate();
  }
  /// Cumulates the arm probabilities into the plan's table.
  void tabulate() {
    surface.clear();
    for (const auto& probabilities : arm_probability) {
      float sum = 0.0f;
      surface.push_back(sum);
      for (float p : probabilities) surface.push_back(sum += p);
    }
  }
  void add_rule(std::uint32_t column, float lo, float hi, int bit, bool negate = false) {
    (column == score_column ? score_rules : feature_rules)
        .push_back({column, lo, hi, negate, static_cast<std::uint8_t>(bit)});
  }
  ScorePlan plan() const {
    return {{weights, bias, transforms},
            {thresholds, fleet_arm, surface},
            {feature_rules, score_rules, block},
            carry};
  }
  RowInputs part(std::size_t first, std::size_t count) const {
    const auto cut = [&](const auto& column) {
      return column.empty() || count == rows ? std::span(column) : std::span(column).subspan(first, count);
    };
    return {count,
            std::span(features).subspan(first * dim, count * dim),
            cut(fleet),
            cut(carried),
            cut(preset_mask),
            cut(row_arm)};
  }
  Outputs score(SimdLevel level, std::size_t batch = 0) {
    Outputs out(rows);
    if (batch == 0) batch = std::max<std::size_t>(rows, 1);
    first_bad = rows;
    const PreparedScore prepared(plan());
    for (std::size_t first = 0; first < rows; first += batch) {
      const std::size_t count = std::min(batch, rows - first);
      const ScoreResult result = score_batch_cpu(prepared, part(first, count), out.part(first, count), level);
      if (result.first_bad_row < count) first_bad = std::min(first_bad, first + result.first_bad_row);
    }
    return out;
  }
  float& feature(std::size_t row, std::size_t column) { return features[row * dim + column]; }

  std::size_t rows, dim;
  std::size_t first_bad = 0;  ///< of the last call of `score`
  std::vector<float> weights, features, carried;
  float bias = 0.125f;
  std::vector<Transform> transforms;
  std::vector<std::uint32_t> fleet;
  std::vector<std::uint64_t> preset_mask;
  std::vector<std::uint8_t> row_arm, fleet_arm;
  std::vector<float> thresholds{0.5f, 0.6f, 0.7f, 0.8f, 0.9f}, surface;
  std::vector<std::vector<float>> arm_probability;
  std::vector<IntervalRule> feature_rules, score_rules;
  bool block = false;
  Carry carry = Carry::offset;
};

/// A case that uses everything: transforms, rules on raw features and on the score, presets, and bad rows
/// that block.
inline Case rich_case(std::size_t rows, std::size_t dim) {
  Case c(rows, dim);
  c.block = true;
  for (std::size_t i = 0; i < dim; ++i) c.transforms.push_back(static_cast<Transform>(word(i, 20) % 4));
  for (std::size_t i = 0; i < rows * dim; ++i) {
    const Transform t = c.transforms[i % dim];
    if (t == Transform::sqrt) c.features[i] = std::abs(c.features[i]);
    if (t == Transform::log1p) c.features[i] *= 0.9f;
  }
  for (int bit = 0; bit < 40; bit += 3) {
    const std::uint32_t column = word(static_cast<std::uint64_t>(bit), 21) % static_cast<std::uint32_t>(dim);
    c.add_rule(column, 0.9f, 2.0f, bit);
    c.add_rule(column, -0.97f, 3.0f, bit + 1, true);
  }
  c.add_rule(score_column, 0.99f, 1.0f, 62);
  c.add_rule(score_column, 0.01f, 1.0f, 61, true);
  for (std::size_t i = 0; i < rows; ++i) {
    c.preset_mask.push_back(word(i, 22) % 8 == 0 ? std::uint64_t{1} << (word(i, 23) % 63) : 0);
    if (word(i, 24) % 16 == 0) {
      const auto column = word(i, 25) % static_cast<std::uint32_t>(dim);
      c.feature(i, column) = word(i, 26) % 2 == 0 ? std::numeric_limits<float>::quiet_NaN()
                                                  : std::numeric_limits<float>::infinity();
    }
  }
  return c;
}

inline std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all;
  for (SimdLevel level : {SimdLevel::scalar, SimdLevel::avx2, SimdLevel::avx512}) {
    if (supports(level)) all.push_back(level);
  }
  return all;
}

/// Every output as bytes, so that NaN equals NaN and -0 does not equal 0.
inline std::vector<unsigned char> bytes_of(const Outputs& out) {
  std::vector<unsigned char> bytes;
  const auto add = [&](const auto& column) {
    const auto* data = reinterpret_cast<const unsigned char*>(column.data());
    bytes.insert(bytes.end(), data, data + column.size() * sizeof(column[0]));
  };
  add(out.base_score);
  add(out.score);
  add(out.p_surfaced);
  add(out.mask);
  add(out.decision);
  add(out.arm);
  return bytes;
}

}  // namespace npo::score_test
