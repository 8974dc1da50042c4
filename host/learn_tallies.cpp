#include "host/learn_tallies.hpp"

#include <algorithm>
#include <functional>

namespace npo {
namespace {

void add_to(std::vector<std::int64_t>& sum, const std::vector<std::int64_t>& part) {
  std::ranges::transform(sum, part, sum.begin(), std::plus<>());
}

std::span<const std::int64_t> slice(const std::vector<std::int64_t>& table, std::size_t index,
                                    std::size_t size) {
  return std::span(table).subspan(index * size, size);
}

void add_slice(std::span<const std::int64_t> part, std::vector<std::int64_t>& table, std::size_t index) {
  const auto place = table.begin() + static_cast<std::ptrdiff_t>(index * part.size());
  std::transform(part.begin(), part.end(), place, place, std::plus<>());
}

void subtract_slice(std::span<const std::int64_t> part, std::vector<std::int64_t>& table, std::size_t index) {
  const auto place = table.begin() + static_cast<std::ptrdiff_t>(index * part.size());
  std::transform(place, place + static_cast<std::ptrdiff_t>(part.size()), part.begin(), place,
                 std::minus<>());
}

/// Counts that were discounted before the policy changed hold less than what was credited, so taking all of
/// it back ends at zero.
void add_credits(std::span<const std::int64_t> part, std::vector<std::int64_t>& table, std::size_t index) {
  std::int64_t* count = table.data() + index * part.size();
  for (const std::int64_t credits : part) {
    *count = std::max<std::int64_t>(0, *count + credits);
    ++count;
  }
}

bool all_zero(std::span<const std::int64_t> table) {
  return std::ranges::all_of(table, [](std::int64_t x) { return x == 0; });
}

/// The round's tallies of (round, night), made if there are none yet and sized to the fleets.
RoundTallies& round_of(std::vector<RoundTallies>& rounds, const RunIdentity& run, std::size_t size) {
  auto found = std::ranges::find_if(
      rounds, [&](const RoundTallies& r) { return r.round == run.round && r.night == run.night; });
  if (found == rounds.end()) found = rounds.insert(rounds.end(), RoundTallies{run.round, run.night, {}});
  found->answers.resize(size);
  return *found;
}

}  // namespace

std::unique_ptr<SlotTallies> TallyPool::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return std::make_unique<SlotTallies>(slots_, arms_);
  std::unique_ptr<SlotTallies> tallies = std::move(free_.back());
  free_.pop_back();
  return tallies;
}

SlotTallies TallyPool::sum() {
  SlotTallies total(slots_, arms_);
  for (const auto& part : free_) {
    add_to(total.answers, part->answers);
    add_to(total.retracted, part->retracted);
    add_to(total.successes, part->successes);
    add_to(total.failures, part->failures);
  }
  free_.clear();
  return total;
}

FleetTable::FleetTable(StateManifest& manifest) : manifest_(manifest) {
  for (const std::string& name : manifest.fleets) index_.emplace(name, index_.size());
}

std::size_t FleetTable::index(const std::string& name) {
  const auto [found, is_new] = index_.emplace(name, index_.size());
  if (!is_new) return found->second;
  manifest_.fleets.push_back(name);
  const std::size_t arms = manifest_.fleets.size() * manifest_.thresholds.size();
  manifest_.successes.resize(arms);
  manifest_.failures.resize(arms);
  manifest_.lifetime.resize(arms * decision_count * answer_count);
  for (RoundTallies& round : manifest_.recent) round.answers.resize(manifest_.lifetime.size());
  manifest_.monitors.emplace_back();
  return found->second;
}

NewAnswers add_tallies(const LearnInputs& inputs, const SlotTallies& tallies, StateManifest& manifest,
                       FleetTable& fleets) {
  const std::size_t arms = manifest.thresholds.size(), cells = arms * decision_count * answer_count;
  NewAnswers rounds;
  for (const LearnRun& run : inputs.runs) {
    const RunIdentity& identity = run.decisions->identity();
    for (std::size_t code = 0; code < identity.fleets.size(); ++code) {
      const std::size_t slot = run.first_fleet + code;
      const auto applied = slice(tallies.answers, slot, cells),
                 retracted = slice(tallies.retracted, slot, cells);
      if (all_zero(applied) && all_zero(retracted)) continue;
      const std::size_t fleet = fleets.index(identity.fleets[code]);
      add_slice(applied, round_of(rounds, identity, manifest.lifetime.size()).answers, fleet);
      RoundTallies& recent = round_of(manifest.recent, identity, manifest.lifetime.size());
      for (std::vector<std::int64_t>* table : {&manifest.lifetime, &recent.answers}) {
        add_slice(applied, *table, fleet);
        subtract_slice(retracted, *table, fleet);
      }
      if (manifest.fraction_bits != 0) continue;
      add_credits(slice(tallies.successes, slot, arms), manifest.successes, fleet);
      add_credits(slice(tallies.failures, slot, arms), manifest.failures, fleet);
    }
  }
  for (RoundTallies& round : rounds) round.answers.resize(manifest.lifetime.size());
  return rounds;
}

void AnswerCounts::add(std::span<const std::int64_t> answers) {
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (static_cast<Decision>(i / answer_count % decision_count) != Decision::blocked)
      by_kind[i % answer_count] += answers[i];
}

MeanLoss mean_loss(const AnswerCounts& counts, const std::vector<double>& loss) {
  MeanLoss mean{counts.total(), 0.0};
  for (std::size_t kind = 0; kind < answer_count; ++kind)
    mean.loss += loss[kind] * static_cast<double>(counts.by_kind[kind]);
  if (mean.answers > 0) mean.loss /= static_cast<double>(mean.answers);
  return mean;
}

}  // namespace npo
