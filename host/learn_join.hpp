#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "host/discounted_posteriors.hpp"
#include "host/learn_buckets.hpp"
#include "host/learn_ledgers.hpp"
#include "host/learn_tallies.hpp"
#include "host/policy.hpp"
#include "host/run_context.hpp"
#include "kernels/learn_partition.hpp"

/// One partition of a `learn`: its events joined with their decisions and with the state, applied, and the
/// state's rows of the partition as they are afterwards.
namespace npo {

/// What every partition shares.
struct LearnTask {
  const RunContext& context;
  const LearnInputs& inputs;
  const LearnPartitions& partitions;
  ScoreUpdatePlan plan;
  std::vector<std::uint8_t> credit;  ///< [sources][decision_count] bits of FeedbackKind that move a posterior
  bool collect_credited = false;     ///< for discounted posteriors
  LearnLedgers& ledgers;
  TallyPool& tallies;
};

struct PartitionOutcome {
  StateRows rows;  ///< the state's rows of the partition afterwards
  bool rows_changed = false;
  LearnCounts counts;
  std::vector<CreditedEvent> credited;  ///< fleet is a slot here
};

/// Learns the events of partition `index`. `old` are the state's rows of the partition.
PartitionOutcome learn_joined(const LearnTask& task, std::size_t index, const PartitionEvents& events,
                              const StateRows& old);

/// Which answers move posteriors: a like or override of a withheld or surfaced decision, except that under
/// `acted` a like of a withheld decision credits no arm (spec section 4). `automatic` is `acted` for the
/// source "hindsight".
std::vector<std::uint8_t> credit_table(Credit credit, const std::vector<std::string>& sources);

}  // namespace npo
