#include "host/answer_counts.hpp"

#include <nlohmann/json.hpp>

namespace npo {

std::uint64_t AnswerTable::total() const {
  std::uint64_t sum = 0;
  for (const auto& decision : count)
    for (const std::uint64_t answers : decision) sum += answers;
  return sum;
}

nlohmann::json to_json(const AnswerTable& table) {
  const auto kinds = [](const std::uint64_t(&count)[answer_count]) {
    return nlohmann::json{
        {"override", count[0]}, {"like", count[1]}, {"neutral", count[2]}, {"skipped", count[3]}};
  };
  return {
      {"withheld", kinds(table.count[0])}, {"surfaced", kinds(table.count[1])}, {"blocked", table.blocked}};
}

}  // namespace npo
