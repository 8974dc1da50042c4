#include <fmt/format.h>

#include <algorithm>

#include "io/atomic_file.hpp"
#include "io/h5_types.hpp"
#include "io/state_manifest.hpp"
#include "io/state_manifest_fields.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

class ManifestWriter {
 public:
  explicit ManifestWriter(const std::filesystem::path& path) : file_(path, {}) {}

  void write(const StateManifest& manifest) {
    file_.format(state_format_name, state_format_version);
    for_each_number(manifest, [&](const char* name, const auto& value) {
      file_.attribute(name, static_cast<std::int64_t>(value));
    });
    file_.attribute("policy_digest", manifest.policy_digest);
    file_.attribute("model_digest", manifest.model_digest);
    const auto policy = std::as_bytes(std::span(manifest.policy_json));
    numbers<std::uint8_t>("policy/json",
                          {reinterpret_cast<const std::uint8_t*>(policy.data()), policy.size()}, 1,
                          "resolved policy, UTF-8");
    write_learned(manifest);
    write_rounds(manifest);
    if (!manifest.window.empty()) write_window(manifest);
    write_shards(manifest);
    fields(manifest.monitors, [](const auto& visit) { for_each_monitor_field(visit); });
    fields(manifest.ledgers, [](const auto& visit) { for_each_ledger_field(visit); });
    file_.close();
  }

 private:
  template <class T>
  void numbers(const char* name, std::span<const T> values, std::size_t width, const char* long_name) {
    h5::ColumnSpec spec;
    spec.name = name;
    spec.type = h5::type_for<T>();
    spec.width = std::max<std::size_t>(1, width);
    spec.long_name = long_name;
    file_.column<T>(spec, values);
  }

  void texts(const char* name, const std::vector<std::string>& values, const char* long_name) {
    h5::ColumnSpec spec;
    spec.name = name;
    spec.type = h5::Type::text;
    spec.long_name = long_name;
    file_.text_column(spec, values);
  }

  /// One column from a field of each of `items`.
  template <class Items, class Field>
  void field(const char* name, const Items& items, Field member, const char* long_name) {
    std::vector<std::decay_t<decltype(items.front().*member)>> values;
    for (const auto& item : items) values.push_back(item.*member);
    if constexpr (std::is_same_v<std::decay_t<decltype(values.front())>, std::string>)
      texts(name, values, long_name);
    else
      numbers<std::decay_t<decltype(values.front())>>(name, values, 1, long_name);
  }

  /// The columns that `for_each_field` names.
  template <class Items, class ForEach>
  void fields(const Items& items, const ForEach& for_each_field) {
    for_each_field(
        [&](const char* name, auto member, const char* long_name) { field(name, items, member, long_name); });
  }

  void write_learned(const StateManifest& manifest) {
    const std::size_t arms = manifest.thresholds.size();
    texts("fleets/name", manifest.fleets, "fleet, in order of first appearance");
    numbers<float>("arms/threshold", manifest.thresholds, 1, "threshold by arm");
    numbers<std::int64_t>("posteriors/successes", manifest.successes, arms,
                          "credited likes by fleet and arm");
    numbers<std::int64_t>("posteriors/failures", manifest.failures, arms,
                          "credited overrides by fleet and arm");
    numbers<std::int64_t>("tallies/lifetime", manifest.lifetime, arms * cells_per_arm,
                          "answers by fleet, then arm, decision and answer");
  }

  void write_rounds(const StateManifest& manifest) {
    const std::size_t row = std::max<std::size_t>(1, manifest.thresholds.size() * cells_per_arm);
    std::vector<std::uint32_t> fleets;
    std::vector<std::int64_t> answers;
    for (const RoundTallies& round : manifest.recent) {
      fleets.push_back(static_cast<std::uint32_t>(round.answers.size() / row));
      answers.insert(answers.end(), round.answers.begin(), round.answers.end());
    }
    fields(manifest.recent, [](const auto& visit) { for_each_round_field(visit); });
    numbers<std::uint32_t>("rounds/fleets", fleets, 1, "rows of rounds/answers that belong to the round");
    numbers<std::int64_t>("rounds/answers", answers, row,
                          "answers by round and fleet, then arm, decision and answer");
  }

  void write_window(const StateManifest& manifest) {
    std::vector<std::uint32_t> rounds;
    std::vector<std::int64_t> successes, failures;
    for (const RoundPosteriors& credits : manifest.window) {
      rounds.push_back(credits.round);
      successes.insert(successes.end(), credits.successes.begin(), credits.successes.end());
      failures.insert(failures.end(), credits.failures.begin(), credits.failures.end());
    }
    const std::size_t arms = manifest.thresholds.size();
    numbers<std::uint32_t>("window/round", rounds, 1, "round");
    numbers<std::int64_t>("window/successes", successes, arms, "credited likes by round and fleet, then arm");
    numbers<std::int64_t>("window/failures", failures, arms,
                          "credited overrides by round and fleet, then arm");
  }

  void write_shards(const StateManifest& manifest) {
    std::vector<std::uint64_t> first, last;
    const int words = manifest.id.words();
    for (const ShardEntry& shard : manifest.shards) {
      first.insert(first.end(), shard.first_id.begin(), shard.first_id.end());
      last.insert(last.end(), shard.last_id.begin(), shard.last_id.end());
    }
    fields(manifest.shards, [](const auto& visit) { for_each_shard_field(visit); });
    numbers<std::uint64_t>("shards/first_id", first, static_cast<std::size_t>(words),
                           "smallest id, as words");
    numbers<std::uint64_t>("shards/last_id", last, static_cast<std::size_t>(words), "largest id, as words");
  }

  h5::WriteFile file_;
};

}  // namespace

void require_sound(const StateManifest& manifest) {
  const auto require = [](bool sound, const char* what) {
    if (!sound)
      throw Error(ErrorKind::internal, fmt::format("the manifest of a state does not fit itself: {}", what));
  };
  const std::size_t cells = manifest.fleets.size() * manifest.thresholds.size();
  const std::size_t row = manifest.thresholds.size() * cells_per_arm;
  require(manifest.successes.size() == cells && manifest.failures.size() == cells, "posteriors");
  for (const RoundPosteriors& credits : manifest.window)
    require(credits.successes.size() == cells && credits.failures.size() == cells, "posteriors of a round");
  require(manifest.lifetime.size() == cells * cells_per_arm, "lifetime tallies");
  require(manifest.monitors.size() == manifest.fleets.size(), "monitors");
  for (const RoundTallies& round : manifest.recent)
    require(row == 0 ? round.answers.empty() : round.answers.size() % row == 0, "tallies of a round");
  const auto words = static_cast<std::size_t>(manifest.id.words());
  for (std::size_t i = 0; i < manifest.shards.size(); ++i) {
    const ShardEntry& shard = manifest.shards[i];
    require(shard.first_id.size() == words && shard.last_id.size() == words, "width of a shard's ids");
    if (i > 0) require(manifest.shards[i - 1].last_id < shard.first_id, "order of the shards");
  }
}

void write_manifest(const std::filesystem::path& path, const StateManifest& manifest, bool overwrite) {
  write_atomically(
      path, overwrite,
      [&](const std::filesystem::path& temporary) { ManifestWriter(temporary).write(manifest); },
      [&](const std::filesystem::path& temporary) {
        if (read_manifest(temporary) != manifest)
          throw Error(ErrorKind::environment,
                      fmt::format("{} reads back differently from what was written", temporary.string()),
                      "check the disk and run the same command again");
      });
}

}  // namespace npo
