#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "io/decision_run.hpp"

/// run.json: the identity of a run as JSON.
namespace npo {

nlohmann::json run_identity_to_json(const RunIdentity& identity);
/// Error(bad_data) names `origin` and the key that is missing or of another type.
RunIdentity run_identity_from_json(const nlohmann::json& json, const std::string& origin);

/// The first field in which two runs differ, by its key in run.json, and its two values.
struct IdentityDifference {
  std::string field, stored, asked;
};
/// Nothing when `asked` may go on with what `stored` began. The texts of policy and model are compared by
/// their digests.
std::optional<IdentityDifference> differing_field(const RunIdentity& stored, const RunIdentity& asked);

}  // namespace npo
