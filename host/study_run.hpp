#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/run_context.hpp"
#include "host/study_file.hpp"
#include "host/study_plan.hpp"
#include "io/study_results.hpp"

/// `npo study`: a study file to study.h5.
namespace npo {

struct StudyOptions {
  std::filesystem::path file, output;
  std::vector<std::string> overrides;  ///< KEY=VALUE
  StudyShard shard;
};

/// How much work a study is.
struct StudySize {
  std::uint64_t points = 0, replicates = 0, episodes = 0;  ///< replicates of a point at most
  std::uint64_t cells = 0;                                 ///< results
  double seconds = 0.0;  ///< estimated for this machine, from a few replicates that were timed
};

struct StudyReport {
  std::string run_id;
  StudySize size;
  StudyResults results;          ///< empty after a dry run
  std::uint64_t replicates = 0;  ///< simulated, over all points
  std::uint64_t pieces_reused = 0;
  bool complete_before = false;  ///< a resume that found nothing left to do
  double seconds = 0.0;
};

/// Runs it; with `context.dry_run` only the size is found out. Error(interrupted) leaves OUTPUT.parts, from
/// which `context.resume` goes on.
StudyReport run_study(const Study& study, const StudyOptions& options, const RunContext& context);

/// The study that the options name, with what the context overrides.
Study open_study(const StudyOptions& options, const RunContext& context);

}  // namespace npo
