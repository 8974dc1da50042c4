#include "host/evaluation_rows.hpp"

namespace npo {
namespace {

/// Turns codes in order of appearance into codes in order of the names.
void sort_names(KnownRows& known, std::size_t grouping) {
  const auto new_code = known.groupings[grouping].names.sort();
  for (std::uint32_t& code : known.rows.group[grouping]) code = new_code[code];
  std::vector<std::uint64_t> sorted(new_code.size(), 0);
  auto& counts = known.unknown_by_group[grouping];
  for (std::size_t g = 0; g < counts.size(); ++g) sorted[new_code[g]] = counts[g];
  counts = std::move(sorted);
}

}  // namespace

void EvaluationRows::clear() {
  score.clear(), label.clear(), unscored.clear(), decision.clear(), weight.clear(), cluster.clear();
  time.clear(), row.clear();
  for (auto& codes : group) codes.clear();
}

void EvaluationRows::append(const EvaluationRows& other, std::size_t i) {
  score.push_back(other.score[i]);
  label.push_back(other.label[i]);
  if (!other.unscored.empty()) unscored.push_back(other.unscored[i]);
  if (!other.decision.empty()) decision.push_back(other.decision[i]);
  if (!other.weight.empty()) weight.push_back(other.weight[i]);
  if (!other.cluster.empty()) cluster.push_back(other.cluster[i]);
  if (!other.time.empty()) time.push_back(other.time[i]);
  if (!other.row.empty()) row.push_back(other.row[i]);
  group.resize(other.group.size());
  for (std::size_t g = 0; g < group.size(); ++g) group[g].push_back(other.group[g][i]);
}

void decide(EvaluationRows& rows, double threshold) {
  const auto line = static_cast<float>(threshold);
  rows.decision.clear();
  for (const float score : rows.score)
    rows.decision.push_back(
        static_cast<std::uint8_t>(score >= line ? Decision::surfaced : Decision::withheld));
}

KnownRows read_known_rows(EvaluationSource& source) {
  KnownRows known;
  const std::size_t groupings = source.groupings().size();
  known.rows.group.resize(groupings);
  known.unknown_by_group.resize(groupings);
  EvaluationRows block;
  while (source.next(block))
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (block.label[i] != static_cast<std::uint8_t>(Label::unknown)) {
        known.rows.append(block, i);
        continue;
      }
      ++known.unknown;
      for (std::size_t g = 0; g < groupings; ++g) {
        auto& counts = known.unknown_by_group[g];
        if (counts.size() <= block.group[g][i]) counts.resize(block.group[g][i] + std::size_t{1}, 0);
        ++counts[block.group[g][i]];
      }
    }
  known.skipped = source.skipped();
  known.groupings = std::move(source.groupings());
  for (std::size_t g = 0; g < groupings; ++g) sort_names(known, g);
  return known;
}

}  // namespace npo
