#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/learn_inputs.hpp"
#include "host/monitor.hpp"
#include "io/state_store.hpp"
#include "kernels/learn_events.hpp"

/// Integer tallies of a `learn`: one set a working thread, added up at the end.
namespace npo {

/// Answers and posteriors' increments by slot: the fleets of all runs, numbered through
/// (LearnRun::first_fleet).
struct SlotTallies {
  std::vector<std::int64_t> answers, retracted;   ///< [slots][arms][decision_count][answer_count]
  std::vector<std::int64_t> successes, failures;  ///< [slots][arms]
  int arms;
  SlotTallies(std::uint32_t slots, int arms_)
      : answers(std::size_t{slots} * static_cast<std::size_t>(arms_) * decision_count * answer_count),
        retracted(answers.size()),
        successes(std::size_t{slots} * static_cast<std::size_t>(arms_)),
        failures(successes.size()),
        arms(arms_) {}
  LearnTallies view() { return {answers, retracted, successes, failures, arms}; }
};

/// Lends sets of tallies to threads.
class TallyPool {
 public:
  TallyPool(std::uint32_t slots, int arms) : slots_(slots), arms_(arms) {}
  /// Calls `work(tallies)` with a set that no other thread uses meanwhile.
  template <class Work>
  void lend(const Work& work) {
    std::unique_ptr<SlotTallies> tallies = take();
    work(tallies->view());
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(tallies));
  }
  /// The sum of all sets; they are used up.
  SlotTallies sum();

 private:
  std::unique_ptr<SlotTallies> take();
  std::uint32_t slots_;
  int arms_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<SlotTallies>> free_;
};

/// Fleets of a manifest by name.
class FleetTable {
 public:
  explicit FleetTable(StateManifest& manifest);
  /// Index of a fleet, appended with empty tables if it is new.
  std::size_t index(const std::string& name);

 private:
  StateManifest& manifest_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// Adds the tallies to the manifest: lifetime, rounds, posteriors (unless they are discounted), each less
/// what was taken back; no posterior falls below its prior. Fleets are joined by name; a fleet that has
/// answers for the first time is appended. Returns the answers that this call applied, by round.
NewAnswers add_tallies(const LearnInputs& inputs, const SlotTallies& tallies, StateManifest& manifest,
                       FleetTable& fleets);

/// Sums over a table of [..][decision_count][answer_count], blocked decisions left out, by FeedbackKind.
struct AnswerCounts {
  std::int64_t by_kind[answer_count] = {};
  std::int64_t total() const { return by_kind[0] + by_kind[1] + by_kind[2] + by_kind[3]; }
  void add(std::span<const std::int64_t> answers);
};
/// Mean of l(f) (spec section 6).
MeanLoss mean_loss(const AnswerCounts& counts, const std::vector<double>& loss);

}  // namespace npo
