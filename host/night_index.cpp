#include "host/night_index.hpp"

#include <algorithm>

#include "kernels/vocabulary.hpp"

namespace npo {

IdView view_of_ids(std::span<const std::uint64_t> words, IdType type) {
  const int width = type.words();
  return {
      .words = words.data(), .rows = words.size() / static_cast<std::size_t>(width), .words_per_id = width};
}

NightIndex::NightIndex(const ScenarioFile& file, Night night)
    : NightIndex(file.header().id, night, [&file](std::uint64_t first, std::uint64_t count) {
        return id_words(file.header().id, file.stored_ids(first, count).bytes());
      }) {}

NightIndex::NightIndex(IdType type, Night night, ReadIds read)
    : type_(type), night_(night), read_ids_(std::move(read)) {}

void NightIndex::read_first_ids() const {
  for (std::uint64_t row = 0; row < night_.rows; row += tile_rows) {
    const auto words = read_ids_(night_.first_row + row, 1);
    first_ids_.insert(first_ids_.end(), words.begin(), words.end());
  }
}

std::uint64_t NightIndex::tile_of(const IdView& ids, std::size_t i) const {
  const IdView starts = view_of_ids(first_ids_, type_);
  const std::size_t tile = lower_bound_id(starts, ids, i);
  const bool starts_there = tile < starts.rows && compare_ids(starts, tile, ids, i) == 0;
  return starts_there || tile == 0 ? tile : tile - 1;
}

std::size_t NightIndex::find_in_tile(std::uint64_t tile, const IdView& ids, std::size_t i,
                                     std::span<std::uint64_t> row) const {
  const std::uint64_t first = tile * tile_rows,
                      count = std::min<std::uint64_t>(tile_rows, night_.rows - first);
  const auto words = read_ids_(night_.first_row + first, count);
  const IdView there = view_of_ids(words, type_);
  for (std::size_t j = 0; i < ids.rows && j < there.rows;) {
    const int order = compare_ids(ids, i, there, j);
    if (order == 0) row[i] = night_.first_row + first + j;
    i += order <= 0;
    j += order >= 0;
  }
  // The rest lies between the tile's last id and the next tile's first.
  const IdView starts = view_of_ids(first_ids_, type_);
  if (tile + 1 == starts.rows) return ids.rows;
  while (i < ids.rows && compare_ids(ids, i, starts, tile + 1) < 0) ++i;
  return i;
}

void NightIndex::find(const IdView& ids, std::span<std::uint64_t> row) const {
  std::fill(row.begin(), row.end(), absent);
  if (night_.rows == 0) return;
  std::call_once(read_, [this] { read_first_ids(); });
  for (std::size_t i = 0; i < ids.rows;) i = find_in_tile(tile_of(ids, i), ids, i, row);
}

}  // namespace npo
