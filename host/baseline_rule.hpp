#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace npo {

/// One term of a baseline rule: `column op value`.
struct BaselineTerm {
  std::size_t column;  ///< feature index
  std::string op;      ///< > >= < <= == !=
  float value;
};

/// A rule that a person might use instead of the engine: terms joined by `or`.
struct BaselineRule {
  std::string text;
  std::vector<BaselineTerm> terms;
  /// How many terms a row satisfies; the rule fires where it is not 0.
  int satisfied(std::span<const float> features) const;
  /// Sum of the columns that the terms name, each column once.
  double strength(std::span<const float> features) const;
};

/// Parses `smart_5_raw > 0 or smart_197_raw > 0` against the columns of a file. Error(usage) shows the form
/// and names an unknown column with the nearest known one.
BaselineRule parse_baseline(const std::string& text, const std::vector<std::string>& columns);

}  // namespace npo
