#pragma once
#include <cstdint>
#include <span>

#include "kernels/vocabulary.hpp"

/// Learning from feedback: stochastic approximation of scores in event order, and integer tallies of what
/// people did (spec sections 3, 4 and 6).
namespace npo {

/// Step sizes eta_n (spec section 3).
struct StepSchedule {
  enum class Kind : std::uint8_t { constant, robbins_monro } kind = Kind::constant;
  float eta = 0.1f;           ///< constant
  float c = 1.0f, n0 = 1.0f;  ///< robbins_monro: min(1, c / (n + n0)^kappa)
  float kappa = 1.0f;         ///< in (1/2, 1]
};

/// y(d, f) for d in {withheld, surfaced}; a negative entry means "no update".
struct TargetTable {
  float y[2][answer_count];
};

struct ScoreUpdatePlan {
  StepSchedule step;
  TargetTable target;
  Carry carry = Carry::offset;
};

/// What is known of one scenario (spec section 2). `updates` = 0 means never updated: the other fields are
/// not read.
struct ScenarioState {
  float score = 0.0f;         ///< R
  float correction = 0.0f;    ///< c_s, log-odds
  std::uint32_t updates = 0;  ///< N, lifetime, never reset
  std::uint32_t steps = 0;    ///< n, restarted by a retrain
  std::uint32_t round = 0;    ///< round of the run of the last decision learned from
};

/// A ledger cell: 0 for no answer, else 1 + FeedbackKind of the answer that was applied, and this where it
/// was credited to its arm. A retraction takes back what was done then, whatever the policy says by now.
inline constexpr std::uint8_t cell_credited = 8;

/// One feedback event joined with its decision. Sorted by (scenario, time, event_id).
struct LearnEvent {
  std::uint32_t scenario;  ///< index into the partition's scenarios
  std::uint32_t ledger;    ///< index of the ledger cell of (decision, source) in the partition
  float base_score;        ///< m(x) of the decision
  std::uint32_t round;     ///< round of the decision's run
  std::uint32_t fleet;     ///< index into the tallies
  Decision decision;
  FeedbackKind kind;
  std::uint8_t arm;
  std::uint8_t credited;  ///< bit FeedbackKind is set: an answer of that kind moves the arm's posterior
};

/// Counts are exact integers and add up in any order.
struct LearnTallies {
  std::span<std::int64_t> answers;    ///< [fleets][arms][decision_count][answer_count] applied
  std::span<std::int64_t> retracted;  ///< the same shape: taken back
  std::span<std::int64_t> successes;  ///< [fleets][arms] credited likes, less those taken back
  std::span<std::int64_t> failures;   ///< [fleets][arms] credited overrides, less those taken back
  int arms = 0;
};

/// What happened to the events of one call.
struct LearnCounts {
  std::uint64_t applied = 0, already_known = 0, retracted = 0, nothing_to_retract = 0, updates = 0;
  std::uint64_t late =
      0;  ///< applied, but of an older round than the scenario had learned from before the call
  /// Sum over updates of round((y - R)^2 * 2^40), the prediction loss (architecture: integer sums): hi * 2^32
  /// + lo.
  std::int64_t squared_error_lo = 0, squared_error_hi = 0;
};

}  // namespace npo
