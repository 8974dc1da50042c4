#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/reward_table.hpp"
#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"
#include "kernels/irls.hpp"

namespace npo {
namespace {

using Columns = std::vector<irls::DesignColumn>;

irls::ParallelFor parallel_in(const RunContext& context) {
  return [&context](std::size_t count, const std::function<void(std::size_t)>& work) {
    context.check_stop();
    parallel_for(context.threads, count, work);
  };
}

/// Weights of standardised columns as weights of the columns themselves.
RewardFit unscaled(const RewardTable& table, RewardPart part, const Columns& columns,
                   std::span<const double> weights, double intercept, bool logistic) {
  RewardFit fit;
  fit.logistic = logistic;
  fit.bias = intercept;
  fit.weight.assign(table.features, 0.0);
  if (part.action == every_action) fit.by_action.assign(table.actions, 0.0);
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const double weight = weights[j] / columns[j].scale;
    fit.bias -= weight * columns[j].mean;
    const std::size_t column = columns[j].column;
    (column < table.features ? fit.weight[column] : fit.by_action[column - table.features]) = weight;
  }
  return fit;
}

/// A model that says the same of everything.
RewardFit constant_fit(const RewardTable& table, RewardPart part, double reward, bool logistic) {
  const double eta = logistic ? elementary64::logit(reward) : reward;
  return unscaled(table, part, {}, {}, eta, logistic);
}

/// The columns of a part that vary, standardised.
Columns varying_columns(const RewardSource& source, const irls::ParallelFor& parallel,
                        irls::TableMoments& moments) {
  Columns all(source.columns()), varying;
  for (std::uint32_t c = 0; c < all.size(); ++c) all[c].column = c;
  moments = irls::measure_columns(source, all, parallel);
  if (moments.bad)
    throw Error(ErrorKind::bad_data,
                fmt::format("row {} of the log has a context value that does not fit a 32-bit float",
                            moments.bad->row),
                "scale the column down, or leave it out of --context at import");
  for (std::size_t c = 0; c < all.size(); ++c)
    if (!moments.constant[c]) varying.push_back(all[c]);
  return varying;
}

/// Upper triangle of z'z of one tile, z = (1, standardised columns, reward).
void add_products(const RewardSource& source, const Columns& columns, const irls::TileRows& tile,
                  std::vector<double>& products) {
  const std::size_t side = columns.size() + 2, width = tile.features.size() / tile.rows;
  std::vector<double> z(side, 1.0);
  for (std::size_t i = 0; i < tile.rows; ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j)
      z[j + 1] = (static_cast<double>(tile.features[i * width + columns[j].column]) - columns[j].mean) /
                 columns[j].scale;
    z[side - 1] = source.reward(tile.first_row + i);
    for (std::size_t a = 0; a < side; ++a)
      for (std::size_t b = a; b < side; ++b)
        products[a * side + b] = __builtin_fma(z[a], z[b], products[a * side + b]);
  }
}

}  // namespace

RewardFit fit_logistic_part(const RewardTable& table, RewardPart part, double ridge,
                            const RunContext& context) {
  const RewardSource source(table, part);
  const auto parallel = parallel_in(context);
  irls::TableMoments moments;
  const Columns columns = varying_columns(source, parallel, moments);
  // With one kind of reward alone nothing can be fitted: Jeffreys' estimate of the rate.
  if (moments.positives == 0 || moments.positives == moments.rows)
    return constant_fit(
        table, part,
        (static_cast<double>(moments.positives) + 0.5) / (static_cast<double>(moments.rows) + 1.0), true);
  irls::FitSettings settings;
  settings.penalty.alpha = ridge;
  const irls::Fit fit =
      irls::fit_logistic(source, columns, moments.rows, moments.positives, settings, parallel);
  return unscaled(table, part, columns, fit.weights, fit.intercept, true);
}

RewardFit fit_linear_part(const RewardTable& table, RewardPart part, double ridge,
                          const RunContext& context) {
  const RewardSource source(table, part);
  const auto parallel = parallel_in(context);
  irls::TableMoments moments;
  const Columns columns = varying_columns(source, parallel, moments);
  if (moments.rows == 0) return constant_fit(table, part, 0.0, false);
  const std::size_t side = columns.size() + 2;
  std::vector<std::vector<double>> tiles(source.tiles());
  parallel(source.tiles(), [&](std::size_t t) {
    tiles[t].assign(side * side, 0.0);
    add_products(source, columns, source.tile(t), tiles[t]);
  });
  std::vector<double> products(side * side, 0.0);
  for (const auto& tile : tiles)
    for (std::size_t i = 0; i < products.size(); ++i) products[i] += tile[i];

  const std::size_t unknowns = side - 1;
  irls::SymmetricMatrix normal((unknowns + irls::panel_columns - 1) / irls::panel_columns *
                               irls::panel_columns);
  std::vector<double> right(normal.side(), 0.0);
  for (std::size_t a = 0; a < normal.side(); ++a) {
    normal.row(a)[a] = 1.0;
    if (a >= unknowns) continue;
    for (std::size_t b = a; b < unknowns; ++b) normal.row(a)[b] = products[a * side + b];
    if (a > 0) normal.row(a)[a] += ridge;
    right[a] = products[a * side + side - 1];
  }
  if (irls::factor_cholesky(normal, parallel) != normal.side())
    throw Error(ErrorKind::bad_data, "the features of the reward model are combinations of each other",
                "raise --ridge (1 is the default), or name fewer --context columns at import");
  const std::vector<double> solution = irls::solve_cholesky(normal, right);
  return unscaled(table, part, columns, std::span(solution).subspan(1, columns.size()), solution[0], false);
}

}  // namespace npo
