#include "host/discounted_posteriors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/fixed_point.hpp"

namespace npo {
namespace {

StateManifest two_arms() {
  StateManifest manifest;
  manifest.thresholds = {0.5f, 0.9f};
  manifest.fleets = {"north", "south"};
  manifest.fraction_bits = fixed_fraction_bits;
  manifest.successes.resize(4);
  manifest.failures.resize(4);
  return manifest;
}

CreditedEvent event_at(UnixSeconds time, std::uint8_t arm, bool like, bool retraction = false,
                       std::uint32_t fleet = 0) {
  return {fleet, time,      static_cast<std::uint64_t>(time), 0, static_cast<std::uint64_t>(time), 0, arm,
          like,  retraction};
}

TEST(FixedPoint, MultipliesToTheNearest) {
  EXPECT_EQ(multiply_fixed(fixed_one, fixed_one), fixed_one);
  EXPECT_EQ(multiply_fixed(3, fixed_one / 2), 2);  // 1.5 rounds up
  EXPECT_EQ(multiply_fixed(1, fixed_one / 2 - 1), 0);
  EXPECT_EQ(multiply_fixed(to_fixed(1000000.0), to_fixed(0.5)), to_fixed(500000.0));
}

TEST(DiscountedPosteriors, DecayBeforeEveryLikeOrOverride) {
  StateManifest manifest = two_arms();
  std::vector<CreditedEvent> events{event_at(3, 0, true), event_at(1, 0, true), event_at(2, 1, false)};
  discount_posteriors(0.5, events, manifest);
  EXPECT_EQ(manifest.successes[0], to_fixed(0.25 + 1.0));  // the like of time 1 decayed twice
  EXPECT_EQ(manifest.failures[1], to_fixed(0.5));
  EXPECT_EQ(manifest.successes[1], 0);
}

TEST(DiscountedPosteriors, FleetsDoNotTouchEachOther) {
  StateManifest manifest = two_arms();
  std::vector<CreditedEvent> events{event_at(1, 0, true), event_at(2, 0, true, false, 1),
                                    event_at(3, 1, true, false, 1)};
  discount_posteriors(0.5, events, manifest);
  EXPECT_EQ(manifest.successes[0], fixed_one);
  EXPECT_EQ(manifest.successes[2], to_fixed(0.5));
}

TEST(DiscountedPosteriors, OrderOfInputChangesNothing) {
  std::vector<CreditedEvent> events;
  for (int i = 0; i < 200; ++i)
    events.push_back(event_at(i / 3, static_cast<std::uint8_t>(i & 1), i % 5 < 3, i % 17 == 0));
  for (std::size_t i = 0; i < events.size(); ++i) events[i].row = i;
  StateManifest a = two_arms(), b = two_arms();
  std::vector<CreditedEvent> reversed(events.rbegin(), events.rend());
  discount_posteriors(0.95, events, a);
  discount_posteriors(0.95, reversed, b);
  EXPECT_EQ(a.successes, b.successes);
  EXPECT_EQ(a.failures, b.failures);
  // 1 / (1 - gamma) bounds what a discounted count can reach.
  EXPECT_LT(from_fixed(*std::ranges::max_element(a.successes)), 20.0);
}

TEST(DiscountedPosteriors, RetractionTakesOneAndNeverGoesBelowZero) {
  StateManifest manifest = two_arms();
  std::vector<CreditedEvent> events{event_at(1, 0, true), event_at(2, 0, true), event_at(3, 0, true, true),
                                    event_at(4, 0, true, true)};
  discount_posteriors(0.5, events, manifest);
  EXPECT_EQ(manifest.successes[0], 0);
}

}  // namespace
}  // namespace npo
