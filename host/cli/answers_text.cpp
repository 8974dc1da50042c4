#include "host/cli/answers_text.hpp"

#include "host/text_table.hpp"

namespace npo::cli {

std::string answers_text(const AnswerTable& answers) {
  TextTable table({"decision", "override", "like", "neutral", "skipped"});
  for (const Decision decision : {Decision::surfaced, Decision::withheld}) {
    const auto& count = answers.count[static_cast<int>(decision)];
    table.add({decision == Decision::surfaced ? "surfaced" : "withheld", std::to_string(count[0]),
               std::to_string(count[1]), std::to_string(count[2]), std::to_string(count[3])});
  }
  return table.text();
}

}  // namespace npo::cli
