#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/strict_object.hpp"
#include "kernels/ope_world.hpp"
#include "kernels/study_point.hpp"

/// The parameters that a study file may set and sweep (docs/formats/study.md), and the points they make.
namespace npo {

enum class ParameterType {
  real,
  whole,
  word,
  reals,  ///< a list of numbers
  wholes,
  tables  ///< a list of lists of numbers
};

/// One parameter of a kind of study: `Point` is BanditPoint, LoopPoint or OpePoint.
template <class Point>
struct PointParameter {
  std::string name;
  ParameterType type = ParameterType::real;
  Range range = closed(0, 1);           ///< of a number, or of each in a list
  std::vector<std::string> words = {};  ///< of a word
  std::function<nlohmann::json(const Point&)> get = {};
  std::function<void(Point&, const nlohmann::json&)> set = {};
};

/// What is the same for all kinds of study.
struct StudyParameter {
  std::string name;
  ParameterType type;
  Range range;
  std::vector<std::string> words;
  nlohmann::json fallback;  ///< the value where the file says nothing
};

const std::vector<PointParameter<LoopPoint>>& loop_parameters();
const std::vector<PointParameter<BanditPoint>>& bandit_parameters();
const std::vector<PointParameter<OpePoint>>& ope_parameters();
/// In alphabetical order.
const std::vector<StudyParameter>& study_parameters(StudyKind kind);
/// Null when there is none of that name.
const StudyParameter* find_parameter(StudyKind kind, const std::string& name);
std::vector<std::string> parameter_names(StudyKind kind);

/// Whether one value of the parameter is itself a list.
bool holds_list(const StudyParameter& parameter);
/// Error(usage) "<where> = <value> ...; <what is allowed>" unless `value` is one value of the parameter.
void require_value(const StudyParameter& parameter, const std::string& where, const nlohmann::json& value);

/// Points from values by name (every parameter of the kind must be there). Error(usage) when values do not
/// fit together.
LoopPoint loop_point(const nlohmann::json& values, std::uint32_t episodes);
BanditPoint bandit_point(const nlohmann::json& values, std::uint32_t episodes);
OpePoint ope_point(const nlohmann::json& values, std::uint32_t episodes);

}  // namespace npo
