#include <fmt/format.h>

#include <algorithm>

#include "io/state_manifest.hpp"
#include "io/state_manifest_fields.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

class ManifestReader {
 public:
  explicit ManifestReader(const std::filesystem::path& path) : file_(path) {
    file_.require_format(state_format_name, state_format_version);
  }

  StateManifest read() const {
    StateManifest manifest;
    for_each_number(manifest, [&](const char* name, auto& value) {
      value = static_cast<std::decay_t<decltype(value)>>(file_.int_attribute(name));
    });
    if (manifest.id.bytes == 0 || manifest.id.bytes > max_id_bytes || manifest.id.bytes % 8 != 0)
      refuse("attribute id_bytes", "is no width of ids");
    manifest.policy_digest = file_.text_attribute("policy_digest");
    manifest.model_digest = file_.text_attribute("model_digest");
    const auto policy = file_.read_all<std::uint8_t>("policy/json");
    manifest.policy_json.assign(policy.begin(), policy.end());
    read_learned(manifest);
    read_rounds(manifest);
    if (file_.has("window/round")) read_window(manifest);
    read_shards(manifest);
    manifest.monitors.resize(manifest.fleets.size());
    fields(manifest.monitors, [](const auto& visit) { for_each_monitor_field(visit); });
    manifest.ledgers.resize(file_.info("ledgers/rows").dims.front());
    fields(manifest.ledgers, [](const auto& visit) { for_each_ledger_field(visit); });
    return manifest;
  }

 private:
  [[noreturn]] void refuse(const std::string& what, const std::string& problem) const {
    throw Error(ErrorKind::bad_data, fmt::format("{}: {} {}", file_.path().string(), what, problem),
                "go back to a kept generation with: npo state rollback");
  }

  template <class T>
  std::vector<T> numbers(const char* name, std::size_t values) const {
    std::vector<T> found = file_.read_all<T>(name);
    if (found.size() != values) refuse(name, fmt::format("has {} values, expected {}", found.size(), values));
    return found;
  }

  /// Sets a field of each of `items` from a column.
  template <class Items, class Field>
  void field(const char* name, Items& items, Field member) const {
    using T = std::decay_t<decltype(items.front().*member)>;
    std::vector<T> values;
    if constexpr (std::is_same_v<T, std::string>)
      values = file_.read_text(name);
    else
      values = file_.read_all<T>(name);
    if (values.size() != items.size())
      refuse(name, fmt::format("has {} rows, expected {}", values.size(), items.size()));
    for (std::size_t i = 0; i < items.size(); ++i) items[i].*member = std::move(values[i]);
  }

  /// The fields that `for_each_field` names, for every item.
  template <class Items, class ForEach>
  void fields(Items& items, const ForEach& for_each_field) const {
    for_each_field([&](const char* name, auto member, const char*) { field(name, items, member); });
  }

  void read_learned(StateManifest& manifest) const {
    manifest.fleets = file_.read_text("fleets/name");
    manifest.thresholds = file_.read_all<float>("arms/threshold");
    const std::size_t cells = manifest.fleets.size() * manifest.thresholds.size();
    manifest.successes = numbers<std::int64_t>("posteriors/successes", cells);
    manifest.failures = numbers<std::int64_t>("posteriors/failures", cells);
    manifest.lifetime = numbers<std::int64_t>("tallies/lifetime", cells * cells_per_arm);
  }

  void read_rounds(StateManifest& manifest) const {
    manifest.recent.resize(file_.info("rounds/round").dims.front());
    fields(manifest.recent, [](const auto& visit) { for_each_round_field(visit); });
    const auto fleets = numbers<std::uint32_t>("rounds/fleets", manifest.recent.size());
    const auto answers = file_.read_all<std::int64_t>("rounds/answers");
    const std::size_t row = std::max<std::size_t>(1, manifest.thresholds.size() * cells_per_arm);
    std::span<const std::int64_t> rest = answers;
    for (std::size_t i = 0; i < fleets.size(); ++i) {
      if (fleets[i] > rest.size() / row) refuse("rounds/answers", "is shorter than rounds/fleets says");
      const auto own = rest.first(fleets[i] * row);
      manifest.recent[i].answers.assign(own.begin(), own.end());
      rest = rest.subspan(own.size());
    }
    if (!rest.empty()) refuse("rounds/answers", "is longer than rounds/fleets says");
  }

  void read_window(StateManifest& manifest) const {
    const auto rounds = file_.read_all<std::uint32_t>("window/round");
    const std::size_t cells = manifest.successes.size();
    const auto successes = numbers<std::int64_t>("window/successes", rounds.size() * cells);
    const auto failures = numbers<std::int64_t>("window/failures", rounds.size() * cells);
    for (std::size_t i = 0; i < rounds.size(); ++i) {
      if (i > 0 && rounds[i - 1] >= rounds[i]) refuse("window/round", "is not ascending");
      const auto own = [&](const std::vector<std::int64_t>& counts) {
        const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(i * cells);
        return std::vector<std::int64_t>(begin, begin + static_cast<std::ptrdiff_t>(cells));
      };
      manifest.window.push_back({rounds[i], own(successes), own(failures)});
    }
  }

  void read_shards(StateManifest& manifest) const {
    manifest.shards.resize(file_.info("shards/rows").dims.front());
    fields(manifest.shards, [](const auto& visit) { for_each_shard_field(visit); });
    const auto words = static_cast<std::size_t>(manifest.id.words());
    const auto first = numbers<std::uint64_t>("shards/first_id", manifest.shards.size() * words);
    const auto last = numbers<std::uint64_t>("shards/last_id", manifest.shards.size() * words);
    for (std::size_t i = 0; i < manifest.shards.size(); ++i) {
      const auto id_at = [&](const auto& ids) {
        const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(i * words);
        return std::vector<std::uint64_t>(begin, begin + static_cast<std::ptrdiff_t>(words));
      };
      manifest.shards[i].first_id = id_at(first);
      manifest.shards[i].last_id = id_at(last);
    }
  }

  h5::ReadFile file_;
};

}  // namespace

StateManifest read_manifest(const std::filesystem::path& path) {
  return ManifestReader(path).read();
}

}  // namespace npo
