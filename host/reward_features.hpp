#pragma once
#include <span>
#include <string>
#include <vector>

#include "host/ope_log.hpp"

namespace npo {

/// What a reward model knows of a row apart from its action: positions and categories as indicators, context
/// columns as they are.
class RewardFeatures {
 public:
  /// Categories of more values than this are left out, and noted.
  static constexpr std::size_t most_values = 64;

  /// Positions beyond the last share its indicator.
  RewardFeatures(const OpeLog& log, std::uint32_t positions);
  std::size_t count() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<std::string>& notes() const { return notes_; }
  void fill(const LogRow& row, std::span<float> out) const;

 private:
  std::size_t width_, categories_;
  std::uint32_t positions_;
  std::vector<std::size_t> values_;
  struct Indicators {
    std::size_t category, first, values;
  };
  std::vector<Indicators> indicators_;
  std::vector<std::string> names_, notes_;
};

}  // namespace npo
