#include "host/state_rows.hpp"

namespace npo {
namespace {

template <class T>
void append(const std::vector<T>& from, std::size_t first, std::size_t last, std::vector<T>& to) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first),
            from.begin() + static_cast<std::ptrdiff_t>(last));
}

}  // namespace

void widen_ids(int from, int to, StateRows& rows) {
  if (from == to) return;
  const auto narrow = static_cast<std::size_t>(from), wide = static_cast<std::size_t>(to);
  std::vector<std::uint64_t> ids(rows.rows() * wide, 0);
  for (std::size_t i = 0; i < rows.rows() * narrow; ++i) ids[i / narrow * wide + i % narrow] = rows.ids[i];
  rows.ids = std::move(ids);
}

IdView ids_of(const StateRows& rows, int words) {
  return {rows.ids.data(), rows.rows(), words};
}

void append_rows(const StateRows& from, std::size_t first, std::size_t last, int words, StateRows& to) {
  const auto width = static_cast<std::size_t>(words);
  append(from.ids, first * width, last * width, to.ids);
  append(from.score, first, last, to.score);
  append(from.correction, first, last, to.correction);
  append(from.updates, first, last, to.updates);
  append(from.steps, first, last, to.steps);
  append(from.round, first, last, to.round);
}

void append_row(const std::uint64_t* id, int words, const ScenarioState& state, StateRows& to) {
  to.ids.insert(to.ids.end(), id, id + words);
  to.score.push_back(state.score);
  to.correction.push_back(state.correction);
  to.updates.push_back(state.updates);
  to.steps.push_back(state.steps);
  to.round.push_back(state.round);
}

ScenarioState state_at(const StateRows& rows, std::size_t row) {
  return {rows.score[row], rows.correction[row], rows.updates[row], rows.steps[row], rows.round[row]};
}

}  // namespace npo
