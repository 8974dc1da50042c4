#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "kernels/vocabulary.hpp"

namespace npo {

/// Events written about withheld and surfaced decisions, by FeedbackKind, and blocked decisions, which have
/// none.
struct AnswerTable {
  std::uint64_t count[2][answer_count] = {};
  std::uint64_t blocked = 0;
  std::uint64_t total() const;
};

/// {"withheld": {"override": ..}, "surfaced": {..}, "blocked": ..}
nlohmann::json to_json(const AnswerTable& table);

}  // namespace npo
