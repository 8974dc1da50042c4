#pragma once
#include <cstddef>

#include "io/state_store.hpp"
#include "kernels/join_state.hpp"

/// Rows of the state, appended and cut.
namespace npo {

/// Widens the ids of rows from `from` to `to` words.
void widen_ids(int from, int to, StateRows& rows);

IdView ids_of(const StateRows& rows, int words);

/// Appends rows [first, last) of `from`.
void append_rows(const StateRows& from, std::size_t first, std::size_t last, int words, StateRows& to);

/// Appends one scenario.
void append_row(const std::uint64_t* id, int words, const ScenarioState& state, StateRows& to);

ScenarioState state_at(const StateRows& rows, std::size_t row);

}  // namespace npo
