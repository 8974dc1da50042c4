#include "host/study_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/study_parameters.hpp"
#include "host/toml_file.hpp"
#include "io/digest.hpp"
#include "kernels/error.hpp"
#include "kernels/vocabulary.hpp"

namespace npo {
namespace {

using nlohmann::json;

const std::vector<std::string> top_keys{"kind",     "name",       "title",       "description", "seed",
                                        "episodes", "replicates", "checkpoints", "design",      "independent",
                                        "baseline", "precision",  "parameters",  "claim"};

/// The value of an assignment: TOML, or else a plain word.
json value_from(const std::string& text) {
  try {
    const json parsed = toml_to_json("value = " + text, "--set");
    if (parsed.size() == 1) return parsed.at("value");
  } catch (const Error&) {  // no TOML, so a word
  }
  return text;
}

}  // namespace

std::uint32_t arms_of(const StudyPoint& point) {
  if (const auto* bandit = std::get_if<BanditPoint>(&point)) return bandit->arms;
  if (const auto* loop = std::get_if<LoopPoint>(&point))
    return static_cast<std::uint32_t>(loop->thresholds.size());
  return 0;
}

std::string_view name_of(StudyKind kind) {
  if (kind == StudyKind::ope) return "ope";
  return kind == StudyKind::loop ? "loop" : "bandit";
}

StudyPoint Study::point(std::uint64_t index) const {
  const json values = grid.values(index);
  if (kind == StudyKind::bandit) return bandit_point(values, episodes);
  if (kind == StudyKind::ope) return ope_point(values, episodes);
  return loop_point(values, episodes);
}

std::vector<StudyMetric> Study::metrics_of(std::uint64_t index) const {
  return study_metrics(kind, arms_of(point(index)));
}

std::vector<StudyMetric> Study::metrics() const {
  return study_metrics(kind, most_arms);
}

std::vector<std::uint64_t> Study::baselines() const {
  std::vector<std::uint64_t> of(baseline.is_null() ? 0 : points());
  for (std::uint64_t index = 0; index < of.size(); ++index) of[index] = *grid.other(index, baseline);
  return of;
}

std::string Study::run_id() const {
  json deciding = document;
  for (const char* key : {"name", "title", "description", "claim"}) deciding.erase(key);
  DigestList list;
  list.add("study", deciding.dump());
  list.add("numeric_contract", std::to_string(numeric_contract_version));
  return to_hex(list.finish()).substr(0, 16);
}

void override_key(json& document, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw Error(ErrorKind::usage, fmt::format("--set {} is no assignment", assignment),
                "write --set eta=0.2");
  std::string key = assignment.substr(0, equals);
  if (std::ranges::find(top_keys, key.substr(0, key.find('.'))) == top_keys.end()) key = "parameters." + key;
  json* place = &document;
  for (std::size_t start = 0;;) {
    const std::size_t dot = key.find('.', start);
    json& next = (*place)[key.substr(start, dot - start)];
    if (dot == std::string::npos) {
      next = value_from(assignment.substr(equals + 1));
      return;
    }
    if (!next.is_object() && !next.is_null())
      throw Error(ErrorKind::usage, fmt::format("--set {}: {} has no keys", assignment, key.substr(0, dot)));
    place = &next;
    start = dot + 1;
  }
}

Study read_study(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                 std::uint64_t seed) {
  json document = read_toml(path);
  for (const std::string& assignment : overrides) override_key(document, assignment);
  if (seed != 0) document["seed"] = seed;
  return study_from(document, path.string());
}

}  // namespace npo
