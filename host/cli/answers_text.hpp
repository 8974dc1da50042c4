#pragma once
#include <string>

#include "host/answer_counts.hpp"

namespace npo::cli {

/// A small table of answers by decision.
std::string answers_text(const AnswerTable& answers);

}  // namespace npo::cli
