#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/study_run.hpp"

/// What a study says when it is done.
namespace npo {

/// "12 points x 1000 replicates x 1000 episodes, about 3 s".
std::string size_text(const Study& study, const StudySize& size);
/// The verdicts as a table, worst first, with a sentence for every claim that does not hold.
std::string verdict_text(const StudyResults& results);
nlohmann::json size_json(const StudySize& size);
nlohmann::json verdict_json(const StudyResults& results);
nlohmann::json to_json(const StudyReport& report);
/// Claims with this verdict.
std::size_t count_verdicts(const StudyResults& results, Verdict verdict);

}  // namespace npo
