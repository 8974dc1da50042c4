#include "host/row_contributions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/model_file.hpp"
#include "kernels/error.hpp"
#include "kernels/irls_rows.hpp"

namespace npo {
namespace {

/// The model's features in the column order of the scenario file.
std::vector<ModelFeature> in_file_order(const LogisticModel& model, const ScenarioFile& file) {
  std::vector<ModelFeature> ordered;
  for (const std::string& column : file.header().features) {
    const auto found = std::find_if(model.features.begin(), model.features.end(),
                                    [&](const ModelFeature& feature) { return feature.name == column; });
    if (found == model.features.end())
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: the run's model has no feature {}", file.path().string(), column),
                  "give the scenario file that the run was made from");
    ordered.push_back(*found);
  }
  return ordered;
}

std::vector<Contribution> largest(const std::vector<ModelFeature>& features, std::span<const float> values,
                                  std::size_t most) {
  std::vector<Contribution> all;
  for (std::size_t j = 0; j < features.size(); ++j) {
    const ModelFeature& feature = features[j];
    const double centred = irls::transformed(feature.transform, values[j]) - feature.mean;
    const double log_odds = feature.weight == 0.0 ? 0.0 : feature.weight * centred / feature.scale;
    if (log_odds != 0.0) all.push_back({feature.name, values[j], log_odds});
  }
  // A non-finite contribution is why a row was blocked: it comes first.
  const auto size = [](const Contribution& c) {
    return std::isfinite(c.log_odds) ? std::abs(c.log_odds) : INFINITY;
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Contribution& a, const Contribution& b) { return size(a) > size(b); });
  all.resize(std::min(all.size(), most));
  return all;
}

/// The file the run was made from. Error(bad_data) when it is another now.
ScenarioFile open_scenarios(const RunIdentity& identity, const std::filesystem::path& path) {
  ScenarioFile file(path);
  if (to_hex(file.header_digest()) != identity.scenario_header)
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: not the scenario file that the run was made from", path.string()),
                "give that file with --scenarios");
  return file;
}

void fill(const DecisionRun& run, const ScenarioFile& file, std::size_t most,
          std::vector<ShownDecision>& rows) {
  const std::vector<ModelFeature> features =
      in_file_order(model_from_json(run.identity().model_json, run.folder().string()), file);
  const std::uint64_t night = file.night_at(run.identity().night).first_row;
  for (ShownDecision& shown : rows) {
    const RowWindow window = file.features(night + shown.row, 1);
    shown.contributions = largest(features, window.as<float>(), most);
  }
}

}  // namespace

std::string add_contributions(const DecisionRun& run, const ShowOptions& options,
                              std::vector<ShownDecision>& rows) {
  const RunIdentity& identity = run.identity();
  const bool named = !options.scenarios.empty();
  const std::filesystem::path path =
      named ? options.scenarios : std::filesystem::path(identity.scenario_path);
  try {
    fill(run, open_scenarios(identity, path), options.features, rows);
    return {};
  } catch (const Error& error) {
    if (named) throw;
    return fmt::format("without contributions of features: {}", error.what());
  }
}

}  // namespace npo
