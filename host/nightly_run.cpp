#include "host/nightly_run.hpp"

#include <fmt/format.h>

#include <chrono>

#include "host/nightly_steps.hpp"
#include "host/nightly_work.hpp"
#include "host/time_text.hpp"
#include "io/atomic_file.hpp"
#include "io/lock_file.hpp"
#include "io/scenario_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

std::vector<UnixSeconds> nights_to_run(const NightlyConfig& config, const NightlyOptions& options) {
  if (options.night) return {*options.night - *options.night % seconds_per_day};
  const bool dated = config.scenarios.find("{date}") != std::string::npos;
  if (dated && (!config.first || !config.last))
    throw Error(ErrorKind::usage,
                fmt::format("{}: scenarios holds {{date}}, but [nights] first and last are not both set",
                            options.config.string()),
                "set them, or name one night with --night");
  std::vector<UnixSeconds> nights;
  if (dated) {
    for (UnixSeconds day = *config.first; day <= *config.last; day += seconds_per_day)
      if (std::filesystem::exists(config.scenarios_of(day))) nights.push_back(day);
  } else {
    const ScenarioFile scenarios(config.scenarios_of(0));
    for (const Night& night : scenarios.header().nights)
      if ((!config.first || night.time >= *config.first) && (!config.last || night.time <= *config.last))
        nights.push_back(night.time);
  }
  if (nights.empty())
    throw Error(ErrorKind::bad_data, fmt::format("{}: no night to run", options.config.string()),
                "check [nights] first and last against npo info of the scenarios");
  return nights;
}

}  // namespace

NightlyReport run_nightly(const NightlyOptions& options, const RunContext& context) {
  const NightlyConfig config = read_nightly_config(options.config);
  RunContext night_context = context;
  if (context.seed == 0) night_context.seed = config.seed;
  NightlyReport report;
  std::optional<LockFile> lock;
  if (!context.dry_run) {
    make_directory(config.output);
    lock.emplace(config.output / "lock", config.output.string());
  }
  for (const UnixSeconds night : nights_to_run(config, options)) {
    context.check_stop();
    NightlyWork work(config, night, night_context);
    if (work.finished()) {
      ++report.already_done;
      continue;
    }
    if (context.dry_run) {
      context.report().note(fmt::format("would run the night of {}", format_time(night)));
      continue;
    }
    report.nights.push_back(work.run());
    report.gate_fired |= !report.nights.back().gates.empty();
  }
  if (!context.dry_run) report.total = evaluate_all_matured(config, night_context);
  return report;
}

nlohmann::json to_json(const NightSummary& night) {
  return {{"night", format_time(night.night)},
          {"score", night.score},
          {"learn", night.learn},
          {"matured", night.matured},
          {"gates", night.gates},
          {"retrained", night.retrained},
          {"drift", night.drift ? nlohmann::json(*night.drift) : nlohmann::json()}};
}

nlohmann::json to_json(const NightlyReport& report) {
  nlohmann::json nights = nlohmann::json::array();
  for (const NightSummary& night : report.nights) nights.push_back(to_json(night));
  return {{"nights", nights},
          {"total", report.total},
          {"already_done", report.already_done},
          {"gate_fired", report.gate_fired}};
}

}  // namespace npo
