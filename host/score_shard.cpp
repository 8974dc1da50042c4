#include "host/score_shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "kernels/join_state.hpp"
#include "kernels/random_purpose.hpp"
#include "kernels/score_batch.hpp"
#include "kernels/thompson.hpp"

namespace npo {
namespace {

ScoreResult score_on_device(const PreparedScore& score, const RowInputs& in, const RowOutputs& out,
                            const RunContext& context) {
  return context.device == DeviceKind::cuda ? score_batch_cuda(score, in, out, context.device_index)
                                            : score_batch_cpu(score, in, out, context.simd);
}

/// A piece of a column, or nothing where the column is absent.
template <class T>
std::span<const T> piece(std::span<const T> column, std::size_t first, std::size_t count) {
  return column.empty() ? column : column.subspan(first, count);
}

}  // namespace

ShardScorer::ShardScorer(const ScenarioFile& scenarios, const NightPlan& plan, const StateSnapshot& state,
                         const RunContext& context)
    : scenarios_(scenarios), plan_(plan), state_(state), context_(context), score_(plan.score_plan()) {}

void ShardScorer::score(std::uint64_t first, std::uint64_t count, ShardRows& shard) const {
  prepare(first, count, shard);
  DecisionRows& out = shard.decisions;
  const std::size_t dim = scenarios_.dim();
  // A GPU takes what it is given at once; a core is faster on what its cache holds.
  const std::uint64_t step = context_.device == DeviceKind::cuda
                                 ? context_.batch_rows
                                 : std::min(context_.batch_rows, scenarios_.features_at_a_time());
  for (std::uint64_t at = 0; at < count; at += step) {
    context_.check_stop();
    const std::size_t rows = std::min(step, count - at);
    const RowWindow features = scenarios_.features(plan_.night().first_row + first + at, rows);
    RowInputs in;
    in.rows = rows;
    in.features = features.as<float>().first(rows * dim);
    in.fleet = std::span<const std::uint32_t>(out.fleet).subspan(at, rows);
    in.carried = piece(std::span<const float>(shard.carried), at, rows);
    in.preset_mask = piece(std::span<const std::uint64_t>(shard.preset), at, rows);
    in.row_arm = piece(std::span<const std::uint8_t>(shard.row_arm), at, rows);
    const auto cut = [&](auto& column) { return std::span(column).subspan(at, rows); };
    const RowOutputs results{cut(out.base_score), cut(out.score), cut(out.decision),
                             cut(out.mask),       cut(out.arm),   cut(out.p_surfaced)};
    const ScoreResult result = score_on_device(score_, in, results, context_);
    if (result.first_bad_row < rows) report_bad_row(first + at + result.first_bad_row);
    context_.report().advance(rows);
  }
}

void ShardScorer::prepare(std::uint64_t first, std::uint64_t count, ShardRows& out) const {
  const std::uint64_t file_row = plan_.night().first_row + first;
  const IdType id = scenarios_.header().id;
  const RowWindow stored_ids = scenarios_.stored_ids(file_row, count),
                  fleet_window = scenarios_.fleets(file_row, count);
  const auto fleet = fleet_window.as<std::uint32_t>();
  read_id_words(id, stored_ids.bytes(), out.ids);
  check_ids(out.ids, first, count);
  check_fleets(fleet, first);

  out.decisions.resize(count, id);
  std::copy(stored_ids.bytes().begin(), stored_ids.bytes().end(), out.decisions.ids.begin());
  std::copy(fleet.begin(), fleet.end(), out.decisions.fleet.begin());

  out.carried.clear();
  out.carried_rows = join(out.ids, count, out.carried);
  out.preset.clear();
  if (plan_.has_preset_rules()) {
    const RowWindow time_window = scenarios_.times(file_row, count);
    const auto time = time_window.as<UnixSeconds>();
    out.preset.resize(count);
    for (std::size_t i = 0; i < count; ++i) out.preset[i] = plan_.preset_mask(fleet[i], time[i]);
  }
  out.row_arm.clear();
  if (draws_per_scenario(plan_.policy().threshold)) {
    out.row_arm.resize(count);
    draw_per_scenario(out.ids, fleet, out.row_arm);
  }
}

void ShardScorer::check_ids(const std::vector<std::uint64_t>& words, std::uint64_t first,
                            std::size_t count) const {
  const IdType id = scenarios_.header().id;
  const int width = id.words();
  const IdView view{words.data(), count, width};
  const auto fail = [&](std::uint64_t row, const std::uint64_t* at, int order) {
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: scenarios/id, row {}: id {} {} the row before it in the same night",
                            scenarios_.path().string(), plan_.night().first_row + row, id_text(id, at),
                            order == 0 ? "repeats" : "sorts before"),
                "ids of a night must ascend and be unique: write the file with npo import");
  };
  if (first > 0 && count > 0) {
    const auto before = id_words(id, scenarios_.stored_ids(plan_.night().first_row + first - 1, 1).bytes());
    const int order = compare_ids(view, 0, {before.data(), 1, width}, 0);
    if (order <= 0) fail(first, words.data(), order);
  }
  for (std::size_t i = 1; i < count; ++i) {
    const bool ascends = width == 1 ? words[i - 1] < words[i] : compare_ids(view, i - 1, view, i) < 0;
    if (!ascends)
      fail(first + i, words.data() + i * static_cast<std::size_t>(width), compare_ids(view, i, view, i - 1));
  }
}

void ShardScorer::check_fleets(std::span<const std::uint32_t> fleet, std::uint64_t first) const {
  const std::size_t known = scenarios_.header().fleets.size();
  const auto bad =
      std::find_if(fleet.begin(), fleet.end(), [&](std::uint32_t code) { return code >= known; });
  if (bad == fleet.end()) return;
  const auto row = plan_.night().first_row + first + static_cast<std::uint64_t>(bad - fleet.begin());
  throw Error(ErrorKind::bad_data,
              fmt::format("{}: scenarios/fleet, row {}: code {} is outside the table fleets/name of {} names",
                          scenarios_.path().string(), row, *bad, known),
              "check the file with npo validate");
}

std::uint64_t ShardScorer::join(const std::vector<std::uint64_t>& words, std::size_t count,
                                std::vector<float>& carried) const {
  if (count == 0 || plan_.policy().score.carry == Carry::reset || state_.scenarios() == 0) return 0;
  const int width = scenarios_.header().id.words(), state_width = state_.manifest().id.words();
  const auto widened = [&](const std::uint64_t* at) {
    std::vector<std::uint64_t> key(static_cast<std::size_t>(state_width), 0);
    std::copy_n(at, std::min(width, state_width), key.begin());
    return key;
  };
  const auto low = widened(words.data());
  auto high = widened(words.data() + (count - 1) * static_cast<std::size_t>(width));
  // A wider id of the night that was cut may sort behind the state id it begins with: ask for one more.
  if (width > state_width && high.back() != ~std::uint64_t{0}) ++high.back();
  const StateRows rows = state_.range(low.data(), high.data());
  if (rows.rows() == 0) return 0;
  carried.resize(count);
  std::size_t cursor = 0;
  const auto& values = plan_.policy().score.carry == Carry::keep ? rows.score : rows.correction;
  return join_state({words.data(), count, width}, {rows.ids.data(), rows.rows(), state_width}, values, cursor,
                    carried);
}

void ShardScorer::draw_per_scenario(const std::vector<std::uint64_t>& words,
                                    std::span<const std::uint32_t> fleet, std::span<std::uint8_t> arm) const {
  const auto width = static_cast<std::size_t>(scenarios_.header().id.words());
  std::vector<std::uint64_t> entity(arm.size());
  for (std::size_t i = 0; i < arm.size(); ++i) {
    const std::span<const std::uint64_t> id(words.data() + i * width, width);
    entity[i] =
        width == 1 ? id.front() : hash_name({reinterpret_cast<const char*>(id.data()), id.size_bytes()});
  }
  const FleetArms& arms = plan_.arms();
  if (plan_.policy().threshold.kind == ThresholdKind::epsilon_greedy) {
    for (std::size_t i = 0; i < arm.size(); ++i) {
      const PhiloxWords words =
          philox(philox_counter(RandomPurpose::scenario_arm, entity[i], plan_.round(), 0), plan_.seed());
      arm[i] = epsilon_greedy_arm(plan_.policy().threshold, arms.greedy[fleet[i]], words);
    }
    return;
  }
  const RowArmDraws draws{arms.shape_a, arms.shape_b,  static_cast<int>(plan_.policy().threshold.arms.size()),
                          plan_.seed(), plan_.round(), entity,
                          fleet};
  if (context_.device == DeviceKind::cuda)
    draw_row_arms_cuda(draws, arm, context_.device_index);
  else
    draw_row_arms(draws, arm, context_.simd);
}

void ShardScorer::report_bad_row(std::uint64_t night_row) const {
  const std::uint64_t row = plan_.night().first_row + night_row;
  const RowWindow window = scenarios_.features(row, 1);
  const auto values = window.as<float>();
  const auto& names = scenarios_.header().features;
  for (std::size_t j = 0; j < names.size(); ++j)
    if (!std::isfinite(values[j]))
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: scenarios/features, row {}, column {}: {} is not a finite number",
                              scenarios_.path().string(), row, names[j], values[j]),
                  "repair the value, or set nan = \"block\" under [score] of the policy to block such rows");
  throw Error(
      ErrorKind::bad_data,
      fmt::format("{}: scenarios/features, row {}: the model's score is not finite (a value outside a "
                  "transform's domain, or an overflow)",
                  scenarios_.path().string(), row),
      "repair the value, or set nan = \"block\" under [score] of the policy to block such rows");
}

}  // namespace npo
