#include "host/sliding_posteriors.hpp"

#include <algorithm>

namespace npo {
namespace {

RoundPosteriors& credits_of(StateManifest& manifest, std::uint32_t round) {
  auto found = std::ranges::lower_bound(manifest.window, round, {}, &RoundPosteriors::round);
  if (found == manifest.window.end() || found->round != round)
    found = manifest.window.insert(found, RoundPosteriors{round, {}, {}});
  found->successes.resize(manifest.successes.size());
  found->failures.resize(manifest.failures.size());
  return *found;
}

void add(const std::vector<std::int64_t>& part, std::vector<std::int64_t>& sum) {
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

/// An answer given before the window began may be taken back within it.
void raise_to_zero(std::vector<std::int64_t>& counts) {
  for (std::int64_t& count : counts) count = std::max<std::int64_t>(0, count);
}

}  // namespace

void add_to_window(const LearnInputs& inputs, const SlotTallies& tallies, FleetTable& fleets,
                   StateManifest& manifest) {
  const std::size_t arms = manifest.thresholds.size();
  for (const LearnRun& run : inputs.runs) {
    const RunIdentity& identity = run.decisions->identity();
    for (std::size_t code = 0; code < identity.fleets.size(); ++code) {
      const std::size_t slot = (run.first_fleet + code) * arms;
      for (std::size_t k = 0; k < arms; ++k) {
        const std::int64_t success = tallies.successes[slot + k], failure = tallies.failures[slot + k];
        if (success == 0 && failure == 0) continue;
        const std::size_t cell = fleets.index(identity.fleets[code]) * arms + k;
        RoundPosteriors& credits = credits_of(manifest, identity.round);
        credits.successes[cell] += success;
        credits.failures[cell] += failure;
      }
    }
  }
}

void slide_posteriors(std::int64_t rounds, StateManifest& manifest) {
  std::erase_if(manifest.window, [&](const RoundPosteriors& credits) {
    return std::int64_t{credits.round} + rounds < std::int64_t{manifest.round};
  });
  std::ranges::fill(manifest.successes, 0);
  std::ranges::fill(manifest.failures, 0);
  for (RoundPosteriors& credits : manifest.window) {
    credits.successes.resize(manifest.successes.size());
    credits.failures.resize(manifest.failures.size());
    add(credits.successes, manifest.successes);
    add(credits.failures, manifest.failures);
  }
  raise_to_zero(manifest.successes);
  raise_to_zero(manifest.failures);
}

void begin_window(StateManifest& manifest) {
  manifest.window.clear();
  if (manifest.round == 0) return;
  manifest.window.push_back({manifest.round - 1, manifest.successes, manifest.failures});
}

}  // namespace npo
