#pragma once
#include <cstdint>
#include <filesystem>

#include "host/file_kind.hpp"
#include "host/run_context.hpp"

namespace npo {

struct ValidateReport {
  FileKind kind;
  std::uint64_t rows = 0;  ///< rows, events or scenarios checked; 0 for a model and a policy
};

/// Checks everything there is to check in one of our files or folders, every row included. Error(bad_data)
/// names the dataset and the first bad row.
ValidateReport validate_run(const std::filesystem::path& path, const RunContext& context);

}  // namespace npo
