#pragma once
#include "host/learn_inputs.hpp"
#include "host/learn_tallies.hpp"
#include "io/state_store.hpp"

/// Posteriors of sliding-window Thompson sampling (spec section 4): S and F count the answers to decisions of
/// the last rounds only. Credits are kept by the round of the decision, so an answer that comes late counts
/// for its own round, the order of answers does not matter, and a retraction takes back exactly what it
/// named.
namespace npo {

/// Adds the posteriors' increments of a call to the rounds that the decisions were made in.
void add_to_window(const LearnInputs& inputs, const SlotTallies& tallies, FleetTable& fleets,
                   StateManifest& manifest);

/// Forgets the rounds before the last `rounds` ones and sets S and F to the sums over the others. Round
/// manifest.round is the one that is drawn next.
void slide_posteriors(std::int64_t rounds, StateManifest& manifest);

/// Starts a window from posteriors of another kind: all that they count is taken for the last round's.
void begin_window(StateManifest& manifest);

}  // namespace npo
