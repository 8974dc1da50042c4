#include "host/reward_features.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace npo {

RewardFeatures::RewardFeatures(const OpeLog& log, std::uint32_t positions)
    : width_(log.header().values.size()), categories_(log.header().categories.size()), positions_(positions) {
  const LogHeader& header = log.header();
  for (std::uint32_t p = 1; p <= positions_; ++p) names_.push_back(fmt::format("position {}", p));
  for (std::size_t v = 0; v < header.values.size(); ++v) {
    if (header.roles[v] != LogValueRole::context) continue;
    values_.push_back(v);
    names_.push_back(header.values[v]);
  }
  for (std::size_t c = 0; c < header.categories.size(); ++c) {
    const LogCategory& category = header.categories[c];
    if (category.values.size() > most_values) {
      notes_.push_back(
          fmt::format("category `{}` has {} values, more than {}, and is left out of the reward model",
                      category.name, category.values.size(), most_values));
      continue;
    }
    indicators_.push_back({c, names_.size(), category.values.size()});
    for (const std::string& value : category.values)
      names_.push_back(fmt::format("{} = {}", category.name, value));
  }
}

void RewardFeatures::fill(const LogRow& row, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0f);
  if (positions_ > 0) out[std::min(row.rows.position[row.i], positions_) - 1] = 1.0f;
  for (std::size_t v = 0; v < values_.size(); ++v)
    out[positions_ + v] = static_cast<float>(row.value(values_[v], width_));
  for (const Indicators& set : indicators_)
    out[set.first + row.rows.category[row.i * categories_ + set.category]] = 1.0f;
}

}  // namespace npo
