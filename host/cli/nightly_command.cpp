#include <fmt/format.h>

#include <map>

#include "host/cli/commands.hpp"
#include "host/metrics.hpp"
#include "host/nightly_run.hpp"
#include "host/time_text.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

using nlohmann::json;

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", 100.0 * *value) : "-";
}

/// Share of each threshold among tonight's fleets, for example "0.5:12 0.7:3".
std::string thresholds_text(const json& score) {
  std::map<double, int> fleets;
  for (const auto& fleet : score.at("fleets")) {
    if (fleet.at("threshold").is_null()) return "by row";
    ++fleets[fleet.at("threshold").get<double>()];
  }
  std::string text;
  for (const auto& [threshold, count] : fleets)
    text += fmt::format("{}{:.2g}:{}", text.empty() ? "" : " ", threshold, count);
  return text;
}

std::string header() {
  return fmt::format("{:<10} {:>9} {:>9} {:>8} | {:>9} {:>9} {:>7} {:>7} {:>7} {:>7} | {}\n", "night",
                     "scored", "surfaced", "blocked", "learned", "matured", "prec %", "rec %", "ovr %",
                     "loss", "thresholds:fleets");
}

std::string row(const NightSummary& night) {
  const auto learned = night.learn.is_null() ? 0 : night.learn.value("applied", std::uint64_t{0});
  const json total = night.matured.is_null() ? json() : night.matured.at("total");
  const auto metric = [&](const char* name) -> std::optional<double> {
    if (total.is_null()) return std::nullopt;
    return metric_value(total, name);
  };
  const auto loss = metric("loss");
  const std::uint64_t matured =
      total.is_null() ? 0 : total.at("rows").get<std::uint64_t>() - total.at("immature").get<std::uint64_t>();
  return fmt::format(
      "{:<10} {:>9} {:>9} {:>8} | {:>9} {:>9} {:>7} {:>7} {:>7} {:>7} | {}{}\n", format_time(night.night),
      night.score.at("rows").get<std::uint64_t>(), night.score.at("surfaced").get<std::uint64_t>(),
      night.score.at("blocked").get<std::uint64_t>(), learned, matured, percent(metric("precision")),
      percent(metric("recall")), percent(metric("override_rate")), loss ? fmt::format("{:.4f}", *loss) : "-",
      thresholds_text(night.score), night.retrained ? "  retrained" : "");
}

std::string total_text(const json& report) {
  if (report.is_null()) return "no night has matured yet\n";
  const json& total = report.at("total");
  std::string text =
      fmt::format("over the matured nights ({} decisions whose outcome is known):\n",
                  total.at("rows").get<std::uint64_t>() - total.at("immature").get<std::uint64_t>());
  for (const char* name : {"precision", "recall", "f1", "override_rate", "like_rate", "loss"}) {
    const json& metric = total.at("metrics").at(name);
    if (metric.at("value").is_null())
      text += fmt::format("  {:<14} undefined: {}\n", name, metric.at("reason").get<std::string>());
    else
      text += fmt::format("  {:<14} {:.4f}  [{:.4f}, {:.4f}]\n", name, metric.at("value").get<double>(),
                          metric.at("low").get<double>(), metric.at("high").get<double>());
  }
  return text;
}

class NightlyCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("NIGHT.toml", nightly_.config, "what to run (docs/formats/night.md)"));
    options.time("night", nightly_.night, "only this night (default: every night that is not done)");
  }
  Report run(const RunContext& context) override {
    const NightlyReport nightly = run_nightly(nightly_, context);
    Report report{.json = to_json(nightly)};
    if (!nightly.nights.empty()) report.text += header();
    for (const NightSummary& night : nightly.nights) report.text += row(night);
    if (nightly.already_done > 0)
      report.text += fmt::format("{} nights were done before\n", nightly.already_done);
    for (const NightSummary& night : nightly.nights)
      for (const std::string& gate : night.gates)
        report.text += fmt::format("GATE {}: {}\n", format_time(night.night), gate);
    if (!context.dry_run) report.text += total_text(nightly.total);
    if (nightly.gate_fired) report.exit_code = static_cast<int>(ErrorKind::gate);
    return report;
  }

 private:
  NightlyOptions nightly_;
};

}  // namespace

std::unique_ptr<Command> make_nightly_command() {
  return std::make_unique<NightlyCommand>();
}

}  // namespace npo::cli
