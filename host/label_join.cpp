#include "host/label_join.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/error.hpp"
#include "kernels/join_state.hpp"

namespace npo {
namespace {

IdView view_of(const std::vector<std::uint64_t>& words, IdType type) {
  return {.words = words.data(),
          .rows = words.size() / static_cast<std::size_t>(type.words()),
          .words_per_id = type.words()};
}

}  // namespace

LabelJoin::LabelJoin(const DecisionRun& run, const ScenarioFile& labels, std::optional<UnixSeconds> as_of)
    : run_(run), labels_(labels), as_of_(as_of), night_(labels.night_at(run.identity().night)) {
  if (!labels.header().labelled)
    throw Error(ErrorKind::bad_data, fmt::format("{}: there are no labels", labels.path().string()),
                "import it with --label");
  if (labels.header().id.text != run.identity().id.text)
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: scenario ids are {}, those of {} are {}", labels.path().string(),
                            labels.header().id.text ? "text" : "numbers", run.folder().string(),
                            run.identity().id.text ? "text" : "numbers"),
                "give the labels of the scenarios that were decided about");
}

LabelJoin::Block LabelJoin::read(std::uint64_t first, std::uint64_t count, DecisionRun::Want want) const {
  want.ids = want.decision = true;
  Block block{.decisions = run_.read(first, count, want), .row = {}, .outcome = {}};
  block.row.assign(count, absent);
  block.outcome.assign(count, static_cast<std::uint8_t>(Label::unknown));
  if (!find_aligned(first, block)) find_by_merge(block);
  find_outcomes(block);
  return block;
}

bool LabelJoin::find_aligned(std::uint64_t first, Block& block) const {
  const std::uint64_t count = block.row.size();
  if (labels_.header().id != run_.identity().id || first + count > night_.rows) return false;
  const RowWindow ids = labels_.stored_ids(night_.first_row + first, count);
  const auto& ours = block.decisions.ids;
  if (ids.bytes().size() != ours.size() || std::memcmp(ids.bytes().data(), ours.data(), ours.size()) != 0)
    return false;
  for (std::uint64_t i = 0; i < count; ++i) block.row[i] = night_.first_row + first + i;
  return true;
}

void LabelJoin::index_night() const {
  for (std::uint64_t row = 0; row < night_.rows; row += tile_rows) {
    const auto words = id_words(labels_.header().id, labels_.stored_ids(night_.first_row + row, 1).bytes());
    first_ids_.insert(first_ids_.end(), words.begin(), words.end());
  }
}

/// Both sides ascend: the tiles of the night that can hold the block's ids are found by their first ids, then
/// merged.
void LabelJoin::find_by_merge(Block& block) const {
  if (block.row.empty() || night_.rows == 0) return;
  std::call_once(indexed_, [this] { index_night(); });
  const auto ours = id_words(run_.identity().id, block.decisions.ids);
  const IdView mine = view_of(ours, run_.identity().id), starts = view_of(first_ids_, labels_.header().id);
  const auto tile_of = [&](std::size_t row) {
    const std::size_t tile = lower_bound_id(starts, mine, row);
    const bool starts_there = tile < starts.rows && compare_ids(starts, tile, mine, row) == 0;
    return starts_there || tile == 0 ? tile : tile - 1;
  };
  const std::uint64_t from = std::min<std::uint64_t>(tile_of(0) * tile_rows, night_.rows);
  const std::uint64_t to = std::min<std::uint64_t>((tile_of(mine.rows - 1) + 1) * tile_rows, night_.rows);
  if (from >= to) return;
  const auto theirs =
      id_words(labels_.header().id, labels_.stored_ids(night_.first_row + from, to - from).bytes());
  const IdView other = view_of(theirs, labels_.header().id);
  for (std::size_t i = 0, j = 0; i < mine.rows && j < other.rows;) {
    const int order = compare_ids(mine, i, other, j);
    if (order == 0) block.row[i] = night_.first_row + from + j;
    i += order <= 0;
    j += order >= 0;
  }
}

void LabelJoin::find_outcomes(Block& block) const {
  const auto present = [](std::uint64_t row) { return row != absent; };
  const auto low = std::find_if(block.row.begin(), block.row.end(), present);
  if (low == block.row.end()) return;
  const std::uint64_t first = *low, last = *std::find_if(block.row.rbegin(), block.row.rend(), present);
  const RowWindow labels = labels_.labels(first, last - first + 1);
  const RowWindow known_at = labels_.label_known_at(first, last - first + 1);
  for (std::size_t i = 0; i < block.row.size(); ++i) {
    if (!present(block.row[i])) continue;
    const std::size_t at = block.row[i] - first;
    const std::uint8_t label = labels.as<std::uint8_t>()[at];
    if (label > 1 && label != static_cast<std::uint8_t>(Label::unknown))
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: scenarios/label: row {} is {}, not 0, 1 or 255 (unknown)",
                              labels_.path().string(), block.row[i], label),
                  "import the data again");
    if (!as_of_ || known_at.as<UnixSeconds>()[at] <= *as_of_) block.outcome[i] = label;
  }
}

}  // namespace npo
