#include "host/ope_policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "host/name_pattern.hpp"
#include "host/ope_policy_parts.hpp"
#include "io/closest_name.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

std::size_t place(const std::vector<std::string>& names, const std::string& name, const OpeLog& log,
                  const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Error(ErrorKind::usage, fmt::format("{} has no {} `{}`", log.name(), what, name),
                suggest_name(name, names,
                             names.empty() ? fmt::format("it has no {} at all", what)
                                           : fmt::format("it has {}", fmt::join(names, ", "))));
  return static_cast<std::size_t>(found - names.begin());
}

const std::array<std::string, 6>& policy_words() {
  static const std::array<std::string, 6> words{"uniform",  "fixed",          "threshold",
                                                "thompson", "epsilon-greedy", "column"};
  return words;
}

constexpr const char* all_policies =
    "the policies are uniform, fixed:ACTION, threshold:T, thompson:FILE, epsilon-greedy:WHAT and column:NAME";

}  // namespace

std::uint32_t action_code(const OpeLog& log, const std::string& name) {
  return static_cast<std::uint32_t>(place(log.header().actions, name, log, "action"));
}

std::size_t value_column(const OpeLog& log, const std::string& name) {
  return place(log.header().values, name, log, "column of numbers");
}

std::vector<std::size_t> action_columns(const OpeLog& log, const std::string& pattern) {
  std::vector<std::size_t> columns;
  for (const std::string& action : log.header().actions)
    columns.push_back(value_column(log, NamePattern(pattern).with(action)));
  return columns;
}

std::unique_ptr<TargetPolicy> make_target(const TargetChoice& choice, const OpeLog& log) {
  const std::size_t colon = std::min(choice.policy.find(':'), choice.policy.size());
  const std::string word = choice.policy.substr(0, colon);
  const std::string rest = colon == choice.policy.size() ? "" : choice.policy.substr(colon + 1);
  if (std::find(policy_words().begin(), policy_words().end(), word) == policy_words().end())
    throw Error(ErrorKind::usage, fmt::format("policy '{}' is unknown", choice.policy),
                suggest_name(word, policy_words(), all_policies));
  if (word == "uniform" && !rest.empty())
    throw Error(ErrorKind::usage, "policy uniform takes nothing", "write --policy uniform");
  if (word == "uniform") return make_uniform(log);
  if (rest.empty())
    throw Error(ErrorKind::usage, fmt::format("policy {} needs something behind a colon", word),
                all_policies);
  if (word == "fixed") return make_fixed(rest, log);
  if (word == "threshold") return make_threshold(rest, choice.score, log);
  if (word == "thompson") return make_thompson(rest, choice.table, log);
  if (word == "epsilon-greedy") return make_epsilon_greedy(rest, choice.epsilon, log);
  return make_from_columns(rest, log);
}

}  // namespace npo
