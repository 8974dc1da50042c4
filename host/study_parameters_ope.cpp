#include "host/study_parameter_rows.hpp"

namespace npo {
namespace {

/// A number of the point by its member.
template <class Member>
PointParameter<OpePoint> row(const char* name, Range range, Member member) {
  return study_rows::number<OpePoint>(
      name, range, [member](auto& point) -> auto& { return point.*member; });
}

std::vector<PointParameter<OpePoint>> ope_rows() {
  return {row("contexts", closed(1, 1024), &OpePoint::contexts),
          row("actions", closed(2, 64), &OpePoint::actions),
          row("base_rate", open_below(0, 0.5), &OpePoint::base_rate),
          row("logging_sharpness", closed(0, 20), &OpePoint::logging_sharpness),
          row("target_sharpness", closed(0, 20), &OpePoint::target_sharpness),
          row("model_bias", closed(-1, 1), &OpePoint::model_bias),
          row("model_noise", closed(0, 1), &OpePoint::model_noise),
          row("clip", open_below(0, 1e6), &OpePoint::clip),
          row("shrinkage", closed(0, 1e9), &OpePoint::shrinkage),
          row("subgaussian", {0, 1, true, false}, &OpePoint::subgaussian)};
}

}  // namespace

const std::vector<PointParameter<OpePoint>>& ope_parameters() {
  static const auto rows = ope_rows();
  return rows;
}

OpePoint ope_point(const nlohmann::json& values, std::uint32_t episodes) {
  OpePoint point;
  point.horizon = episodes;
  for (const auto& parameter : ope_parameters()) parameter.set(point, values.at(parameter.name));
  validate(point);
  return point;
}

}  // namespace npo
