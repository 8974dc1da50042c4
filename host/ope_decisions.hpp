#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/ope_log.hpp"
#include "host/run_context.hpp"

namespace npo {

/// Our own decisions and the answers to them as a log (spec section 4). The reward is 1 for a like and 0 for
/// any other answer (the mean, where several sources answered); blocked decisions are left out, and so are
/// those without an answer. Rows of a fleet and a run share a cluster where they shared one draw.
struct DecisionLogOptions {
  std::vector<std::filesystem::path> feedback;
  /// The action is withheld or surfaced; or the arm that was drawn, whose probability is the step that
  /// p_surfaced takes at its threshold.
  bool arms = false;
  bool unanswered_is_zero = false;  ///< decisions without an answer earned nothing, instead of being left out
};

/// Error(bad_data) when a run comes from a deterministic policy; Error(usage) when runs have different
/// thresholds, or nothing was answered.
std::unique_ptr<OpeLog> open_decisions(const std::vector<std::filesystem::path>& folders,
                                       const DecisionLogOptions& options, const RunContext& context);

}  // namespace npo
