#pragma once
#include <span>
#include <vector>

#include "host/monitor.hpp"

/// The failure signatures of a fleet (spec section 7).
namespace npo {

/// Answers of one window of one fleet: [arms][decision_count][answer_count].
using FleetAnswers = std::vector<std::int64_t>;

/// What `windows` (oldest first, non-overlapping, the last one the monitor's), the arms' lifetime answers and
/// the monitor show. `retrain` says that the monitor asks for one now.
std::vector<Signature> find_signatures(const MonitorSettings& settings, std::span<const FleetAnswers> windows,
                                       std::span<const std::int64_t> lifetime, const FleetMonitor& monitor,
                                       bool retrain, std::size_t arms);

}  // namespace npo
