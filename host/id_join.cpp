#include "host/id_join.hpp"

#include <algorithm>

namespace npo {
namespace {

constexpr std::uint64_t window_ids = 65536;

}  // namespace

IdList padded_ids(IdType stored_type, std::span<const std::byte> stored, IdType id) {
  std::vector<std::uint64_t> words = id_words(stored_type, stored);
  if (stored_type.words() == id.words()) return {id.words(), std::move(words)};
  IdList padded{id.words(), {}};
  const auto narrow = static_cast<std::size_t>(stored_type.words()),
             wide = static_cast<std::size_t>(id.words());
  padded.words.resize(words.size() / narrow * wide, 0);
  for (std::size_t i = 0; i < words.size(); ++i) padded.words[i / narrow * wide + i % narrow] = words[i];
  return padded;
}

void IdJoin::load(std::uint64_t first, std::uint64_t count) {
  block_first_ = first;
  block_ = read_(first, std::min(count, rows_ - first));
}

std::vector<std::uint64_t> IdJoin::locate(const IdList& ids) {
  std::vector<std::uint64_t> rows(ids.size(), no_row);
  if (ids.size() == 0 || at_end()) return rows;
  // A table with the same ids in the same places is the rule.
  if (next_ + ids.size() <= rows_) {
    load(next_, ids.size());
    if (block_.width == ids.width && block_.words == ids.words) {
      for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = next_ + i;
      next_ += ids.size();
      return rows;
    }
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    int order = -1;
    while (!at_end()) {
      if (next_ < block_first_ || next_ >= block_first_ + block_.size()) load(next_, window_ids);
      order = compare_ids(block_.view(), next_ - block_first_, ids.view(), i);
      if (order >= 0) break;
      ++next_;
    }
    if (at_end()) break;
    if (order == 0) rows[i] = next_++;
  }
  return rows;
}

}  // namespace npo
