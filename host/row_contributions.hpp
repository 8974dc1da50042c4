#pragma once
#include <string>
#include <vector>

#include "host/show_run.hpp"
#include "io/decision_run.hpp"

namespace npo {

/// Fills in what each feature added to the score of every shown row. Returns why that could not be done, or
/// nothing; throws instead when the caller named the scenario file.
std::string add_contributions(const DecisionRun& run, const ShowOptions& options,
                              std::vector<ShownDecision>& rows);

}  // namespace npo
