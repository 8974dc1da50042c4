#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/state_files.hpp"
#include "io/state_manifest_fields.hpp"
#include "io/state_store.hpp"
#include "io/stored_ids.hpp"
#include "kernels/error.hpp"
#include "kernels/learn_events.hpp"

namespace npo {
namespace {

template <class T>
Digest digest_values(const std::vector<T>& values) {
  return digest_bytes(std::as_bytes(std::span(values)));
}

/// Adds one digest a column of `items`, named by `for_each_field`.
template <class Items, class ForEach>
void add_fields(DigestList& list, const Items& items, const ForEach& for_each_field) {
  for_each_field([&](const char* name, auto member, const char*) {
    std::vector<std::decay_t<decltype(items.front().*member)>> values;
    for (const auto& item : items) values.push_back(item.*member);
    list.add(name, digest_values(values));
  });
}

/// Only overrides and likes are ever credited.
bool is_cell(std::uint8_t cell) {
  const int answer = cell & ~cell_credited;
  return answer == cell ? answer <= answer_count
                        : answer == 1 + static_cast<int>(FeedbackKind::override_decision) ||
                              answer == 1 + static_cast<int>(FeedbackKind::like);
}

void add_learned(DigestList& list, const StateManifest& manifest) {
  list.add("round", std::to_string(manifest.round));
  list.add("policy", manifest.policy_digest);
  list.add("model", manifest.model_digest);
  list.add("fraction_bits", std::to_string(manifest.fraction_bits));
  list.add("squared_error", fmt::format("{} {}", manifest.squared_error_lo, manifest.squared_error_hi));
  list.add("updates", std::to_string(manifest.updates));
  list.add("late_events", std::to_string(manifest.late_events));
  for (const std::string& fleet : manifest.fleets) list.add("fleet", fleet);
  list.add("thresholds", digest_values(manifest.thresholds));
  list.add("successes", digest_values(manifest.successes));
  list.add("failures", digest_values(manifest.failures));
  list.add("lifetime", digest_values(manifest.lifetime));
  for (const RoundTallies& round : manifest.recent)
    list.add(fmt::format("round {} of {}", round.round, round.night), digest_values(round.answers));
  for (const RoundPosteriors& credits : manifest.window) {
    list.add(fmt::format("window round {} successes", credits.round), digest_values(credits.successes));
    list.add(fmt::format("window round {} failures", credits.round), digest_values(credits.failures));
  }
  add_fields(list, manifest.monitors, [](const auto& visit) { for_each_monitor_field(visit); });
}

/// What was applied decides what is applied again: the ledgers' content, whatever their order and files.
void add_ledgers(DigestList& list, const StateManifest& manifest) {
  std::vector<std::string> ledgers;
  for (const LedgerEntry& ledger : manifest.ledgers)
    ledgers.push_back(fmt::format("{} {} {} {} {}", ledger.run_id, ledger.night, ledger.rows, ledger.digest,
                                  ledger.source));
  std::ranges::sort(ledgers);
  for (const std::string& ledger : ledgers) list.add("ledger", ledger);
}

/// Digests of the scenario columns over all shards, as if they were one.
class ScenarioDigest {
 public:
  explicit ScenarioDigest(IdType id) : ids_(id.bytes) {}
  void add(const StateRows& rows) {
    ids_.add(std::as_bytes(std::span(rows.ids)));
    score_.add(std::as_bytes(std::span(rows.score)));
    correction_.add(std::as_bytes(std::span(rows.correction)));
    updates_.add(std::as_bytes(std::span(rows.updates)));
    steps_.add(std::as_bytes(std::span(rows.steps)));
    round_.add(std::as_bytes(std::span(rows.round)));
  }
  void finish(DigestList& list) {
    list.add("ids", ids_.finish());
    list.add("score", score_.finish());
    list.add("correction", correction_.finish());
    list.add("updates", updates_.finish());
    list.add("steps", steps_.finish());
    list.add("scenario_round", round_.finish());
  }

 private:
  ColumnDigest ids_, score_{4}, correction_{4}, updates_{4}, steps_{4}, round_{4};
};

[[noreturn]] void refuse(const StateSnapshot& state, const std::string& file, const std::string& problem) {
  throw Error(ErrorKind::bad_data,
              fmt::format("{}: {}", (state_folder(state.path()) / file).string(), problem),
              "go back to a kept generation with: npo state rollback");
}

void require_sound_rows(const StateSnapshot& state, const ShardEntry& entry, const StateRows& rows) {
  const auto words = static_cast<std::size_t>(state.manifest().id.words());
  const auto id = [&](std::size_t row) { return rows.ids.data() + row * words; };
  const auto require = [&](bool sound, const char* column, std::size_t row, const char* problem) {
    if (!sound) refuse(state, entry.file, fmt::format("{} of row {} {}", column, row, problem));
  };
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    require(row == 0 || compare_words(id(row - 1), id(row), static_cast<int>(words)) < 0, "scenarios/id", row,
            "is not above the one before");
    require(rows.score[row] >= 0.0f && rows.score[row] <= 1.0f, "scenarios/score", row, "is outside [0, 1]");
    require(std::isfinite(rows.correction[row]), "scenarios/correction", row, "is not finite");
  }
  const bool range_fits = std::ranges::equal(entry.first_id, std::span(id(0), words)) &&
                          std::ranges::equal(entry.last_id, std::span(id(rows.rows() - 1), words));
  if (!range_fits) refuse(state, entry.file, "its first and last id differ from the manifest's");
}

}  // namespace

Digest StateSnapshot::digest() const {
  DigestList list;
  list.add("format", state_format_name);
  list.add("id", manifest_.id.text ? "text" : "integer");
  add_learned(list, manifest_);
  add_ledgers(list, manifest_);
  ScenarioDigest scenarios(manifest_.id);
  for (std::size_t i = 0; i < manifest_.shards.size(); ++i) scenarios.add(shard(i));
  scenarios.finish(list);
  return list.finish();
}

void validate_state(const StateSnapshot& state) {
  const StateManifest& manifest = state.manifest();
  for (std::size_t i = 0; i < manifest.shards.size(); ++i) {
    const ShardEntry& entry = manifest.shards[i];
    require_sound_rows(state, entry, state.shard(i));
    if (i > 0 &&
        compare_words(manifest.shards[i - 1].last_id.data(), entry.first_id.data(), manifest.id.words()) >= 0)
      refuse(state, entry.file, "its ids do not lie above those of the shard before");
  }
  for (const LedgerEntry& ledger : manifest.ledgers) {
    const std::vector<std::uint8_t> cells = state.ledger(ledger);
    const auto bad = std::ranges::find_if(cells, [](std::uint8_t cell) { return !is_cell(cell); });
    if (bad != cells.end())
      refuse(state, ledger.file, fmt::format("ledger/applied of row {} is no answer", bad - cells.begin()));
  }
}

}  // namespace npo
