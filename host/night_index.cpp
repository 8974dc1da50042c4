#include "host/night_index.hpp"

#include <algorithm>

#include "kernels/vocabulary.hpp"

namespace npo {

IdView view_of_ids(std::span<const std::uint64_t> words, IdType type) {
  const int width = type.words();
  return {
      .words = words.data(), .rows = words.size() / static_cast<std::size_t>(width), .words_per_id = width};
}

void NightIndex::read_first_ids() const {
  for (std::uint64_t row = 0; row < night_.rows; row += tile_rows) {
    const auto words = id_words(file_.header().id, file_.stored_ids(night_.first_row + row, 1).bytes());
    first_ids_.insert(first_ids_.end(), words.begin(), words.end());
  }
}

void NightIndex::find(const IdView& ids, std::span<std::uint64_t> row) const {
  std::fill(row.begin(), row.end(), absent);
  if (ids.rows == 0 || night_.rows == 0) return;
  std::call_once(read_, [this] { read_first_ids(); });
  const IdType type = file_.header().id;
  const IdView starts = view_of_ids(first_ids_, type);
  const auto tile_of = [&](std::size_t i) {  // the only tile that can hold id i
    const std::size_t tile = lower_bound_id(starts, ids, i);
    const bool starts_there = tile < starts.rows && compare_ids(starts, tile, ids, i) == 0;
    return starts_there || tile == 0 ? tile : tile - 1;
  };
  const std::uint64_t from = tile_of(0) * tile_rows;
  const std::uint64_t to = std::min<std::uint64_t>((tile_of(ids.rows - 1) + 1) * tile_rows, night_.rows);
  const auto words = id_words(type, file_.stored_ids(night_.first_row + from, to - from).bytes());
  const IdView there = view_of_ids(words, type);
  for (std::size_t i = 0, j = 0; i < ids.rows && j < there.rows;) {
    const int order = compare_ids(ids, i, there, j);
    if (order == 0) row[i] = night_.first_row + from + j;
    i += order <= 0;
    j += order >= 0;
  }
}

}  // namespace npo
