#include "host/study_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "host/study_claims.hpp"
#include "host/study_fill.hpp"
#include "io/study_results_fields.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

[[noreturn]] void refuse(const StudyResultFile& file, const std::string& problem) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: {}", file.path().string(), problem),
              "the file is damaged: compute it again");
}

/// Equal bits, so that NaN equals NaN.
bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

void require_columns(const StudyResultFile& file, const StudyResults& stored, const StudyResults& computed) {
  std::vector<const std::vector<double>*> columns;
  const auto collect = [&](const char*, const char*, const std::vector<double>& values) {
    columns.push_back(&values);
  };
  study_fields::cell_columns(computed, collect);
  study_fields::contrast_columns(computed, collect);
  std::size_t at = 0;
  const auto compare = [&](const char* name, const char*, const std::vector<double>& values) {
    const auto& wanted = *columns[at++];
    const auto [here, there] = std::ranges::mismatch(values, wanted, same);
    if (here != values.end() || there != wanted.end())
      refuse(file, fmt::format("dataset {} does not follow from the tallies at point {}", name,
                               static_cast<std::size_t>(here - values.begin()) / stored.cells_of_point()));
  };
  study_fields::cell_columns(stored, compare);
  study_fields::contrast_columns(stored, compare);
  if (stored.count != computed.count) refuse(file, "dataset count does not follow from the tallies");
}

void require_verdicts(const StudyResultFile& file, const std::vector<ClaimRow>& stored,
                      const std::vector<ClaimRow>& computed) {
  for (std::size_t i = 0; i < std::min(stored.size(), computed.size()); ++i)
    if (stored[i].verdict != computed[i].verdict || !same(stored[i].estimate, computed[i].estimate))
      refuse(file, fmt::format("claim \"{}\" does not follow from the results", stored[i].name));
  if (stored.size() != computed.size()) refuse(file, "claims do not follow from the study");
}

}  // namespace

std::uint64_t validate_study(const std::filesystem::path& path) {
  const StudyResultFile file(path);
  const StudyResults& stored = file.results();
  const auto document = nlohmann::json::parse(stored.document, nullptr, false);
  const Study study = study_from(document, path.string() + ": attribute study");
  const StudyShard shard = StudyShard::parse(stored.shard);
  StudyResults computed = empty_results(study, shard);
  if (computed.metrics != stored.metrics || computed.checkpoints != stored.checkpoints ||
      computed.points() != stored.points())
    refuse(file, "its shape is not that of its study");
  for (std::uint64_t point = 0; point < study.points(); ++point) {
    StudyTally tally(study.metrics_of(point), study.checkpoints);
    restore_tally(tally, computed, file.tally(point));
    fill_point(computed, point, tally);
  }
  require_columns(file, stored, computed);
  if (shard.count == 1) require_verdicts(file, stored.claims, judge_claims(study, computed));
  return study.points();
}

}  // namespace npo
