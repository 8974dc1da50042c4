#pragma once
#include <cstdint>
#include <filesystem>

#include "host/run_context.hpp"
#include "host/study_file.hpp"

/// Every episode of one replicate, for a person who wants to see one world.
namespace npo {

struct TraceReport {
  std::uint64_t points = 0, episodes = 0;  ///< rows over all points
};

/// Writes replicate `replicate` of every point of the study: a table with the columns point, episode and
/// those of kernels/study_run.hpp, as CSV where the name ends so, else as HDF5 (format "npo.trace").
TraceReport trace_study(const Study& study, std::uint64_t replicate, const std::filesystem::path& output,
                        const RunContext& context);

}  // namespace npo
