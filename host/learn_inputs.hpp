#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/learn_run.hpp"
#include "host/policy.hpp"
#include "io/decision_run.hpp"
#include "io/feedback_file.hpp"
#include "io/state_store.hpp"

/// The files of one `learn`, opened and joined by name: runs, feedback, sources, fleets.
namespace npo {

/// A run of decisions that feedback may answer. Fleet codes of all runs are numbered through: code c of this
/// run is slot first_fleet + c of the call's tallies.
struct LearnRun {
  std::unique_ptr<DecisionRun> decisions;
  bool named = false;  ///< some feedback file names it
  bool expired = false;
  std::uint32_t first_fleet = 0;
};

/// A feedback file with its codes translated. `run[c]` is an index into LearnInputs::runs, or `unknown_run`.
struct LearnFeedback {
  FeedbackFile file;
  std::vector<std::uint32_t> run;
  std::vector<std::uint16_t> source;
};
inline constexpr std::uint32_t unknown_run = 0xffffffffu;

struct LearnInputs {
  std::vector<LearnRun> runs;        ///< by (round, night, run id)
  std::vector<LearnFeedback> files;  ///< as given
  std::vector<std::string> sources;  ///< sorted
  IdType id;                         ///< as wide as the widest of the runs and the state
  std::uint32_t fleet_slots = 0;     ///< fleets of all runs together
  std::uint64_t events = 0;
  UnixSeconds newest_night = 0;  ///< of the runs and of what the state has learned from
};

/// Opens everything. Error(usage) when a run is given twice.
LearnInputs open_learn_inputs(const LearnOptions& options);

/// Checks the runs against the state, and marks those whose ledgers have expired (loss.max_delay).
/// Error(usage) when their arms or the types of their ids differ.
void fit_to_state(const Policy& policy, const StateManifest& manifest, LearnInputs& inputs);

/// The empty state in which learning from these runs begins: policy, model, arms and round of the newest run.
StateManifest first_manifest(const LearnInputs& inputs);

}  // namespace npo
