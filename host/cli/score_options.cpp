#include "host/cli/score_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/cost_matrix.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

constexpr std::uint64_t most_replicates = 10000;

}  // namespace

void declare_threshold(OptionSet& options, const std::string& name, std::optional<double>& field,
                       const std::string& help) {
  const auto assign = [&field](const std::vector<std::string>& values) {
    double value = 0.0;
    const std::string& text = values.front();
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
      throw Error(ErrorKind::usage, fmt::format("= {} is not a number", text));
    field = value;
  };
  options.custom({.name = name, .meta = "T", .help = help, .assign = assign, .value = [&field] {
                    return field ? nlohmann::json(*field) : nlohmann::json();
                  }});
}

void TableFlags::declare(OptionSet& options) {
  options.text("score", "COLUMN", columns_.score, "of a table: the score, any real number");
  options.text("label", "COLUMN", columns_.label, "of a table: 0, 1, or unknown (empty, 255)");
  options.text("weight", "COLUMN", columns_.weight, "of a table: the weight of a row, 0 or larger");
  options.text("fleet", "COLUMN", fleet_, "of a table: adds metrics of every fleet");
  options.text("cluster", "COLUMN", columns_.cluster, "of a table: rows that depend on each other");
  options.text("time", "COLUMN", columns_.time, "of a table: adds metrics of every day");
  options.choice("separator", separator_, {"comma", "semicolon", "tab"}, "between the fields of a CSV table");
  options.toggle("skip-bad", skip_bad, "leave bad rows of a table out and count them");
}

TableColumns TableFlags::columns(const std::vector<std::string>& by) const {
  TableColumns columns = columns_;
  if (!fleet_.empty()) columns.groups.push_back(fleet_);
  for (const std::string& word : by) {
    if (word == "night" || word == "day") {
      if (columns.time.empty())
        throw Error(ErrorKind::usage, "--by " + word + " needs the time of a row", "name it with --time");
    } else if (word == "fleet" && !fleet_.empty()) {
      continue;
    } else if (std::find(columns.groups.begin(), columns.groups.end(), word) == columns.groups.end()) {
      columns.groups.push_back(word);
    }
  }
  return columns;
}

char TableFlags::separator() const {
  return separator_ == "tab" ? '\t' : separator_ == "semicolon" ? ';' : ',';
}

void MetricFlags::declare(OptionSet& options) {
  options.real("level", level_, 0.5, 0.999999, "confidence level of the intervals");
  options.real("beta", beta_, 1e-3, 1e3, "of F-beta: how much more recall counts than precision");
  options.text("cost", "COSTS", cost_,
               "cost of a hit, false alarm, miss and right silence: 0,1,20,0, or a TOML file");
  options.count("bootstrap", bootstrap_, 0, "replicates of the bootstrap; 0: none", most_replicates);
  options.count("bins", bins_, 2, "of the reliability table", 1000);
  options.text("rank-by", "METRIC", rank_by_, "what groups are ranked or compared by");
  declare_threshold(options, "threshold", threshold_, "of a table: rows with score >= T count as surfaced");
}

void MetricFlags::declare_naming(OptionSet& options) {
  options.count("named", named_, 1, "how many worst and best groups", 1000);
  options.duration("incident-gap", gap_, "rows of label 1 further apart are two incidents");
}

ScoreEvaluationOptions MetricFlags::report(std::uint64_t seed) const {
  ScoreEvaluationOptions report;
  report.settings = {.level = level_,
                     .beta = beta_,
                     .cost = {},
                     .bootstrap = static_cast<std::uint32_t>(bootstrap_),
                     .seed = seed,
                     .reliability_bins = bins_};
  if (!cost_.empty()) report.settings.cost = parse_cost(cost_);
  report.threshold = threshold_;
  report.rank_by = rank_by_;
  report.named = named_;
  report.incident_gap = gap_;
  return report;
}

}  // namespace npo::cli
