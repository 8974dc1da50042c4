#include "host/study_grid.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/error.hpp"

namespace npo {
namespace {

using nlohmann::json;

/// Equal as numbers where both are numbers: 1 is 1.0.
bool same(const json& a, const json& b) {
  if (a.is_number() && b.is_number()) return a.get<double>() == b.get<double>();
  if (a.is_array() && b.is_array()) return std::ranges::equal(a, b, same);
  return a == b;
}

bool any_of(const json& wanted, const json& value) {
  if (same(wanted, value)) return true;
  return wanted.is_array() && std::ranges::any_of(wanted, [&](const json& one) { return same(one, value); });
}

}  // namespace

StudyGrid::StudyGrid(json fixed, std::vector<SweptParameter> swept, bool zip, const std::string& origin)
    : fixed_(std::move(fixed)), swept_(std::move(swept)), stride_(swept_.size(), 1), zip_(zip) {
  double product = 1.0;
  for (const SweptParameter& parameter : swept_) {
    product *= static_cast<double>(parameter.values.size());
    if (zip_ && parameter.values.size() != swept_.front().values.size())
      throw Error(ErrorKind::usage,
                  fmt::format("{}: parameters.{} has {} values and {} has {}", origin, swept_.front().name,
                              swept_.front().values.size(), parameter.name, parameter.values.size()),
                  "with design = \"zip\" all lists have one length");
  }
  if (zip_ && !swept_.empty()) product = static_cast<double>(swept_.front().values.size());
  if (product > static_cast<double>(max_points))
    throw Error(
        ErrorKind::usage,
        fmt::format("{}: the grid has {:.0f} points, above the limit of {}", origin, product, max_points),
        "sweep fewer values, or use design = \"zip\"");
  points_ = static_cast<std::uint64_t>(product);
  if (!zip_)
    for (std::size_t i = swept_.size(); i-- > 1;) stride_[i - 1] = stride_[i] * swept_[i].values.size();
}

std::size_t StudyGrid::index(std::uint64_t point, std::size_t parameter) const {
  if (zip_) return point;
  return point / stride_[parameter] % swept_[parameter].values.size();
}

const json& StudyGrid::value(std::uint64_t point, const std::string& name) const {
  const auto found = std::ranges::find(swept_, name, &SweptParameter::name);
  if (found == swept_.end()) return fixed_.at(name);
  return found->values[index(point, static_cast<std::size_t>(found - swept_.begin()))];
}

json StudyGrid::values(std::uint64_t point) const {
  json all = fixed_;
  for (std::size_t i = 0; i < swept_.size(); ++i) all[swept_[i].name] = swept_[i].values[index(point, i)];
  return all;
}

std::string StudyGrid::label(std::uint64_t point) const {
  std::string text;
  for (std::size_t i = 0; i < swept_.size(); ++i) {
    const json& value = swept_[i].values[index(point, i)];
    text += fmt::format("{}{} = {}", i ? ", " : "", swept_[i].name,
                        value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

bool StudyGrid::matches(std::uint64_t point, const json& where) const {
  for (const auto& [name, wanted] : where.items())
    if (!any_of(wanted, value(point, name))) return false;
  return true;
}

std::vector<std::uint64_t> StudyGrid::select(const json& where) const {
  std::vector<std::uint64_t> chosen;
  for (std::uint64_t point = 0; point < points_; ++point)
    if (matches(point, where)) chosen.push_back(point);
  return chosen;
}

std::optional<std::uint64_t> StudyGrid::other(std::uint64_t point, const json& values) const {
  for (const auto& [name, wanted] : values.items()) {
    const bool swept = std::ranges::find(swept_, name, &SweptParameter::name) != swept_.end();
    if (!swept && !same(fixed_.at(name), wanted)) return std::nullopt;
  }
  if (!zip_) {
    for (std::size_t i = 0; i < swept_.size(); ++i) {
      const auto wanted = values.find(swept_[i].name);
      if (wanted == values.end()) continue;
      const auto& list = swept_[i].values;
      const auto found = std::ranges::find_if(list, [&](const json& value) { return same(value, *wanted); });
      if (found == list.end()) return std::nullopt;
      const auto place = static_cast<std::uint64_t>(found - list.begin());
      point = point - index(point, i) * stride_[i] + place * stride_[i];
    }
    return point;
  }
  for (std::uint64_t candidate = 0; candidate < points_; ++candidate) {
    const auto agrees = [&](const SweptParameter& parameter) {
      const auto wanted = values.find(parameter.name);
      return same(parameter.values[candidate], wanted == values.end() ? parameter.values[point] : *wanted);
    };
    if (std::ranges::all_of(swept_, agrees)) return candidate;
  }
  return std::nullopt;
}

}  // namespace npo
