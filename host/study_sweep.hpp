#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/study_parameters.hpp"

/// What a study file writes where several values are meant.
namespace npo {

inline constexpr std::size_t max_checkpoints = 512;

/// The values of a parameter: one, those of a list, or those of a range {from, to, steps, scale}. `where`
/// names the key in errors. Error(usage) for an empty list, a value out of range, or, where values must be
/// `distinct`, one that comes twice.
std::vector<nlohmann::json> swept_values(const StudyParameter& parameter, const std::string& where,
                                         const nlohmann::json& given, bool distinct);

/// Whether `given` sweeps the parameter, even over one value.
bool is_sweep(const StudyParameter& parameter, const nlohmann::json& given);

/// Checkpoints from "log", a number of them, a list or a range; ascending, the last one is `episodes`.
std::vector<std::uint32_t> study_checkpoints(const nlohmann::json& given, std::uint32_t episodes,
                                             const std::string& origin);

}  // namespace npo
