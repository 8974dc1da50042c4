#pragma once
#include <cstdint>
#include <vector>

#include "kernels/learn_partition.hpp"

namespace npo {

/// The events of a partition by (scenario, time, event id, ledger cell, kind).
struct EventOrder {
  std::vector<std::uint32_t> first;  ///< [scenarios + 1] places of each scenario
  std::vector<std::uint32_t> order;  ///< [events] indices of events
};

/// A counting sort by scenario, then a small sort for each.
EventOrder order_events(const LearnPartition& partition);

}  // namespace npo
