#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kernels/irls_cholesky.hpp"
#include "kernels/score_plan.hpp"
#include "kernels/vocabulary.hpp"

namespace npo::irls {

/// Rows of one tile of a table, owned by `keep`. Rows whose label is Label::unknown are not part of the fit.
struct TileRows {
  std::uint64_t first_row = 0;          ///< global index, a multiple of tile_rows
  std::size_t rows = 0;                 ///< at most tile_rows
  std::span<const float> features;      ///< [rows][columns of the table]
  std::span<const std::uint8_t> label;  ///< [rows] Label
  std::shared_ptr<const void> keep;
};

/// The table, tile by tile. Tiles ascend; tiles without a labelled row may be left out.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual std::size_t columns() const = 0;
  virtual std::size_t tiles() const = 0;
  /// Called by several threads at a time, several times for each tile.
  virtual TileRows tile(std::size_t index) const = 0;
};

/// One column of the fit: x' = (transform(x) - mean) / scale.
struct DesignColumn {
  std::uint32_t column;
  Transform transform = Transform::none;
  double mean = 0.0, scale = 1.0;
};

/// The transforms in double. Not finite for a `log1p` of -1 and below and a `sqrt` below 0, as in scoring.
double transformed(Transform transform, double x);

/// What the labelled rows look like.
struct TableMoments {
  std::uint64_t rows = 0, positives = 0;
  std::vector<bool> constant;  ///< [columns given] the transformed column has one value; its scale is 1 then
  struct BadValue {
    std::uint64_t row;
    std::uint32_t column;  ///< of the table
  };
  std::optional<BadValue> bad;  ///< first row, then column, that is not finite or has no finite transform;
                                ///< nothing else is set then
};

/// Fills mean and population standard deviation of every column given, over labelled rows, in two passes of
/// tile sums added in tile order.
TableMoments measure_columns(const RowSource& source, std::span<DesignColumn> columns,
                             const ParallelFor& parallel);

}  // namespace npo::irls
