#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/policy.hpp"
#include "host/study_file.hpp"
#include "host/study_parameters.hpp"
#include "host/study_sweep.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, StudyKind>, 3> kinds{
    {{"loop", StudyKind::loop}, {"bandit", StudyKind::bandit}, {"ope", StudyKind::ope}}};

bool is_name(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// Reads one document from top to bottom.
class StudyReader {
 public:
  StudyReader(const json& document, const std::string& origin) : root_(document, origin, "") {}

  Study read() {
    if (!root_.has("kind"))
      root_.refuse("kind", "is missing", "write kind = \"loop\", \"bandit\" or \"ope\"");
    root_.choice<StudyKind>("kind", kinds, study_.kind);
    root_.text("name", study_.name);
    if (!is_name(study_.name))
      root_.refuse("name",
                   study_.name.empty() ? "is missing" : "holds other signs than letters, digits, - and _",
                   "give the study a short name");
    root_.text("title", study_.title);
    root_.text("description", study_.description);
    read_sizes();
    root_.toggle("independent", study_.independent);
    std::string design = "grid";
    root_.word("design", {"grid", "zip"}, design);
    study_.zip = design == "zip";
    read_parameters();
    read_baseline();
    read_precision();
    read_claims();
    root_.finish();
    resolve();
    return std::move(study_);
  }

 private:
  void read_sizes() {
    std::int64_t seed = 0, replicates = static_cast<std::int64_t>(study_.replicates),
                 episodes = study_.episodes;
    root_.whole("seed", closed(0, 9007199254740992.0), seed);
    root_.whole("episodes", closed(1, max_horizon), episodes);
    root_.whole("replicates", closed(1, 4294967295.0), replicates);
    study_.seed = static_cast<std::uint64_t>(seed);
    study_.episodes = static_cast<std::uint32_t>(episodes);
    study_.replicates = static_cast<std::uint64_t>(replicates);
    const json* checkpoints = root_.child("checkpoints");
    study_.checkpoints =
        study_checkpoints(checkpoints ? *checkpoints : json("log"), study_.episodes, root_.origin());
  }

  void read_parameters() {
    const json* given = root_.child("parameters");
    const json table = given ? *given : json::object();
    StrictObject object(table, root_.origin(), "parameters");
    json fixed = json::object();
    std::vector<SweptParameter> swept;
    for (const StudyParameter& parameter : study_parameters(study_.kind)) {
      const json* value = object.child(parameter.name);
      if (!value) {
        fixed[parameter.name] = parameter.fallback;
        continue;
      }
      const std::string where = fmt::format("{}: parameters.{}", root_.origin(), parameter.name);
      std::vector<json> values = swept_values(parameter, where, *value, !study_.zip);
      if (values.size() == 1)
        fixed[parameter.name] = values.front();
      else
        swept.push_back({parameter.name, std::move(values)});
    }
    object.finish();
    refuse_two_kinds_of_arms(table);
    study_.grid = StudyGrid(std::move(fixed), std::move(swept), study_.zip, root_.origin());
    check_points();
  }

  void refuse_two_kinds_of_arms(const json& table) {
    std::string first;
    for (const std::string way : {"arms", "segments", "arm_count"}) {
      if (!table.contains(way)) continue;
      if (!first.empty())
        root_.refuse("parameters." + way, fmt::format("and {} are both given", first),
                     "give arms, or segments, or arm_count");
      first = way;
    }
  }

  /// What single values cannot show: whether they fit together, at every point.
  void check_points() {
    for (std::uint64_t point = 0; point < study_.points(); ++point) {
      try {
        study_.most_arms = std::max(study_.most_arms, arms_of(study_.point(point)));
      } catch (const Error& error) {
        const std::string label = study_.grid.label(point);
        throw Error(ErrorKind::usage,
                    fmt::format("{}: parameters{}: {}", root_.origin(),
                                label.empty() ? "" : fmt::format(" ({})", label), error.what()));
      }
    }
  }

  void require_parameters(const json& table, const std::string& where, bool lists) {
    for (const auto& [name, value] : table.items()) {
      const StudyParameter* parameter = find_parameter(study_.kind, name);
      if (!parameter) {
        const std::string nearest = nearest_name(name, parameter_names(study_.kind));
        throw Error(ErrorKind::usage,
                    fmt::format("{}: {}: unknown parameter {}", root_.origin(), where, name),
                    nearest.empty() ? "see docs/formats/study.md" : fmt::format("did you mean {}?", nearest));
      }
      const std::string key = fmt::format("{}: {}.{}", root_.origin(), where, name);
      if (lists && is_sweep(*parameter, value))
        for (const json& one : value) require_value(*parameter, key, one);
      else
        require_value(*parameter, key, value);
    }
  }

  void read_baseline() {
    const json* given = root_.child("baseline");
    if (!given) return;
    if (!given->is_object() || given->empty())
      root_.refuse("baseline", "is not a table of parameters", "write { ablation = \"full\" }");
    require_parameters(*given, "baseline", false);
    study_.baseline = *given;
    if (study_.independent)
      root_.refuse("baseline", "needs common random numbers", "take out independent = true");
    for (std::uint64_t point = 0; point < study_.points(); ++point)
      if (!study_.grid.other(point, study_.baseline))
        root_.refuse(
            "baseline", fmt::format("= {} is no point of the study", study_.baseline.dump()),
            fmt::format("sweep over it, so that the point with {} has one", study_.grid.label(point)));
  }

  void require_metric(const std::string& where, const std::string& metric) {
    std::vector<std::string> known;
    for (const StudyMetric& one : metrics()) known.push_back(one.name);
    if (std::ranges::find(known, metric) != known.end()) return;
    const std::string nearest = nearest_name(metric, known);
    throw Error(ErrorKind::usage, fmt::format("{}: {}: unknown metric {}", root_.origin(), where, metric),
                nearest.empty() ? fmt::format("npo study --metrics {} lists them", name_of(study_.kind))
                                : fmt::format("did you mean {}?", nearest));
  }

  const std::vector<StudyMetric>& metrics() {
    if (metrics_.empty()) metrics_ = study_.metrics();
    return metrics_;
  }

  void read_precision() {
    const json* given = root_.child("precision");
    if (!given) return;
    StrictObject object(*given, root_.origin(), "precision");
    StudyPrecision precision;
    object.text("metric", precision.metric);
    require_metric("precision.metric", precision.metric);
    object.number("half_width", above(0), precision.half_width);
    if (precision.half_width == 0.0)
      object.refuse("half_width", "is missing", "give the half-width to reach, such as 0.001");
    std::int64_t at = study_.episodes;
    if (const json* when = object.child("at"); when && *when != "last")
      object.whole("at", closed(1, study_.episodes), at);
    precision.at = static_cast<std::uint32_t>(at);
    if (std::ranges::find(study_.checkpoints, precision.at) == study_.checkpoints.end())
      object.refuse("at", fmt::format("= {} is no checkpoint", at), "add it to checkpoints");
    object.finish();
    study_.precision = precision;
  }

  void read_claims() {
    const json* given = root_.child("claim");
    if (!given) return;
    if (!given->is_array()) root_.refuse("claim", "is not a list of tables", "write [[claim]] above each");
    for (std::size_t i = 0; i < given->size(); ++i) {
      StudyClaim claim = read_claim((*given)[i], root_.origin(), fmt::format("claim {}", i + 1));
      const std::string where = fmt::format("claim \"{}\"", claim.name);
      require_metric(where, claim.metric);
      require_parameters(claim.where, where + ": where", true);
      require_parameters(claim.than, where + ": than", false);
      for (const auto* formula :
           {&claim.value, &claim.tolerance, &claim.resolution, &claim.low, &claim.high, &claim.margin})
        if (*formula) require_names(where, **formula);
      study_.claims.push_back(std::move(claim));
    }
  }

  /// A formula may use t, episodes, numeric parameters and metrics.
  void require_names(const std::string& where, const Expression& formula) {
    std::vector<std::string> known{"t", "episodes"};
    for (const StudyParameter& parameter : study_parameters(study_.kind))
      if (parameter.type == ParameterType::real || parameter.type == ParameterType::whole)
        known.push_back(parameter.name);
    for (const StudyMetric& metric : metrics()) known.push_back(metric.name);
    for (const std::string& name : formula.names()) {
      if (std::ranges::find(known, name) != known.end()) continue;
      const std::string nearest = nearest_name(name, known);
      throw Error(ErrorKind::usage,
                  fmt::format("{}: {}: formula \"{}\" uses {}, which is no number of this study",
                              root_.origin(), where, formula.text(), name),
                  nearest.empty() ? "use t, episodes, numeric parameters and metrics"
                                  : fmt::format("did you mean {}?", nearest));
    }
  }

  void resolve() {
    json& out = study_.document;
    out = {{"kind", name_of(study_.kind)},
           {"name", study_.name},
           {"title", study_.title},
           {"description", study_.description},
           {"seed", study_.seed},
           {"episodes", study_.episodes},
           {"replicates", study_.replicates},
           {"checkpoints", study_.checkpoints},
           {"design", study_.zip ? "zip" : "grid"},
           {"independent", study_.independent},
           {"claim", json::array()}};
    json parameters = study_.grid.values(0);
    for (const SweptParameter& parameter : study_.grid.swept()) parameters[parameter.name] = parameter.values;
    // Of the ways to give arms only the one that counts, so that the document reads back.
    const bool given =
        parameters.contains("arm_count") && !(parameters["arms"].empty() && parameters["segments"].empty());
    if (given) parameters.erase("arm_count");
    for (const char* list : {"arms", "segments"})
      if (parameters.contains(list) && parameters[list].empty()) parameters.erase(list);
    out["parameters"] = std::move(parameters);
    if (!study_.baseline.is_null()) out["baseline"] = study_.baseline;
    if (study_.precision)
      out["precision"] = {{"metric", study_.precision->metric},
                          {"half_width", study_.precision->half_width},
                          {"at", study_.precision->at}};
    for (const StudyClaim& claim : study_.claims) out["claim"].push_back(claim.definition);
  }

  StrictObject root_;
  Study study_;
  std::vector<StudyMetric> metrics_;
};

}  // namespace

Study study_from(const json& document, const std::string& origin) {
  return StudyReader(document, origin).read();
}

}  // namespace npo
