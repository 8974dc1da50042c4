#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/monitor.hpp"
#include "host/run_context.hpp"
#include "kernels/learn_events.hpp"
#include "kernels/vocabulary.hpp"

/// `npo learn`: feedback about decisions moves scores, posteriors, tallies and monitors (spec sections 3, 4,
/// 6 and 7).
namespace npo {

struct LearnOptions {
  std::vector<std::filesystem::path> feedback, decisions;
  std::filesystem::path state;
  bool new_state = false;   ///< make the state where it is missing, with the newest run's policy and model
  bool next_round = false;  ///< advance the round even when there is nothing to learn
  std::optional<UnixSeconds> as_of;      ///< events dated later are left for another call
  std::uint64_t partition_rows = 65536;  ///< decisions joined at a time; how fast, never what
  std::uint64_t events_in_memory =
      12 << 20;  ///< more than these are read in several passes; how fast, never what
};

/// Mean feedback loss (spec section 6) over the answers to withheld and surfaced decisions.
struct MeanLoss {
  std::int64_t answers = 0;
  double loss = 0.0;  ///< 0 when there are no answers
};

/// What one call did.
struct LearnReport {
  std::uint64_t events = 0;
  LearnCounts counts;
  std::uint64_t expired = 0;      ///< events of runs older than loss.max_delay, skipped
  std::uint64_t after_as_of = 0;  ///< events dated after as_of, left for another call
  std::uint64_t scenarios = 0;    ///< scenarios in the state now
  bool changed = false;           ///< a new generation was written (or would be, in a dry run)
  std::uint64_t generation = 0;
  std::uint32_t round = 0;       ///< of the next night's draws
  MeanLoss before, after, call;  ///< feedback loss of the state before and after, and of this call's answers
  double prediction_loss = 0.0;  ///< mean (y - R)^2 over this call's updates
  std::vector<FleetReading> fleets;  ///< monitors that are not silent
  /// Whether some fleet's monitor asks for a retrain.
  bool retrain_recommended() const;
};

/// Learns from the files of `options`, exactly once: what the ledgers know already changes nothing, and then
/// no generation is written. Errors: bad_data names the event that answers a decision never made, lies beyond
/// its run or has an unknown kind; environment when the state is missing or locked; usage when runs and state
/// do not fit together.
LearnReport run_learn(const LearnOptions& options, const RunContext& context);

nlohmann::json to_json(const LearnReport& report);

}  // namespace npo
