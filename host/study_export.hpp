#pragma once
#include <filesystem>

#include "host/run_context.hpp"

/// `npo study export`: a tidy table of a study's results, one row a point, checkpoint and metric.
namespace npo {

/// Writes CSV with the columns point, the swept parameters, checkpoint, metric, count, mean, standard_error,
/// variance, q05 to q95 and, with a baseline, difference and difference_error. Numbers read back exactly;
/// what is undefined is empty. Returns the number of rows.
std::uint64_t export_study(const std::filesystem::path& study, const std::filesystem::path& output,
                           const RunContext& context);

}  // namespace npo
