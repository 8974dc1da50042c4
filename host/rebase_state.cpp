#include "host/rebase_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/score_model.hpp"
#include "host/state_rows.hpp"
#include "kernels/error.hpp"
#include "kernels/rebase_score.hpp"

namespace npo {
namespace {

KeptShare share_of(Rebase rebase) {
  return {.shrink_by = rebase == Rebase::shrink ? 10.0f : 0.0f, .none = rebase == Rebase::reset};
}

/// One piece of state rows, with where the night has them.
class Piece {
 public:
  Piece(const RebasePlan& plan, const ScenarioFile& file, SimdLevel level, StateRows& rows)
      : plan_(plan), file_(file), level_(level), rows_(rows) {}

  /// Rows `members` of the state, all in the tile of the file that holds file row `found[0]`.
  void rebase(std::span<const std::size_t> members, std::span<const std::uint64_t> found,
              RebaseCounts& counts) {
    const std::uint64_t first = found.front(), last = found.back();
    const RowWindow window = file_.features(first, last - first + 1);
    const std::size_t dim = file_.dim(), count = members.size();
    std::vector<float> features(count * dim), old_base(count), new_base(count);
    for (std::size_t i = 0; i < count; ++i)
      std::copy_n(window.as<float>().data() + (found[i] - first) * dim, dim, features.data() + i * dim);
    score(plan_.old_model, features, found, old_base);
    score(plan_.new_model, features, found, new_base);
    for (std::size_t i = 0; i < count; ++i) move(members[i], old_base[i], new_base[i], counts);
  }

 private:
  void score(const PlannedModel& model, std::span<const float> features, std::span<const std::uint64_t> found,
             std::span<float> base) const {
    const std::size_t bad = score_model(model, features, base, level_);
    if (bad < base.size())
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: scenarios/features: row {} has no finite score", file_.path().string(),
                              found[bad]),
                  "mend the row");
  }

  void move(std::size_t i, float old_base, float new_base, RebaseCounts& counts) {
    const ScenarioState before = state_at(rows_, i);
    const float score = carried_score(before, old_base, plan_.carry);
    const ScenarioState after = rebase_score(before, score, new_base, share_of(plan_.rebase));
    rows_.score[i] = after.score;
    rows_.correction[i] = after.correction;
    const float shift = std::fabs(after.score - score);
    counts.shift_sum += static_cast<std::int64_t>(shift * 0x1p24f + 0.5f);
    counts.largest_shift = std::max(counts.largest_shift, shift);
    ++counts.rebased;
  }

  const RebasePlan& plan_;
  const ScenarioFile& file_;
  SimdLevel level_;
  StateRows& rows_;
};

}  // namespace

void RebaseCounts::add(const RebaseCounts& other) {
  rebased += other.rebased;
  absent += other.absent;
  shift_sum += other.shift_sum;
  largest_shift = std::max(largest_shift, other.largest_shift);
}

RebaseCounts rebase_rows(const RebasePlan& plan, const ScenarioFile& file, const NightIndex& night,
                         IdType state_ids, SimdLevel level, StateRows& rows) {
  RebaseCounts counts;
  Piece piece(plan, file, level, rows);
  std::fill(rows.steps.begin(), rows.steps.end(), 0u);
  const auto words = static_cast<std::size_t>(state_ids.words());
  for (std::size_t first = 0; first < rows.rows(); first += tile_rows) {
    const std::size_t count = std::min(tile_rows, rows.rows() - first);
    std::vector<std::uint64_t> found(count);
    night.find(view_of_ids(std::span(rows.ids).subspan(first * words, count * words), state_ids), found);
    std::vector<std::size_t> members;
    std::vector<std::uint64_t> places;
    const auto flush = [&] {
      if (!members.empty()) piece.rebase(members, places, counts);
      members.clear();
      places.clear();
    };
    for (std::size_t i = 0; i < count; ++i) {
      if (found[i] == NightIndex::absent || rows.updates[first + i] == 0) {
        ++counts.absent;
        continue;
      }
      if (!places.empty() && places.front() / tile_rows != found[i] / tile_rows) flush();
      members.push_back(first + i);
      places.push_back(found[i]);
    }
    flush();
  }
  return counts;
}

}  // namespace npo
