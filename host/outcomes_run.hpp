#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "host/answer_counts.hpp"
#include "host/run_context.hpp"
#include "kernels/vocabulary.hpp"

/// `npo outcomes`: what really happened speaks for the operator (spec section 3, feedback from outcomes).
namespace npo {

struct OutcomesOptions {
  std::vector<std::filesystem::path> decisions;
  std::filesystem::path labels;  ///< a labelled scenario file
  UnixSeconds as_of = 0;         ///< labels known later are unknown
  std::filesystem::path output;  ///< feedback.h5
};

struct OutcomesReport {
  std::uint64_t decisions = 0, unknown = 0;  ///< unknown: no event was written, for now
  AnswerTable answers;                       ///< events written; blocked: decisions that have none
};

/// Writes one event for each decision whose outcome is known at `as_of`: source "hindsight", event id = row,
/// dated when the label was known. Where it is not known, a decision that is older than the run's
/// loss.skip_after counts as skipped. Runs are taken in the order of (round, night, run id); memory is
/// bounded by a block of rows. Error(usage) when the label file has no labels or not the night of a run. With
/// `context.dry_run` nothing is written.
OutcomesReport run_outcomes(const OutcomesOptions& options, const RunContext& context);

nlohmann::json to_json(const OutcomesReport& report);

}  // namespace npo
