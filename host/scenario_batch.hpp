#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/scenario_file.hpp"

namespace npo {

/// Columns of some scenario rows, owned.
struct ScenarioBatch {
  std::vector<std::byte> ids;  ///< as stored
  std::vector<std::uint32_t> fleet;
  std::vector<UnixSeconds> time, label_known_at;
  std::vector<float> features;  ///< [rows][features]
  std::vector<std::uint8_t> label;

  /// Room for `rows` rows; columns of labels only where `labelled`.
  void resize(std::size_t rows, IdType id, std::size_t dim, bool labelled) {
    ids.resize(rows * id.bytes);
    fleet.resize(rows);
    time.resize(rows);
    features.resize(rows * dim);
    label.resize(labelled ? rows : 0);
    label_known_at.resize(labelled ? rows : 0);
  }
  ScenarioRows view() const { return {ids, fleet, time, features, label, label_known_at}; }
};

/// Rows of a batch of about 16 MB, a multiple of whole tiles.
inline std::size_t batch_rows_for(std::size_t dim) {
  constexpr std::size_t bytes = std::size_t{16} << 20;
  const std::size_t tiles = bytes / (dim * sizeof(float) * tile_rows);
  return tile_rows * (tiles < 1 ? 1 : tiles > 16 ? 16 : tiles);
}

}  // namespace npo
