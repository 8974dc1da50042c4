#pragma once
#include <string>

#include "host/score_metrics.hpp"

namespace npo {

/// Reads a cost matrix: four numbers "0,1,20,0" (true positive, false positive, false negative, true
/// negative), or the path of a TOML file with the keys true_positive, false_positive, false_negative and
/// true_negative; a key left out is 0. Error(usage) shows the forms.
CostMatrix parse_cost(const std::string& text);

}  // namespace npo
