#pragma once
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "io/scenario_file.hpp"
#include "kernels/join_state.hpp"

namespace npo {

/// Finds scenarios of one night by id. The first id of every tile is read once, when first asked for.
/// Thread-safe.
class NightIndex {
 public:
  static constexpr std::uint64_t absent = ~std::uint64_t{0};

  /// Words of the ids of rows [first, first + count) of the file. Thread-safe.
  using ReadIds = std::function<std::vector<std::uint64_t>(std::uint64_t first, std::uint64_t count)>;

  NightIndex(const ScenarioFile& file, Night night);
  NightIndex(IdType type, Night night, ReadIds read);
  const Night& night() const { return night_; }

  /// row[i] becomes the row of the file that holds id i of `ids` (ascending) on this night, or `absent`.
  /// Reads the tiles of the night that ids fall into, one at a time.
  void find(const IdView& ids, std::span<std::uint64_t> row) const;

 private:
  void read_first_ids() const;
  /// The only tile that can hold id i.
  std::uint64_t tile_of(const IdView& ids, std::size_t i) const;
  /// Finds ids i, i + 1, ... that fall into a tile; returns the first one that lies behind it.
  std::size_t find_in_tile(std::uint64_t tile, const IdView& ids, std::size_t i,
                           std::span<std::uint64_t> row) const;

  IdType type_;
  Night night_;
  ReadIds read_ids_;
  mutable std::once_flag read_;
  mutable std::vector<std::uint64_t> first_ids_;  ///< words of the first id of every tile of the night
};

/// A view of ids given as words.
IdView view_of_ids(std::span<const std::uint64_t> words, IdType type);

}  // namespace npo
