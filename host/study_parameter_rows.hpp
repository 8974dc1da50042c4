#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/study_parameters.hpp"

/// Private to the tables of parameters: rows from a function that returns the field of a point.
namespace npo::study_rows {

/// A number or a list of numbers; `field` is a generic callable from (const) Point& to the field.
template <class Point, class Field>
PointParameter<Point> number(std::string name, Range range, Field field) {
  using Value = std::remove_cvref_t<decltype(field(std::declval<Point&>()))>;
  PointParameter<Point> row{.name = std::move(name), .range = range};
  if constexpr (std::is_same_v<Value, std::vector<double>>)
    row.type = ParameterType::reals;
  else if constexpr (std::is_same_v<Value, std::vector<std::uint32_t>>)
    row.type = ParameterType::wholes;
  else
    row.type = std::is_integral_v<Value> ? ParameterType::whole : ParameterType::real;
  row.get = [field](const Point& point) { return nlohmann::json(field(point)); };
  row.set = [field](Point& point, const nlohmann::json& value) { value.get_to(field(point)); };
  return row;
}

/// One of several words.
template <class Point, class Enum, class Field>
PointParameter<Point> word(std::string name, std::vector<std::pair<std::string_view, Enum>> names,
                           Field field) {
  PointParameter<Point> row{.name = std::move(name), .type = ParameterType::word};
  for (const auto& entry : names) row.words.emplace_back(entry.first);
  row.get = [field, names](const Point& point) { return nlohmann::json(name_in<Enum>(names, field(point))); };
  row.set = [field, names](Point& point, const nlohmann::json& value) {
    for (const auto& [text, entry] : names)
      if (value == text) field(point) = entry;
  };
  return row;
}

/// The policy and its numbers, the same for every kind of point.
template <class Point>
std::vector<PointParameter<Point>> policy_rows() {
  std::vector<std::pair<std::string_view, StudyPolicy>> policies;
  for (int i = 0; i < study_policy_count; ++i) {
    const auto policy = static_cast<StudyPolicy>(i);
    policies.emplace_back(name_of(policy), policy);
  }
  const auto option = [](auto member) {
    return [member](auto& point) -> auto& {
      return point.policy.*member;
    };
  };
  return {word<Point>("policy", policies, option(&PolicyOptions::kind)),
          number<Point>("prior_success", closed(1, 1e6), option(&PolicyOptions::prior_success)),
          number<Point>("prior_failure", closed(1, 1e6), option(&PolicyOptions::prior_failure)),
          number<Point>("discount", open_below(0, 1), option(&PolicyOptions::discount)),
          number<Point>("window", closed(1, 65536), option(&PolicyOptions::window)),
          number<Point>("exploration", closed(0, 1e6), option(&PolicyOptions::exploration)),
          number<Point>("log_log", closed(0, 1e6), option(&PolicyOptions::log_log)),
          number<Point>("epsilon", closed(0, 1), option(&PolicyOptions::epsilon)),
          number<Point>("fixed_arm", closed(0, max_bandit_arms - 1), option(&PolicyOptions::fixed_arm))};
}

}  // namespace npo::study_rows
