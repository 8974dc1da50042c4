#include "host/reward_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/elementary64.hpp"
#include "kernels/error.hpp"
#include "kernels/philox.hpp"
#include "kernels/uniform.hpp"

namespace npo {
namespace {

constexpr std::uint64_t piece_rows = 4 * tile_rows;

std::uint8_t fold_of(std::uint64_t key, std::uint64_t seed, std::uint64_t folds) {
  const PhiloxWords words = philox(philox_counter(RandomPurpose::reward_model_fold, key, 0, 0), seed);
  return static_cast<std::uint8_t>(uniform_below(words.word[0], static_cast<std::uint32_t>(folds)));
}

}  // namespace

RewardTable::RewardTable(const OpeLog& log, const OpeRows& given, std::uint64_t fold_count,
                         const RunContext& context)
    : rows(given),
      encoder(log, std::min(given.positions, most_positions)),
      features(encoder.count()),
      actions(log.header().actions.size()),
      folds(fold_count) {
  const std::size_t n = rows.rows();
  if (rows.units() < folds)
    throw Error(ErrorKind::bad_data,
                fmt::format("{} has {} {}, fewer than {} folds", log.name(), rows.units(),
                            rows.groups ? "clusters" : "rows", folds),
                "ask for fewer --folds, or for --reward-model none");
  feature.resize(n * features);
  action.resize(n);
  fold.resize(n);
  parallel_for(context.threads, (n + piece_rows - 1) / piece_rows, [&](std::uint64_t piece) {
    context.check_stop();
    const std::uint64_t first = piece * piece_rows;
    const LogRows read = log.read(first, std::min<std::uint64_t>(piece_rows, n - first));
    for (std::size_t i = 0; i < read.rows(); ++i) {
      const std::size_t row = first + i;
      encoder.fill({read, i, row}, std::span(feature).subspan(row * features, features));
      action[row] = read.action[i];
      fold[row] = fold_of(rows.groups ? rows.cluster[row] : row, context.seed, folds);
    }
  });
  ones.assign(actions, 0);
  count.assign(actions, 0);
  for (std::size_t row = 0; row < n; ++row) {
    ++count[action[row]];
    ones[action[row]] += rows.reward[row] == 1.0;
  }
}

RewardSource::RewardSource(const RewardTable& table, RewardPart part) : table_(table), part_(part) {
  for (std::size_t row = 0; row < table.rows.rows(); ++row)
    if (part.holds(table, row)) rows_.push_back(row);
}

irls::TileRows RewardSource::tile(std::size_t index) const {
  struct Owned {
    std::vector<float> features;
    std::vector<std::uint8_t> label;
  };
  const std::size_t first = index * tile_rows, width = columns();
  const std::size_t count = std::min(tile_rows, rows_.size() - first);
  auto owned = std::make_shared<Owned>();
  owned->features.assign(count * width, 0.0f);
  owned->label.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t row = rows_[first + i];
    const auto x = table_.features_of(row);
    std::copy(x.begin(), x.end(), owned->features.begin() + static_cast<std::ptrdiff_t>(i * width));
    if (part_.action == every_action)
      owned->features[i * width + table_.features + table_.action[row]] = 1.0f;
    owned->label[i] = static_cast<std::uint8_t>(table_.rows.reward[row] == 1.0 ? Label::yes : Label::no);
  }
  irls::TileRows rows;
  rows.first_row = first;
  rows.rows = count;
  rows.features = owned->features;
  rows.label = owned->label;
  rows.keep = owned;
  return rows;
}

double RewardFit::base(std::span<const float> x) const {
  double eta = bias;
  for (std::size_t j = 0; j < weight.size(); ++j)
    eta = __builtin_fma(weight[j], static_cast<double>(x[j]), eta);
  return eta;
}

double RewardFit::reward(double base, std::uint32_t action) const {
  const double eta = by_action.empty() ? base : base + by_action[action];
  return logistic ? elementary64::sigmoid(eta) : eta;
}

}  // namespace npo
