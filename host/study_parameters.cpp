#include "host/study_parameters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/policy.hpp"
#include "host/study_parameter_rows.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// Arms as a file gives them; BanditPoint keeps the segments in one array.
std::vector<PointParameter<BanditPoint>> bandit_rows() {
  using study_rows::number;
  auto rows = study_rows::policy_rows<BanditPoint>();
  const auto nothing = [](const BanditPoint&) { return nlohmann::json::array(); };
  rows.push_back({.name = "arms",
                  .type = ParameterType::reals,
                  .get = nothing,
                  .set = [](BanditPoint& point, const nlohmann::json& value) {
                    if (value.empty()) return;
                    value.get_to(point.means);
                    point.arms = static_cast<std::uint32_t>(value.size());
                  }});
  rows.push_back({.name = "segments",
                  .type = ParameterType::tables,
                  .get = nothing,
                  .set = [](BanditPoint& point, const nlohmann::json& value) {
                    for (const auto& segment : value) {
                      const auto means = segment.get<std::vector<double>>();
                      point.means.insert(point.means.end(), means.begin(), means.end());
                      point.arms = static_cast<std::uint32_t>(means.size());
                    }
                  }});
  rows.push_back(number<BanditPoint>(
      "break_every", closed(0, 2147483647.0), [](auto& point) -> auto& { return point.break_every; }));
  rows.push_back(number<BanditPoint>(
      "arm_count", closed(2, max_bandit_arms), [](auto& point) -> auto& { return point.arms; }));
  rows.push_back(number<BanditPoint>(
      "draw_a", closed(1, 1e6), [](auto& point) -> auto& { return point.draw_a; }));
  rows.push_back(number<BanditPoint>(
      "draw_b", closed(1, 1e6), [](auto& point) -> auto& { return point.draw_b; }));
  return rows;
}

template <class Point>
std::vector<StudyParameter> plain_rows(const std::vector<PointParameter<Point>>& rows) {
  std::vector<StudyParameter> plain;
  const Point defaults;
  for (const auto& row : rows) plain.push_back({row.name, row.type, row.range, row.words, row.get(defaults)});
  std::ranges::sort(plain, {}, &StudyParameter::name);
  return plain;
}

[[noreturn]] void refuse(const std::string& where, const nlohmann::json& value, const std::string& complaint,
                         const std::string& remedy) {
  throw Error(ErrorKind::usage, fmt::format("{} = {} {}", where, value.dump(), complaint), remedy);
}

void require_number(const StudyParameter& parameter, const std::string& where, const nlohmann::json& value) {
  const bool whole = parameter.type == ParameterType::whole || parameter.type == ParameterType::wholes;
  const std::string remedy =
      fmt::format("give a {}number in {}", whole ? "whole " : "", parameter.range.text());
  if (!value.is_number() || (whole && !value.is_number_integer()))
    refuse(where, value, fmt::format("is not a {}number", whole ? "whole " : ""), remedy);
  if (!parameter.range.holds(value.get<double>())) refuse(where, value, "is out of range", remedy);
}

void require_word(const StudyParameter& parameter, const std::string& where, const nlohmann::json& value) {
  const std::string remedy = fmt::format("choose one of {}", fmt::join(parameter.words, ", "));
  if (!value.is_string()) refuse(where, value, "is not a word", remedy);
  const std::string word = value.get<std::string>();
  if (std::ranges::find(parameter.words, word) != parameter.words.end()) return;
  const std::string nearest = nearest_name(word, parameter.words);
  refuse(where, value,
         nearest.empty() ? "is unknown" : fmt::format("is unknown, did you mean \"{}\"?", nearest), remedy);
}

void require_list(const StudyParameter& parameter, const std::string& where, const nlohmann::json& value) {
  if (!value.is_array())
    refuse(where, value, "is not a list", "give a list of numbers, or a list of such lists to sweep");
  for (const auto& entry : value) require_number(parameter, where, entry);
}

}  // namespace

const std::vector<PointParameter<BanditPoint>>& bandit_parameters() {
  static const auto rows = bandit_rows();
  return rows;
}

const std::vector<StudyParameter>& study_parameters(StudyKind kind) {
  static const auto loop = plain_rows(loop_parameters());
  static const auto bandit = plain_rows(bandit_parameters());
  static const auto ope = plain_rows(ope_parameters());
  if (kind == StudyKind::ope) return ope;
  return kind == StudyKind::loop ? loop : bandit;
}

const StudyParameter* find_parameter(StudyKind kind, const std::string& name) {
  const auto& all = study_parameters(kind);
  const auto found = std::ranges::find(all, name, &StudyParameter::name);
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> parameter_names(StudyKind kind) {
  std::vector<std::string> names;
  for (const StudyParameter& parameter : study_parameters(kind)) names.push_back(parameter.name);
  return names;
}

bool holds_list(const StudyParameter& parameter) {
  return parameter.type == ParameterType::reals || parameter.type == ParameterType::wholes ||
         parameter.type == ParameterType::tables;
}

void require_value(const StudyParameter& parameter, const std::string& where, const nlohmann::json& value) {
  switch (parameter.type) {
    case ParameterType::word:
      return require_word(parameter, where, value);
    case ParameterType::reals:
    case ParameterType::wholes:
      return require_list(parameter, where, value);
    case ParameterType::tables:
      if (!value.is_array()) refuse(where, value, "is not a list", "give a list of lists of numbers");
      for (const auto& row : value) {
        require_list(parameter, where, row);
        if (row.size() != value.front().size())
          refuse(where, value, "has segments of different lengths", "give every segment as many arms");
      }
      return;
    default:
      return require_number(parameter, where, value);
  }
}

BanditPoint bandit_point(const nlohmann::json& values, std::uint32_t episodes) {
  BanditPoint point;
  point.horizon = episodes;
  point.means.clear();
  // arm_count first: the number of given arms replaces it.
  const auto& rows = bandit_parameters();
  const auto count = std::ranges::find(rows, "arm_count", &PointParameter<BanditPoint>::name);
  count->set(point, values.at(count->name));
  for (const auto& parameter : rows)
    if (parameter.name != count->name) parameter.set(point, values.at(parameter.name));
  validate(point);
  return point;
}

}  // namespace npo
