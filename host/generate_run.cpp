#include "host/generate_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <future>
#include <nlohmann/json.hpp>

#include "host/generate_files.hpp"
#include "host/scenario_batch.hpp"
#include "io/atomic_file.hpp"
#include "io/csv/timestamp.hpp"
#include "io/folder_replacement.hpp"
#include "io/scenario_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

void check(const GenerateOptions& options) {
  constexpr std::uint64_t most_scenarios = 0xffffffffu, most_nights = 100000;
  if (options.scenarios < 1 || options.scenarios > most_scenarios)
    throw Error(ErrorKind::usage, fmt::format("{} scenarios are asked for", options.scenarios),
                fmt::format("ask for 1 to {}", most_scenarios));
  if (options.nights < 1 || options.nights > most_nights)
    throw Error(ErrorKind::usage, fmt::format("{} nights are asked for", options.nights),
                fmt::format("ask for 1 to {}", most_nights));
  if (options.label_horizon < 0)
    throw Error(ErrorKind::usage, "the label horizon is negative", "pass 1d or so");
}

UnixSeconds night_time(const GenerateOptions& options, std::uint64_t night) {
  return csv::day_of(options.first_night) + static_cast<UnixSeconds>(night) * seconds_per_day;
}

ScenarioHeader header_of(const GenerateOptions& options, const SyntheticWorld& world, std::uint64_t seed) {
  ScenarioHeader header;
  header.features = world.feature_names();
  header.fleets = world.fleet_names();
  for (std::uint64_t night = 0; night < options.nights; ++night)
    header.nights.push_back({night_time(options, night), night * options.scenarios, options.scenarios});
  header.labelled = true;
  header.label_horizon = options.label_horizon;
  header.provenance = generate_provenance(options, seed);
  return header;
}

/// Makes batches of rows on all threads.
class BatchMaker {
 public:
  BatchMaker(const GenerateOptions& options, const SyntheticWorld& world, const RunContext& context)
      : options_(options), plan_(world.plan()), context_(context) {}

  /// Scenarios [first, first + rows) of a night, counted from 0.
  void make(std::uint64_t night, std::uint64_t first, std::size_t rows, ScenarioBatch& batch) {
    batch.resize(rows, {}, plan_.weight.size(), true);
    const std::uint64_t tiles = (rows + tile_rows - 1) / tile_rows;
    parallel_for(context_.threads, tiles, [&](std::uint64_t tile) {
      const std::size_t begin = tile * tile_rows;
      make_tile(night, first, begin, std::min(tile_rows, rows - begin), batch);
    });
  }
  std::uint64_t label_yes() const { return label_yes_; }

 private:
  void make_tile(std::uint64_t night, std::uint64_t first, std::size_t begin, std::size_t rows,
                 ScenarioBatch& batch) {
    const std::size_t dim = plan_.weight.size();
    SyntheticRows out;
    out.fleet = std::span(batch.fleet).subspan(begin, rows);
    out.features = std::span(batch.features).subspan(begin * dim, rows * dim);
    out.label = std::span(batch.label).subspan(begin, rows);
    make_synthetic_rows(plan_, static_cast<std::uint32_t>(first + begin + 1), rows,
                        static_cast<std::uint32_t>(night), out, context_.simd);
    const UnixSeconds time = night_time(options_, night);
    std::uint64_t yes = 0;
    for (std::size_t row = begin; row < begin + rows; ++row) {
      const std::uint64_t id = first + row + 1;
      std::memcpy(batch.ids.data() + row * sizeof id, &id, sizeof id);
      batch.time[row] = time;
      batch.label_known_at[row] = time + options_.label_horizon;
      yes += batch.label[row];
    }
    label_yes_ += yes;
  }

  const GenerateOptions& options_;
  SyntheticPlan plan_;
  const RunContext& context_;
  std::atomic<std::uint64_t> label_yes_{0};
};

/// Writes all nights; one batch is written while the next is made. Returns how many labels are 1.
std::uint64_t write_scenarios(const std::filesystem::path& path, const GenerateOptions& options,
                              const SyntheticWorld& world, const RunContext& context) {
  const ScenarioHeader header = header_of(options, world, context.seed);
  const std::uint64_t rows = options.scenarios * options.nights,
                      most = batch_rows_for(header.features.size());
  ScenarioWriter writer(path, header, rows, context.compression, context.overwrite);
  BatchMaker maker(options, world, context);
  std::array<ScenarioBatch, 2> batches;
  std::future<void> writing;
  std::size_t turn = 0;
  const auto policy = context.threads > 1 ? std::launch::async : std::launch::deferred;
  context.report().begin("generate", rows, "rows");
  for (std::uint64_t night = 0; night < options.nights; ++night) {
    for (std::uint64_t first = 0; first < options.scenarios; first += most, turn ^= 1) {
      ScenarioBatch& batch = batches[turn];
      const std::size_t count = std::min(most, options.scenarios - first);
      maker.make(night, first, count, batch);
      if (writing.valid()) writing.get();
      writing = std::async(policy, [&writer, &batch] { writer.append(batch.view()); });
      context.report().advance(count);
      context.check_stop();
    }
  }
  writing.get();
  writer.finish(header.nights, header.fleets);
  context.report().end();
  return maker.label_yes();
}

/// Whether `folder` holds one of the files that are written there.
bool holds_generated(const std::filesystem::path& folder) {
  return std::ranges::any_of(GeneratedPaths(folder).all(),
                             [](const auto* path) { return std::filesystem::exists(*path); });
}

void write_all(const std::filesystem::path& folder, const GenerateOptions& options,
               const SyntheticWorld& world, const RunContext& context, GenerateReport& report) {
  const GeneratedPaths paths(folder);
  for (const auto* path : paths.all()) refuse_existing(*path, context.overwrite);
  report.label_yes = write_scenarios(paths.scenarios, options, world, context);
  write_truth(paths.truth, options, world, context);
  write_settings(paths, world, context);
  for (const auto* path : paths.all()) report.bytes += std::filesystem::file_size(*path);
}

}  // namespace

nlohmann::json to_json(const GenerateReport& report) {
  nlohmann::json json;
  json["output"] = report.output;
  json["rows"] = report.rows;
  json["scenarios"] = report.scenarios;
  json["nights"] = report.nights;
  json["features"] = report.features;
  json["fleets"] = report.fleets;
  json["labels"] = {{"yes", report.label_yes}, {"no", report.rows - report.label_yes}};
  json["bytes"] = report.bytes;
  json["seconds"] = report.seconds;
  return json;
}

GenerateReport generate(const GenerateOptions& options, const RunContext& context) {
  const auto start = std::chrono::steady_clock::now();
  check(options);
  const SyntheticWorld world(options.world, context.seed);
  GenerateReport report;
  report.output = options.output.string();
  report.scenarios = options.scenarios;
  report.nights = options.nights;
  report.rows = options.scenarios * options.nights;
  report.features = options.world.features;
  report.fleets = options.world.fleets;
  if (context.dry_run) {
    // id, time and label_known_at of 8 bytes, fleet of 4, label of 1; uncompressed
    report.bytes = report.rows * (29 + 4 * report.features) + options.scenarios * 12;
    return report;
  }
  recover_replacement(named_folder(options.output));
  make_directory(options.output);
  if (context.overwrite && holds_generated(options.output)) {
    FolderReplacement replacement(options.output, is_generated);
    write_all(replacement.folder(), options, world, context, report);
    replacement.commit();
  } else {
    write_all(options.output, options, world, context, report);
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace npo
