#include "kernels/irls_objective.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/elementary64.hpp"
#include "kernels/irls_gram.hpp"

namespace npo::irls {
namespace {

constexpr std::size_t strip_rows = 256;
constexpr std::size_t strips = tile_rows / strip_rows;
constexpr std::size_t group_bytes = std::size_t{96} << 20;  ///< of tiles and their partial sums
constexpr std::size_t most_tiles = 64;

using Lanes = std::array<double, panel_columns>;

double fold(const Lanes& lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

/// What one row adds: its loss, d loss / d eta, and the square root of the second derivative.
struct RowTerms {
  double loss = 0.0, slope = 0.0, root_curvature = 0.0;
};

RowTerms row_terms(double eta, bool positive, double weight) {
  const double e =
      elementary64::exp(-std::fabs(eta));  // in (0, 1]: nothing overflows and 1 - p keeps its digits
  const double near = 1.0 / (1.0 + e), far = e / (1.0 + e);
  const bool wrong = positive ? eta < 0.0 : eta > 0.0;
  const double missing = wrong ? near : far;  // probability given to the other class
  return {.loss = weight * (elementary64::log1p(e) + (wrong ? std::fabs(eta) : 0.0)),
          .slope = positive ? -weight * missing : weight * missing,
          .root_curvature = std::sqrt(weight * (near * far))};
}

/// One tile at work: its standardised rows, and what the current coefficients make of them.
struct Workspace {
  explicit Workspace(std::size_t columns, std::size_t blocks)
      : design(tile_rows, columns),
        eta(tile_rows),
        terms(tile_rows),
        gradient(design.panels()),
        curvature(blocks) {}
  TileRows rows;
  Panels design;
  std::vector<double> eta;
  std::vector<RowTerms> terms;
  double loss = 0.0;
  std::vector<Lanes> gradient;
  std::vector<std::vector<double>> curvature;  ///< by block
};

bool is_labelled(const TileRows& tile, std::size_t row) {
  return tile.label[row] != static_cast<std::uint8_t>(Label::unknown);
}

}  // namespace

struct Objective::Impl {
  const RowSource& source;
  std::vector<DesignColumn> columns;
  Penalty penalty;
  const ParallelFor& parallel;
  std::vector<BlockIndex> blocks;
  std::vector<std::unique_ptr<Workspace>> group;

  Impl(const RowSource& rows, std::vector<DesignColumn> design, const Penalty& p, const ParallelFor& loop)
      : source(rows), columns(std::move(design)), penalty(p), parallel(loop) {
    const std::size_t panels = columns.size() / panel_columns + 1;
    blocks = upper_blocks(panels);
    const std::size_t bytes =
        (tile_rows * panels * panel_columns + blocks.size() * block_columns * block_columns) * sizeof(double);
    const std::size_t tiles = std::clamp<std::size_t>(group_bytes / bytes, 1, most_tiles);
    for (std::size_t i = 0; i < std::min(tiles, std::max<std::size_t>(1, source.tiles())); ++i)
      group.push_back(std::make_unique<Workspace>(columns.size() + 1, blocks.size()));
  }

  std::size_t size() const { return group.front()->design.panels() * panel_columns; }

  /// Visits the tiles group by group, the tiles of a group loaded: visit(number of tiles).
  template <class Visit>
  void for_groups(const Visit& visit) {
    for (std::size_t first = 0; first < source.tiles(); first += group.size()) {
      const std::size_t count = std::min(group.size(), source.tiles() - first);
      parallel(count, [&](std::size_t t) { group[t]->rows = source.tile(first + t); });
      visit(count);
    }
  }

  /// Standardises rows [first, first + strip_rows) of a tile; rows that are not part of the fit become zeros.
  void standardise(Workspace& work, std::size_t first) const {
    const std::size_t last = std::min(first + strip_rows, work.rows.rows), width = source.columns();
    for (std::size_t p = 0; p < work.design.panels(); ++p) {
      double* out = work.design.panel(p) + first * panel_columns;
      std::fill_n(out, strip_rows * panel_columns, 0.0);
      const std::size_t before = p * panel_columns,
                        after = std::min(before + panel_columns, columns.size() + 1);
      for (std::size_t row = first; row < last; ++row, out += panel_columns) {
        if (!is_labelled(work.rows, row)) continue;
        const float* features = work.rows.features.data() + row * width;
        if (before == 0) out[0] = 1.0;  // the intercept's column
        for (std::size_t j = std::max<std::size_t>(before, 1); j < after; ++j) {
          const DesignColumn& column = columns[j - 1];
          const auto raw = static_cast<double>(features[column.column]);
          const double x = column.transform == Transform::none ? raw : transformed(column.transform, raw);
          out[j - before] = (x - column.mean) / column.scale;
        }
      }
    }
  }

  /// eta of the rows of a strip that was standardised.
  void dot(Workspace& work, std::size_t first, std::span<const double> beta) const {
    std::array<Lanes, strip_rows> sums{};
    for (std::size_t p = 0; p < work.design.panels(); ++p) {
      const double* x = work.design.panel(p) + first * panel_columns;
      const double* weights = beta.data() + p * panel_columns;
      for (Lanes& sum : sums)
        for (std::size_t l = 0; l < panel_columns; ++l) sum[l] = std::fma(*x++, weights[l], sum[l]);
    }
    for (std::size_t row = 0; row < strip_rows; ++row) work.eta[first + row] = fold(sums[row]);
  }

  void find_terms(Workspace& work, std::size_t first) const {
    for (std::size_t row = first; row < first + strip_rows; ++row) {
      work.terms[row] = {};
      if (row >= work.rows.rows || !is_labelled(work.rows, row)) continue;
      const bool positive = work.rows.label[row] == static_cast<std::uint8_t>(Label::yes);
      work.terms[row] = row_terms(work.eta[row], positive, penalty.class_weight[positive]);
    }
  }

  /// The tile's share of the gradient for one panel; the panel is then scaled by the root of each row's
  /// curvature, which makes the curvature a plain Gram matrix.
  static void add_gradient(Workspace& work, std::size_t p) {
    Lanes sum{};
    double* x = work.design.panel(p);
    for (const RowTerms& terms : work.terms)
      for (std::size_t l = 0; l < panel_columns; ++l, ++x) {
        sum[l] = std::fma(terms.slope, *x, sum[l]);
        *x *= terms.root_curvature;
      }
    work.gradient[p] = sum;
    if (p != 0) return;
    work.loss = 0.0;
    for (const RowTerms& terms : work.terms) work.loss += terms.loss;
  }

  void add_curvature(SymmetricMatrix& total, std::size_t tiles) const {
    parallel(tiles * blocks.size(), [&](std::size_t i) {
      Workspace& work = *group[i / blocks.size()];
      auto& block = work.curvature[i % blocks.size()];
      block.resize(block_columns * block_columns);
      gram_block(work.design, blocks[i % blocks.size()], block.data());
    });
    parallel(blocks.size(), [&](std::size_t b) {
      const std::size_t top = blocks[b].row * block_columns, left = blocks[b].column * block_columns;
      const std::size_t rows = std::min(block_columns, total.side() - top);
      const std::size_t width = std::min(block_columns, total.side() - left);
      for (std::size_t t = 0; t < tiles; ++t)
        for (std::size_t i = 0; i < rows; ++i)
          for (std::size_t j = 0; j < width; ++j)
            total.row(top + i)[left + j] += group[t]->curvature[b][i * block_columns + j];
    });
  }
};

Objective::Objective(const RowSource& source, std::vector<DesignColumn> columns, const Penalty& penalty,
                     const ParallelFor& parallel)
    : impl_(std::make_unique<Impl>(source, std::move(columns), penalty, parallel)) {}
Objective::~Objective() = default;

std::size_t Objective::size() const {
  return impl_->size();
}

Evaluation Objective::evaluate(std::span<const double> beta, SymmetricMatrix* curvature) {
  Impl& me = *impl_;
  Evaluation result;
  result.gradient.assign(size(), 0.0);
  if (curvature) *curvature = SymmetricMatrix(size());
  me.for_groups([&](std::size_t tiles) {
    me.parallel(tiles * strips, [&](std::size_t i) {
      Workspace& work = *me.group[i / strips];
      const std::size_t first = i % strips * strip_rows;
      me.standardise(work, first);
      me.dot(work, first, beta);
      me.find_terms(work, first);
    });
    const std::size_t panels = size() / panel_columns;
    me.parallel(tiles * panels,
                [&](std::size_t i) { Impl::add_gradient(*me.group[i / panels], i % panels); });
    for (std::size_t t = 0; t < tiles; ++t) {
      result.loss += me.group[t]->loss;
      for (std::size_t j = 0; j < size(); ++j)
        result.gradient[j] += me.group[t]->gradient[j / panel_columns][j % panel_columns];
    }
    if (curvature) me.add_curvature(*curvature, tiles);
  });
  double squares = 0.0;
  for (std::size_t j = 1; j <= me.columns.size(); ++j) {
    squares += beta[j] * beta[j];
    result.gradient[j] += me.penalty.alpha * beta[j];
    if (curvature) curvature->row(j)[j] += me.penalty.alpha;
  }
  if (curvature)
    for (std::size_t j = me.columns.size() + 1; j < size(); ++j) curvature->row(j)[j] = 1.0;
  result.objective = result.loss + 0.5 * me.penalty.alpha * squares;
  return result;
}

double Objective::largest_shift(std::span<const double> step) {
  Impl& me = *impl_;
  double largest = 0.0;
  me.for_groups([&](std::size_t tiles) {
    me.parallel(tiles * strips, [&](std::size_t i) {
      Workspace& work = *me.group[i / strips];
      me.standardise(work, i % strips * strip_rows);
      me.dot(work, i % strips * strip_rows, step);
    });
    for (std::size_t t = 0; t < tiles; ++t)
      for (const double eta : me.group[t]->eta) largest = std::max(largest, std::fabs(eta));
  });
  return largest;
}

}  // namespace npo::irls
