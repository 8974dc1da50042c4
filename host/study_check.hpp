#pragma once
#include <cstdint>
#include <filesystem>

namespace npo {

/// Checks a study.h5: every statistic must be the one that its tallies give, every verdict the one that its
/// claims give. Error(bad_data) names dataset and point. Returns the number of points.
std::uint64_t validate_study(const std::filesystem::path& path);

}  // namespace npo
