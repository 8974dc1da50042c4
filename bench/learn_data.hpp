#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

/// Decisions and feedback for the benchmark of learning.
namespace npo::bench {

inline constexpr std::uint32_t learn_runs = 10;

/// Writes `learn_runs` runs over the same events / learn_runs scenarios, and one file with an answer to every
/// decision in an order that jumps about, as answers of many people would. Uncompressed. Returns the folders
/// of the runs.
std::vector<std::filesystem::path> write_learn_data(const std::filesystem::path& folder,
                                                    std::uint64_t events);

}  // namespace npo::bench
