#include "bench/score_data.hpp"

#include <immintrin.h>

#include <algorithm>

#include "kernels/vocabulary.hpp"

namespace npo::bench {
namespace {

constexpr std::size_t fleets = 200;

/// Quick uniform numbers in (-1, 1); their quality does not matter here.
class Uniform {
 public:
  float operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<float>(static_cast<std::int32_t>(state_ >> 32)) * 0x1p-31f;
  }

 private:
  std::uint64_t state_ = 1;
};

template <class T>
std::uint64_t read_part(const BigArray<T>& column, std::size_t first, std::size_t count) {
  return pure_read(column.data() + first, count * sizeof(T));
}

/// Writes ones past the cache.
template <class T>
void stream_part(BigArray<T>& column, std::size_t first, std::size_t count) {
  auto* to = reinterpret_cast<__m256i*>(column.data() + first);
  const __m256i ones = _mm256_set1_epi8(1);
  for (std::size_t i = 0; i < count * sizeof(T) / sizeof(__m256i); ++i) _mm256_stream_si256(to + i, ones);
}

}  // namespace

ScoreData::ScoreData(std::size_t row_count, std::size_t feature_count)
    : rows(row_count),
      dim(feature_count),
      features(rows * dim),
      state_values(rows),
      fleet(rows),
      ids(rows),
      state_ids(rows),
      base_score(rows),
      score(rows),
      p_surfaced(rows),
      mask(rows),
      arm(rows),
      decision(rows),
      weights(dim),
      thresholds{0.5f, 0.6f, 0.7f, 0.8f, 0.9f},
      surface_probability(fleets * 6),
      fleet_arm(fleets) {
  Uniform uniform;
  const float scale = 3.0f / static_cast<float>(dim);
  for (float& w : weights) w = scale * uniform();
  for (float& x : features.span()) x = uniform();
  for (std::size_t i = 0; i < rows; ++i) {
    ids.data()[i] = state_ids.data()[i] = 1000 + 3 * i;
    state_values.data()[i] = 0.3f * uniform();
    fleet.data()[i] = static_cast<std::uint32_t>(100.0f + 99.0f * uniform());
  }
  const auto touch = [](auto& column) {
    std::ranges::fill(column.span(), 1);
  };  // page faults are not scoring
  touch(base_score);
  touch(score);
  touch(p_surfaced);
  touch(mask);
  touch(arm);
  touch(decision);
  for (std::size_t f = 0; f < fleets; ++f) {
    fleet_arm[f] = static_cast<std::uint8_t>(f % 5);
    for (std::size_t j = 0; j < 6; ++j) surface_probability[f * 6 + j] = 0.2f * static_cast<float>(j);
  }
  for (std::uint8_t bit = 0; bit < 8; ++bit) {
    static constexpr std::uint32_t columns[] = {1, 3, 7, 10, 16, 21, 25, 30};
    rules.push_back({columns[bit] % static_cast<std::uint32_t>(dim), 0.95f, 2.0f, false, bit});
  }
}

ScorePlan ScoreData::plan() const {
  return {.model = {.weights = weights, .bias = 0.1f, .transforms = {}},
          .threshold = {.thresholds = thresholds,
                        .fleet_arm = fleet_arm,
                        .fleet_surface_probability = surface_probability},
          .guardrails = {.feature_rules = rules, .score_rules = {}, .block_non_finite = true},
          .carry = Carry::offset};
}

RowInputs ScoreData::inputs(std::size_t first, std::size_t count, std::span<const float> carried) {
  return {.rows = count,
          .features = features.part(first * dim, count * dim),
          .fleet = fleet.part(first, count),
          .carried = carried,
          .preset_mask = {},
          .row_arm = {}};
}

RowOutputs ScoreData::outputs(std::size_t first, std::size_t count) {
  return {.base_score = base_score.part(first, count),
          .score = score.part(first, count),
          .decision = decision.part(first, count),
          .mask = mask.part(first, count),
          .arm = arm.part(first, count),
          .p_surfaced = p_surfaced.part(first, count)};
}

IdView ScoreData::ids_view(std::size_t first, std::size_t count) const {
  return {ids.data() + first, count, 1};
}

std::size_t ScoreData::bytes_per_row() const {
  const std::size_t in =
      dim * sizeof(float) + sizeof(std::uint32_t) + 2 * sizeof(std::uint64_t) + sizeof(float);
  const std::size_t out = 3 * sizeof(float) + sizeof(std::uint64_t) + 2;
  return in + out;
}

void join_and_score(ScoreData& data, std::size_t batch, SimdLevel level) {
  const PreparedScore score(data.plan());
  const IdView state{data.state_ids.data(), data.rows, 1};
  std::vector<float> carried(batch);
  std::size_t cursor = 0;
  for (std::size_t first = 0; first < data.rows; first += batch) {
    const std::size_t count = std::min(batch, data.rows - first);
    const std::span<float> joined(carried.data(), count);
    join_state(data.ids_view(first, count), state, data.state_values.span(), cursor, joined);
    score_batch_cpu(score, data.inputs(first, count, joined), data.outputs(first, count), level);
  }
}

void score_only(ScoreData& data, std::size_t batch, SimdLevel level) {
  const PreparedScore score(data.plan());
  for (std::size_t first = 0; first < data.rows; first += batch) {
    const std::size_t count = std::min(batch, data.rows - first);
    score_batch_cpu(score, data.inputs(first, count, data.state_values.part(first, count)),
                    data.outputs(first, count), level);
  }
}

std::uint64_t move_only(ScoreData& data, std::size_t batch) {
  constexpr std::size_t block = 64;
  std::uint64_t sum = 0;
  for (std::size_t first = 0; first < data.rows; first += batch) {
    const std::size_t end = std::min(first + batch, data.rows);
    sum += read_part(data.ids, first, end - first) + read_part(data.state_ids, first, end - first) +
           read_part(data.state_values, first, end - first);
    for (std::size_t row = first; row + block <= end; row += block) {
      sum += read_part(data.features, row * data.dim, block * data.dim) + read_part(data.fleet, row, block);
      stream_part(data.base_score, row, block);
      stream_part(data.score, row, block);
      stream_part(data.p_surfaced, row, block);
      stream_part(data.mask, row, block);
      stream_part(data.arm, row, block);
      stream_part(data.decision, row, block);
    }
  }
  _mm_sfence();
  return sum;
}

std::uint64_t pure_read(const void* data, std::size_t bytes) {
  const auto* from = static_cast<const __m256i*>(data);
  __m256i sum[8] = {};
  for (std::size_t i = 0; i + 8 <= bytes / 32; i += 8) {
    for (std::size_t j = 0; j < 8; ++j) sum[j] = _mm256_xor_si256(sum[j], _mm256_load_si256(from + i + j));
  }
  for (std::size_t j = 1; j < 8; ++j) sum[0] = _mm256_xor_si256(sum[0], sum[j]);
  return static_cast<std::uint64_t>(_mm256_extract_epi64(sum[0], 0));
}

}  // namespace npo::bench
