#pragma once
#include <cstdint>
#include <tuple>
#include <vector>

#include "io/state_store.hpp"

/// Posteriors of discounted Thompson sampling (spec section 4).
namespace npo {

/// A like or override that moves a posterior, or the retraction of one. Events of a fleet take effect in the
/// order of (time, event id, run, row, source).
struct CreditedEvent {
  std::uint32_t fleet;  ///< index in the manifest
  UnixSeconds time;
  std::uint64_t event_id;
  std::uint32_t run;  ///< place of the run in (round, night, run id) order
  std::uint64_t row;
  std::uint16_t source;  ///< place of the source in the order of names
  std::uint8_t arm;
  bool like, retraction;
  auto order() const { return std::tie(fleet, time, event_id, run, row, source, retraction); }
};

/// Sorts the events and applies them: before each like or override all arms of its fleet are multiplied by
/// gamma, then the arm's S or F grows by one. A retraction takes one from the arm, not below zero, and
/// discounts nothing. S and F are fixed point (kernels/fixed_point.hpp); gamma is rounded to it.
void discount_posteriors(double gamma, std::vector<CreditedEvent>& events, StateManifest& manifest);

}  // namespace npo
