#pragma once
#include <cstdint>
#include <span>

namespace npo {

/// A column of scenario ids as words: an integer id is one word; a text id of W*8 bytes is W words in
/// big-endian byte order, null-padded, so that comparing words left to right is comparing the text.
/// Ascending, no duplicates.
struct IdView {
  const std::uint64_t* words = nullptr;  ///< [rows][words_per_id]
  std::size_t rows = 0;
  int words_per_id = 1;
};

/// Three-way comparison of row `i` of `a` with row `j` of `b`: negative, zero or positive. Widths may differ
/// (the shorter is padded with zero words).
int compare_ids(const IdView& a, std::size_t i, const IdView& b, std::size_t j);

/// First row of `ids` that is not less than row `j` of `key`.
std::size_t lower_bound_id(const IdView& ids, const IdView& key, std::size_t j);

/// Merge join of a batch with the state: carried[i] = values[k] where state id k equals row id i, else
/// `no_correction`. Both sides ascend. `cursor` is the first state row not yet passed; it is advanced, so
/// that consecutive batches of one night continue where the last one stopped. Returns the number of rows
/// matched.
std::size_t join_state(const IdView& rows, const IdView& state, std::span<const float> values,
                       std::size_t& cursor, std::span<float> carried);

}  // namespace npo
