#include "host/baseline_rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

#include "io/closest_name.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::array<std::string_view, 6> operators{">", ">=", "<", "<=", "==", "!="};

bool holds(float x, const std::string& op, float value) {
  if (op == ">") return x > value;
  if (op == ">=") return x >= value;
  if (op == "<") return x < value;
  if (op == "<=") return x <= value;
  return (op == "==") == (x == value);
}

[[noreturn]] void fail(const std::string& problem, const std::string& remedy) {
  throw Error(ErrorKind::usage, "baseline rule: " + problem, remedy);
}

float number_from(const std::string& word) {
  float value = 0.0f;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
    fail(fmt::format("`{}` is no number", word), "write `column > 0 or other >= 1.5`");
  return value;
}

BaselineTerm term_from(const std::vector<std::string>& words, const std::vector<std::string>& columns) {
  if (words.size() != 3)
    fail(fmt::format("`{}` is not `column op value`", fmt::join(words, " ")),
         "write `column > 0 or other >= 1.5`");
  const auto column = std::find(columns.begin(), columns.end(), words[0]);
  if (column == columns.end())
    fail(fmt::format("there is no column `{}`", words[0]),
         suggest_name(words[0], columns, fmt::format("there are {}", fmt::join(columns, ", "))));
  if (std::find(operators.begin(), operators.end(), words[1]) == operators.end())
    fail(fmt::format("`{}` is no operator", words[1]),
         fmt::format("known are {}", fmt::join(operators, " ")));
  return {static_cast<std::size_t>(column - columns.begin()), words[1], number_from(words[2])};
}

}  // namespace

int BaselineRule::satisfied(std::span<const float> features) const {
  int count = 0;
  for (const BaselineTerm& term : terms) count += holds(features[term.column], term.op, term.value);
  return count;
}

double BaselineRule::strength(std::span<const float> features) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto same = [&](const BaselineTerm& term) { return term.column == terms[i].column; };
    if (std::none_of(terms.begin(), terms.begin() + static_cast<std::ptrdiff_t>(i), same))
      sum += static_cast<double>(features[terms[i].column]);
  }
  return sum;
}

BaselineRule parse_baseline(const std::string& text, const std::vector<std::string>& columns) {
  BaselineRule rule{.text = text, .terms = {}};
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    if (word != "or") {
      words.push_back(word);
      continue;
    }
    rule.terms.push_back(term_from(words, columns));
    words.clear();
  }
  rule.terms.push_back(term_from(words, columns));
  return rule;
}

}  // namespace npo
