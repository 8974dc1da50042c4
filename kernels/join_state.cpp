#include "kernels/join_state.hpp"

#include <algorithm>

#include "kernels/error.hpp"
#include "kernels/id_block.hpp"
#include "kernels/lane/memory.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

/// A merge of two ascending id columns: `row` and `state` are the first ids not yet passed on either side.
struct Merge {
  const IdView& rows;
  const IdView& states;
  const float* values;
  float* carried;
  std::size_t row = 0;
  std::size_t state = 0;
  std::size_t matched = 0;

  void match(std::size_t count) {
    std::copy_n(values + state, count, carried + row);
    row += count;
    state += count;
    matched += count;
  }
  void leave_unknown(std::size_t count) {
    std::fill_n(carried + row, count, no_correction);
    row += count;
  }
};

/// First row of `ids` at or after `from` that is not less than row `j` of `key`: steps that double, then
/// bisection, so that a state far behind costs the logarithm of the distance.
std::size_t gallop(const IdView& ids, std::size_t from, const IdView& key, std::size_t j) {
  std::size_t low = from, step = 1;
  while (low + step <= ids.rows && compare_ids(ids, low + step - 1, key, j) < 0) {
    low += step;
    step *= 2;
  }
  std::size_t high = std::min(low + step - 1, ids.rows);
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (compare_ids(ids, middle, key, j) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// Asks for a block of ids and values of either side twelve blocks ahead, be it in the next batch: the
/// processor's own reading ahead loses three streams that pause while rows are scored. Always inlined: g++
/// takes a function that only asks for memory for one without effect, and drops its calls.
NPO_HD void expect_more(const Merge& merge) {
  constexpr std::size_t id_bytes = id_block * sizeof(std::uint64_t), bytes = id_block * sizeof(float);
  lane::expect_reads(merge.rows.words + merge.row, 12 * id_bytes, id_bytes);
  lane::expect_reads(merge.states.words + merge.state, 12 * id_bytes, id_bytes);
  lane::expect_reads(merge.values + merge.state, 12 * bytes, bytes);
}

/// One-word ids, sixteen at a time: equal runs are copied, rows below the state's next id are filled, states
/// below the next row are skipped. Each vector step ends in one branch. Stops within a block of either end.
void merge_blocks(Merge& merge) {
  const std::uint64_t* rows = merge.rows.words;
  const std::uint64_t* states = merge.states.words;
  while (merge.row + id_block <= merge.rows.rows && merge.state + id_block <= merge.states.rows) {
    expect_more(merge);
    const unsigned equal = equal_prefix(rows + merge.row, states + merge.state);
    if (equal == id_block) {
      merge.match(id_block);
      continue;
    }
    std::copy_n(merge.values + merge.state, id_block, merge.carried + merge.row);
    merge.row += equal;
    merge.state += equal;
    merge.matched += equal;
    const std::uint64_t next_row = rows[merge.row], next_state = states[merge.state];
    if (next_row < next_state) {
      if (merge.row + id_block > merge.rows.rows) return;
      const unsigned below = less_count(rows + merge.row, next_state);
      std::fill_n(merge.carried + merge.row, id_block, no_correction);
      merge.row += below;
    } else {
      if (merge.state + id_block > merge.states.rows) return;
      const unsigned below = less_count(states + merge.state, next_row);
      merge.state += below;
      if (below == id_block) merge.state = gallop(merge.states, merge.state, merge.rows, merge.row);
    }
  }
}

/// Whether the next sixteen ids of any one width are equal on both sides.
bool same_block(const Merge& merge) {
  const auto words = static_cast<std::size_t>(merge.rows.words_per_id);
  const std::uint64_t* a = merge.rows.words + merge.row * words;
  const std::uint64_t* b = merge.states.words + merge.state * words;
  for (std::size_t w = 0; w < words; ++w, a += id_block, b += id_block) {
    if (equal_prefix(a, b) != id_block) return false;
  }
  return true;
}

/// Ids of any width: blocks while both sides agree, one id at a time where they do not.
void merge_any(Merge& merge) {
  const bool one_width = merge.rows.words_per_id == merge.states.words_per_id;
  const auto block_ahead = [&] {
    return one_width && merge.row + id_block <= merge.rows.rows &&
           merge.state + id_block <= merge.states.rows && same_block(merge);
  };
  while (merge.row < merge.rows.rows && merge.state < merge.states.rows) {
    const int order = compare_ids(merge.rows, merge.row, merge.states, merge.state);
    if (order < 0) {
      merge.leave_unknown(1);
    } else if (order > 0) {
      merge.state = gallop(merge.states, merge.state + 1, merge.rows, merge.row);
    } else {
      merge.match(block_ahead() ? id_block : 1);
    }
  }
  merge.leave_unknown(merge.rows.rows - merge.row);
}

}  // namespace

int compare_ids(const IdView& a, std::size_t i, const IdView& b, std::size_t j) {
  const auto words_a = static_cast<std::size_t>(a.words_per_id);
  const auto words_b = static_cast<std::size_t>(b.words_per_id);
  const std::uint64_t* x = a.words + i * words_a;
  const std::uint64_t* y = b.words + j * words_b;
  for (std::size_t w = 0; w < std::max(words_a, words_b); ++w) {
    const std::uint64_t left = w < words_a ? x[w] : 0, right = w < words_b ? y[w] : 0;
    if (left != right) return left < right ? -1 : 1;
  }
  return 0;
}

std::size_t lower_bound_id(const IdView& ids, const IdView& key, std::size_t j) {
  std::size_t low = 0, count = ids.rows;
  while (count > 0) {
    const std::size_t half = count / 2;
    if (compare_ids(ids, low + half, key, j) < 0) {
      low += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return low;
}

std::size_t join_state(const IdView& rows, const IdView& state, std::span<const float> values,
                       std::size_t& cursor, std::span<float> carried) {
  if (values.size() != state.rows || carried.size() != rows.rows || cursor > state.rows) {
    throw Error(ErrorKind::internal, "the columns of a join differ in length");
  }
  Merge merge{rows, state, values.data(), carried.data(), 0, cursor};
  if (rows.words_per_id == 1 && state.words_per_id == 1) merge_blocks(merge);
  merge_any(merge);
  cursor = merge.state;
  return merge.matched;
}

}  // namespace npo
