#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "io/scenario_file.hpp"
#include "kernels/join_state.hpp"

/// Merge join of ascending scenario ids, block by block, with a long table of ascending ids.
namespace npo {

inline constexpr std::uint64_t no_row = ~std::uint64_t{0};

/// Scenario ids as words, in ascending order.
struct IdList {
  int width = 1;
  std::vector<std::uint64_t> words;
  std::size_t size() const { return words.size() / static_cast<std::size_t>(width); }
  const std::uint64_t* id(std::size_t i) const { return words.data() + i * static_cast<std::size_t>(width); }
  IdView view() const { return {words.data(), size(), width}; }
  void push_back(const std::uint64_t* id) { words.insert(words.end(), id, id + width); }
};

/// Ids as stored in a file as words, padded to the width of `id`.
IdList padded_ids(IdType stored_type, std::span<const std::byte> stored, IdType id);

/// The table's side of the join. Memory: one block of ids.
class IdJoin {
 public:
  /// `read(first, count)` gives the table's ids; `rows` is how many there are.
  using Read = std::function<IdList(std::uint64_t first, std::uint64_t count)>;
  IdJoin(std::uint64_t rows, Read read) : rows_(rows), read_(std::move(read)) {}

  /// Row of the table for each id, or `no_row`. The ids of consecutive calls ascend.
  std::vector<std::uint64_t> locate(const IdList& ids);

 private:
  /// Loads the block that begins at `first` with about `count` rows.
  void load(std::uint64_t first, std::uint64_t count);
  bool at_end() const { return next_ == rows_; }

  std::uint64_t rows_;
  Read read_;
  std::uint64_t next_ = 0;         ///< first row of the table not yet passed
  std::uint64_t block_first_ = 0;  ///< of the block in memory
  IdList block_;
};

}  // namespace npo
