#include "host/study_merge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "host/study_claims.hpp"
#include "host/study_fill.hpp"
#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

namespace fs = std::filesystem;

/// The parts in order, each once, all of one study.
class Parts {
 public:
  explicit Parts(const std::vector<fs::path>& paths) {
    for (const fs::path& path : paths) add(path);
    require_all();
  }

  const std::map<std::uint64_t, StudyResultFile>& files() const { return files_; }
  const StudyResults& first() const { return files_.begin()->second.results(); }

 private:
  void add(const fs::path& path) {
    StudyResultFile file(path);
    const StudyShard shard = shard_of(file);
    if (shard.count == 1)
      throw Error(ErrorKind::usage, fmt::format("{} is a whole study, not a part of one", path.string()),
                  "leave it out");
    if (!files_.empty()) require_same(file);
    const auto found = files_.find(shard.index);
    if (found != files_.end())
      throw Error(ErrorKind::usage,
                  fmt::format("{} and {} are both part {}", found->second.path().string(), path.string(),
                              shard.text()),
                  "give every part once");
    count_ = shard.count;
    files_.emplace(shard.index, std::move(file));
  }

  static StudyShard shard_of(const StudyResultFile& file) {
    try {
      return StudyShard::parse(file.results().shard);
    } catch (const Error& error) {
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: attribute shard {}", file.path().string(), error.what()));
    }
  }

  void require_same(const StudyResultFile& file) const {
    const StudyResultFile& known = files_.begin()->second;
    const auto document = [](const StudyResultFile& of) {
      return nlohmann::json::parse(of.results().document, nullptr, false);
    };
    std::string difference = first_difference(document(known), document(file));
    if (difference.empty() && known.results().run_id != file.results().run_id)
      difference = "was computed under another numeric contract";
    if (difference.empty() && shard_of(file).count != count_)
      difference = fmt::format("number of parts was {} and is now {}", count_, shard_of(file).count);
    if (!difference.empty())
      throw Error(ErrorKind::usage,
                  fmt::format("{} and {} are parts of different studies: {}", known.path().string(),
                              file.path().string(), difference),
                  "merge the parts of one study");
  }

  void require_all() const {
    std::vector<std::string> missing;
    for (std::uint64_t index = 0; index < count_; ++index)
      if (!files_.contains(index)) missing.push_back(StudyShard{index, count_}.text());
    if (!missing.empty())
      throw Error(ErrorKind::usage,
                  fmt::format("part{} {} {} missing", missing.size() > 1 ? "s" : "", fmt::join(missing, ", "),
                              missing.size() > 1 ? "are" : "is"),
                  "compute them with the same study file and --shard");
  }

  std::map<std::uint64_t, StudyResultFile> files_;
  std::uint64_t count_ = 0;
};

Study study_of(const StudyResultFile& file) {
  const auto document = nlohmann::json::parse(file.results().document, nullptr, false);
  try {
    return study_from(document, file.path().string());
  } catch (const Error& error) {
    throw Error(ErrorKind::bad_data, error.what());
  }
}

/// Adds up what the parts hold of a point.
StudyTally merged_tally(const Study& study, const Parts& parts, std::uint64_t point, StudyResults& results) {
  StudyTally all(study.metrics_of(point), study.checkpoints);
  StudyTally piece = all;
  bool any = false;
  for (const auto& [index, file] : parts.files()) {
    const StudyResults& part = file.results();
    if (part.replicates.at(point) == 0) continue;
    const std::uint64_t expected = any ? results.first_replicate[point] + all.replicates() : 0;
    if (part.first_replicate[point] != expected)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: point {} begins at replicate {}, expected {}", file.path().string(), point,
                              part.first_replicate[point], expected),
                  "the part is damaged: compute it again");
    any = true;
    restore_tally(piece, results, file.tally(point));
    all.merge(piece);
    results.stop[point] = part.stop[point];
  }
  return all;
}

/// Fills the results of every point, and calls keep(point, its tally) for each.
template <class Keep>
void merge_points(const Study& study, const Parts& parts, const RunContext& context, MergeReport& report,
                  const Keep& keep) {
  context.report().begin("merge", study.points(), "points");
  for (std::uint64_t point = 0; point < study.points(); ++point) {
    context.check_stop();
    const StudyTally tally = merged_tally(study, parts, point, report.results);
    fill_point(report.results, point, tally);
    keep(point, tally);
    report.replicates += tally.replicates();
    context.report().advance(1);
  }
  report.results.claims = judge_claims(study, report.results);
}

std::string merged_provenance(const Parts& parts) {
  nlohmann::json provenance = nlohmann::json::array();
  for (const auto& [index, part] : parts.files())
    provenance.push_back(nlohmann::json::parse(part.results().provenance, nullptr, false));
  return nlohmann::json{{"parts", provenance}}.dump();
}

void write_merged(const Study& study, const Parts& parts, const fs::path& output, const RunContext& context,
                  MergeReport& report) {
  AtomicFile file(output, context.overwrite);
  file.attempt([&](const fs::path& temporary) {
    StudyResults& results = report.results;
    StudyResultWriter writer(temporary, context.compression, study.points(), results.cells_of_point());
    merge_points(study, parts, context, report, [&](std::uint64_t point, const StudyTally& tally) {
      writer.tally(file_rows(results, point, tally));
    });
    results.provenance = merged_provenance(parts);
    writer.finish(results);
    StudyResultFile{temporary};
  });
  file.commit();
}

}  // namespace

MergeReport merge_studies(const std::vector<fs::path>& paths, const fs::path& output,
                          const RunContext& context) {
  if (!context.dry_run) refuse_existing(output, context.overwrite);
  const Parts parts(paths);
  const Study study = study_of(parts.files().begin()->second);
  MergeReport report{.results = empty_results(study, {}), .parts = paths.size()};
  if (report.results.run_id != parts.first().run_id)
    throw Error(ErrorKind::bad_data,
                fmt::format("{} was computed under another numeric contract", paths.front().string()),
                "merge with the npo that computed the parts");
  if (context.dry_run)
    merge_points(study, parts, context, report, [](std::uint64_t, const StudyTally&) {});
  else
    write_merged(study, parts, output, context, report);
  context.report().end();
  return report;
}

}  // namespace npo
