#include "host/study_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "host/study_claims.hpp"
#include "host/study_fill.hpp"
#include "host/study_rounds.hpp"
#include "host/study_text.hpp"
#include "host/study_work.hpp"
#include "io/atomic_file.hpp"
#include "io/version.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Whether an output that is there gives way: asked for now, or when the run that is resumed began.
bool may_replace(const StudyOptions& options, const RunContext& context) {
  return context.overwrite ||
         (context.resume && std::filesystem::exists(study_pieces_folder(options.output)));
}

/// Seconds that the study will take, from a few replicates of a few points.
double estimate_seconds(const StudyWork& work, const RunContext& context, std::uint64_t replicates) {
  constexpr std::uint64_t samples = 4, sample_episodes = std::uint64_t{1} << 18;
  const std::uint64_t points = work.study().points(), step = std::max<std::uint64_t>(1, points / samples);
  const std::size_t count =
      static_cast<std::size_t>(std::clamp<std::uint64_t>(sample_episodes / work.study().episodes, 16, 1024));
  StudyBlock block;
  double each = 0.0;
  std::uint64_t timed = 0;
  for (std::uint64_t point = 0; point < points && timed < samples; point += step, ++timed) {
    if (timed == 0) work.simulate(point, {0, 16}, block);  // the first call pays for page faults
    const auto start = Clock::now();
    work.simulate(point, {0, count}, block);
    each += seconds_since(start) / static_cast<double>(count);
  }
  return each / static_cast<double>(timed) * static_cast<double>(replicates) / context.threads;
}

/// What a resume must agree with.
nlohmann::json identity_of(const Study& study, const StudyShard& shard) {
  return {{"format", "npo.study"},
          {"format_version", study_format_version},
          {"npo_version", program_version()},
          {"numeric_contract", numeric_contract_version},
          {"shard", shard.text()},
          {"study", study.document}};
}

std::string provenance_of(const StudyOptions& options, const RunContext& context, double seconds) {
  return nlohmann::json{{"file", options.file.string()},
                        {"set", options.overrides},
                        {"threads", context.threads},
                        {"simd", name_of(context.simd)},
                        {"device", context.device == DeviceKind::cuda ? "cuda" : "cpu"},
                        {"seconds", seconds}}
      .dump();
}

/// A resume where the output is there already: the same study, or a refusal that names the field.
StudyReport complete_report(const Study& study, const StudyOptions& options) {
  StudyReport report;
  report.results = StudyResultFile(options.output).results();
  std::string difference =
      first_difference(nlohmann::json::parse(report.results.document, nullptr, false), study.document);
  if (report.results.shard != options.shard.text())
    difference = fmt::format("shard was {} and is now {}", report.results.shard, options.shard.text());
  if (!difference.empty())
    throw Error(ErrorKind::usage, fmt::format("cannot resume {}: {}", options.output.string(), difference),
                "go on with what the study began with, or start over with --overwrite");
  report.run_id = report.results.run_id;
  report.complete_before = true;
  return report;
}

/// Puts the pieces together and writes study.h5.
class StudyFinisher {
 public:
  StudyFinisher(const StudyWork& work, const StudyRounds& rounds, const RunContext& context)
      : work_(work), rounds_(rounds), context_(context) {}

  void write(StudyResults& results, const StudyOptions& options, Clock::time_point start) {
    const std::uint64_t points = work_.study().points();
    context_.report().begin("put together", points, "points");
    AtomicFile file(options.output, may_replace(options, context_));
    file.attempt([&](const std::filesystem::path& temporary) {
      StudyResultWriter writer(temporary, context_.compression, points, results.cells_of_point());
      parallel_for(context_.threads, points, [&](std::uint64_t point) {
        context_.check_stop();
        const StudyTally tally = rounds_.tally_of(point);
        fill_point(results, point, tally);  // every point fills cells of its own
        writer.tally(file_rows(results, point, tally));
        context_.report().advance(1);
      });
      for (std::uint64_t point = 0; point < points; ++point) {
        results.first_replicate[point] = rounds_.first_replicate(point);
        results.stop[point] = static_cast<std::uint8_t>(rounds_.stop_of(point));
      }
      if (options.shard.count == 1) results.claims = judge_claims(work_.study(), results);
      results.provenance = provenance_of(options, context_, seconds_since(start));
      writer.finish(results);
      StudyResultFile{temporary};  // reads back before it gets its name
    });
    file.commit();
    context_.report().end();
  }

 private:
  const StudyWork& work_;
  const StudyRounds& rounds_;
  const RunContext& context_;
};

}  // namespace

Study open_study(const StudyOptions& options, const RunContext& context) {
  return read_study(options.file, options.overrides, context.seed);
}

StudyReport run_study(const Study& study, const StudyOptions& options, const RunContext& context) {
  const auto start = Clock::now();
  const bool folder_there = std::filesystem::exists(study_pieces_folder(options.output));
  if (!context.dry_run) {
    if (context.resume && !context.overwrite && !folder_there && std::filesystem::exists(options.output))
      return complete_report(study, options);
    refuse_existing(options.output, may_replace(options, context));
  }
  StudyReport report;
  StudyResults results = empty_results(study, options.shard);
  report.run_id = results.run_id;
  const StudyWork work(study, context);
  report.size = {
      .points = study.points(),
      .replicates = study.replicates,
      .episodes = study.episodes,
      .cells = study.points() * results.cells_of_point(),
      .seconds = estimate_seconds(work, context, study.points() * study.replicates / options.shard.count)};
  if (context.dry_run) return report;
  StudyPieces pieces(options.output, identity_of(study, options.shard), context.compression,
                     context.overwrite, context.resume);
  context.report().note(size_text(study, report.size));
  report.pieces_reused = pieces.reused();
  StudyRounds rounds(work, options.shard, pieces, context);
  rounds.run();
  StudyFinisher(work, rounds, context).write(results, options, start);
  pieces.remove();
  for (const std::uint64_t replicates : results.replicates) report.replicates += replicates;
  report.results = std::move(results);
  report.seconds = seconds_since(start);
  return report;
}

}  // namespace npo
