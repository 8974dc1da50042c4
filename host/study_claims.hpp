#pragma once
#include <vector>

#include "host/study_file.hpp"
#include "io/study_results.hpp"

/// The verdicts of a study: every claim of its file against the results.
namespace npo {

/// One row a claim, in the file's order (docs/formats/study.md says how each kind is judged). A claim that
/// finds no point, no checkpoint or no replicate to look at is undecided with 0 cells.
std::vector<ClaimRow> judge_claims(const Study& study, const StudyResults& results);

}  // namespace npo
