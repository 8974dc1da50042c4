#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "host/answer_counts.hpp"
#include "host/run_context.hpp"
#include "kernels/vocabulary.hpp"

/// Simulated operators answer decisions about a fleet whose truth is known (spec section 8, steps 5 to 8).
namespace npo {

struct OperatorsOptions {
  std::vector<std::filesystem::path> decisions;
  std::filesystem::path
      truth;  ///< truth.h5: truth/id (u64 words, ascending) and truth/approval (f32), the latent p_s
  std::filesystem::path output;  ///< feedback.h5
  double look_surfaced = 0.9, look_withheld = 0.2, neutral_share = 0.1, swap = 0.0;
  std::int64_t answer_delay = seconds_per_day / 2;  ///< seconds from midnight of the night to the answer
};

struct OperatorsReport {
  std::uint64_t decisions = 0;
  AnswerTable answers;
};

/// Answers every decision that is not blocked: source "operators", event id = row. Random words: purposes
/// operator_look and operator_answer, entity the scenario's id, step the round of the run. Error(bad_data)
/// names a decision whose scenario has no truth; Error(usage) a probability outside [0, 1]. With
/// `context.dry_run` nothing is written.
OperatorsReport run_operators(const OperatorsOptions& options, const RunContext& context);

nlohmann::json to_json(const OperatorsReport& report);

}  // namespace npo
