#include "kernels/irls_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/elementary64.hpp"

namespace npo::irls {
namespace {

/// Tiles whose sums are held at a time.
constexpr std::size_t group_tiles = 64;

struct TileMoments {
  std::uint64_t rows = 0, positives = 0;
  std::vector<double> sum, low, high;
  std::optional<TableMoments::BadValue> bad;
};

bool is_labelled(const TileRows& tile, std::size_t row) {
  return tile.label[row] != static_cast<std::uint8_t>(Label::unknown);
}

/// Sum of x, with the range, or sum of (x - mean)^2 of one tile.
TileMoments measure_tile(const TileRows& tile, std::size_t width, std::span<const DesignColumn> columns,
                         bool squares) {
  TileMoments moments;
  moments.sum.assign(columns.size(), 0.0);
  moments.low.assign(columns.size(), HUGE_VAL);
  moments.high.assign(columns.size(), -HUGE_VAL);
  for (std::size_t row = 0; row < tile.rows; ++row) {
    if (!is_labelled(tile, row)) continue;
    ++moments.rows;
    moments.positives += tile.label[row] == static_cast<std::uint8_t>(Label::yes);
    const float* features = tile.features.data() + row * width;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto raw = static_cast<double>(features[columns[c].column]);
      const double x = transformed(columns[c].transform, raw);
      if (!(std::isfinite(raw) && std::isfinite(x)) && !moments.bad)
        moments.bad = TableMoments::BadValue{tile.first_row + row, columns[c].column};
      const double away = x - columns[c].mean;
      moments.sum[c] += squares ? away * away : x;
      moments.low[c] = std::min(moments.low[c], x);
      moments.high[c] = std::max(moments.high[c], x);
    }
  }
  return moments;
}

/// All tiles, added in tile order.
TileMoments measure_pass(const RowSource& source, std::span<const DesignColumn> columns, bool squares,
                         const ParallelFor& parallel) {
  TileMoments total;
  total.sum.assign(columns.size(), 0.0);
  total.low.assign(columns.size(), HUGE_VAL);
  total.high.assign(columns.size(), -HUGE_VAL);
  for (std::size_t first = 0; first < source.tiles() && !total.bad; first += group_tiles) {
    std::vector<TileMoments> parts(std::min(group_tiles, source.tiles() - first));
    parallel(parts.size(), [&](std::size_t i) {
      parts[i] = measure_tile(source.tile(first + i), source.columns(), columns, squares);
    });
    for (const TileMoments& part : parts) {
      total.rows += part.rows;
      total.positives += part.positives;
      if (!total.bad) total.bad = part.bad;
      for (std::size_t c = 0; c < columns.size(); ++c) {
        total.sum[c] += part.sum[c];
        total.low[c] = std::min(total.low[c], part.low[c]);
        total.high[c] = std::max(total.high[c], part.high[c]);
      }
    }
  }
  return total;
}

}  // namespace

double transformed(Transform transform, double x) {
  switch (transform) {
    case Transform::log1p:
      return elementary64::log1p(x);
    case Transform::sqrt:
      return std::sqrt(x);
    case Transform::positive:
      return x > 0.0 ? 1.0 : 0.0;
    case Transform::none:
      break;
  }
  return x;
}

TableMoments measure_columns(const RowSource& source, std::span<DesignColumn> columns,
                             const ParallelFor& parallel) {
  for (DesignColumn& column : columns) column.mean = 0.0, column.scale = 1.0;
  const auto first = measure_pass(source, columns, false, parallel);
  TableMoments moments{.rows = first.rows, .positives = first.positives, .constant = {}, .bad = first.bad};
  if (first.bad || first.rows == 0) return moments;
  const auto rows = static_cast<double>(first.rows);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool constant = first.low[c] == first.high[c];
    moments.constant.push_back(constant);
    columns[c].mean = constant ? first.low[c] : first.sum[c] / rows;
  }
  const auto second = measure_pass(source, columns, true, parallel);
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (!moments.constant[c]) columns[c].scale = std::sqrt(second.sum[c] / rows);
  return moments;
}

}  // namespace npo::irls
