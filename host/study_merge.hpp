#pragma once
#include <filesystem>
#include <vector>

#include "host/run_context.hpp"
#include "io/study_results.hpp"

/// `npo merge`: the parts of a study to the study, bit for bit as if it had never been divided.
namespace npo {

struct MergeReport {
  StudyResults results;
  std::size_t parts = 0;
  std::uint64_t replicates = 0;  ///< over all points
};

/// Error(usage) names the part that is of another study, comes twice or is missing. With `context.dry_run`
/// nothing is written.
MergeReport merge_studies(const std::vector<std::filesystem::path>& parts,
                          const std::filesystem::path& output, const RunContext& context);

}  // namespace npo
