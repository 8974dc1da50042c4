#include "host/ope_estimate.hpp"

#include <algorithm>
#include <cmath>

namespace npo {
namespace {

/// Calls part(first, count) for every tile on all threads, and gives the results in order.
template <class Part>
auto by_tiles(std::size_t rows, const RunContext& context, const Part& part) {
  std::vector<decltype(part(std::size_t{}, std::size_t{}))> parts((rows + tile_rows - 1) / tile_rows);
  parallel_for(context.threads, parts.size(), [&](std::uint64_t tile) {
    const std::size_t first = tile * tile_rows;
    parts[tile] = part(first, std::min(tile_rows, rows - first));
  });
  return parts;
}

/// Rows of a cluster move together: their influences add up first.
OpeSpread spread_of_clusters(const OpeRows& rows, const OpeTermMaker& term_of, const OpeSums& all) {
  const OpeColumns columns = rows.columns();
  std::vector<double> influence(rows.groups, 0.0);
  for (std::size_t i = 0; i < rows.rows(); ++i)
    influence[rows.group[i]] += all.influence(term_of(columns.row(i)));
  OpeSpread spread;
  for (const double sum : influence) spread.add(sum);
  return spread;
}

}  // namespace

OpeFit fit_terms(const OpeRows& rows, const OpeTermMaker& term_of, const RunContext& context) {
  const OpeColumns columns = rows.columns();
  OpeFit fit;
  fit.units = rows.units();
  for (const OpeSums& tile : by_tiles(rows.rows(), context, [&](std::size_t first, std::size_t count) {
         return sum_terms(columns, term_of, first, count);
       }))
    fit.sums.merge(tile);
  if (rows.groups) {
    fit.spread = spread_of_clusters(rows, term_of, fit.sums);
    return fit;
  }
  for (const OpeSpread& tile : by_tiles(rows.rows(), context, [&](std::size_t first, std::size_t count) {
         return spread_terms(columns, term_of, fit.sums, first, count);
       }))
    fit.spread.merge(tile);
  return fit;
}

double OpeFit::standard_error() const {
  const double n = static_cast<double>(sums.rows), m = static_cast<double>(units);
  return units > 1 ? std::sqrt(spread.squares * (m / (m - 1.0))) / n : 0.0;
}

double OpeFit::acceleration() const {
  return spread.squares > 0.0 ? spread.cubes / (6.0 * spread.squares * std::sqrt(spread.squares)) : 0.0;
}

}  // namespace npo
