#pragma once
#include "host/evaluate_outcomes.hpp"
#include "host/evaluate_run.hpp"

namespace npo {

/// Adds one night to the comparison with a baseline rule (see BaselineReport).
void add_baseline_night(RunOutcomes& outcomes, const Confusion& ours, BaselineReport& report);

}  // namespace npo
