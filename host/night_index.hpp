#pragma once
#include <cstdint>
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

  NightIndex(const ScenarioFile& file, Night night) : file_(file), night_(night) {}
  const Night& night() const { return night_; }

  /// row[i] becomes the row of the file that holds id i of `ids` (ascending) on this night, or `absent`.
  /// Reads the ids between the first and the last of `ids`: ask in pieces.
  void find(const IdView& ids, std::span<std::uint64_t> row) const;

 private:
  void read_first_ids() const;

  const ScenarioFile& file_;
  Night night_;
  mutable std::once_flag read_;
  mutable std::vector<std::uint64_t> first_ids_;  ///< words of the first id of every tile of the night
};

/// A view of ids given as words.
IdView view_of_ids(std::span<const std::uint64_t> words, IdType type);

}  // namespace npo
