#include "host/study_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "host/text_table.hpp"

namespace npo {
namespace {

std::string number(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.4g}", value);
}

std::string expected(const ClaimRow& claim) {
  if (std::isnan(claim.expected_low) || std::isnan(claim.expected_high)) return "-";
  if (claim.expected_low == claim.expected_high) return number(claim.expected_low);
  if (std::isinf(claim.expected_low)) return "below " + number(claim.expected_high);
  if (std::isinf(claim.expected_high)) return "above " + number(claim.expected_low);
  return fmt::format("{} to {}", number(claim.expected_low), number(claim.expected_high));
}

std::string what(const ClaimRow& claim) {
  const std::string subject = claim.statistic == "mean" ? claim.metric : "variance of " + claim.metric;
  return claim.kind == "equals" || claim.kind == "below" || claim.kind == "above" || claim.kind == "within"
             ? subject
             : fmt::format("{} of {}", claim.kind, subject);
}

std::string seconds_text(double seconds) {
  if (seconds < 1) return "less than a second";
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.0f} h", seconds / 3600);
}

/// JSON has no NaN and no infinity.
nlohmann::json finite(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

std::string plural(std::uint64_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace

std::string size_text(const Study& study, const StudySize& size) {
  return fmt::format("study {}: {} x {}{} x {}, about {}", study.name, plural(size.points, "point"),
                     study.precision ? "at most " : "", plural(size.replicates, "replicate"),
                     plural(size.episodes, "episode"), seconds_text(size.seconds));
}

std::size_t count_verdicts(const StudyResults& results, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(results.claims, verdict, &ClaimRow::verdict));
}

std::string verdict_text(const StudyResults& results) {
  if (results.claims.empty()) return {};
  TextTable table({"verdict", "claim", "measured", "interval", "expected", "what"});
  for (const ClaimRow& claim : results.claims)
    table.add({std::string(name_of(claim.verdict)), claim.name, number(claim.estimate),
               fmt::format("{} to {}", number(claim.low), number(claim.high)), expected(claim), what(claim)});
  std::string text = table.text();
  for (const ClaimRow& claim : results.claims)
    if (claim.verdict != Verdict::holds && !claim.statement.empty())
      text += fmt::format("{}: {}{}\n", name_of(claim.verdict), claim.statement,
                          claim.cells == 0 ? " (nothing to look at)" : "");
  return text + fmt::format("{} of {} claims hold, {} fail, {} undecided\n",
                            count_verdicts(results, Verdict::holds), results.claims.size(),
                            count_verdicts(results, Verdict::fails),
                            count_verdicts(results, Verdict::undecided));
}

nlohmann::json size_json(const StudySize& size) {
  return {{"points", size.points},
          {"replicates", size.replicates},
          {"episodes", size.episodes},
          {"cells", size.cells},
          {"seconds", size.seconds}};
}

nlohmann::json verdict_json(const StudyResults& results) {
  nlohmann::json list = nlohmann::json::array();
  for (const ClaimRow& claim : results.claims)
    list.push_back({{"name", claim.name},
                    {"statement", claim.statement},
                    {"source", claim.source},
                    {"kind", claim.kind},
                    {"metric", claim.metric},
                    {"statistic", claim.statistic},
                    {"verdict", name_of(claim.verdict)},
                    {"estimate", finite(claim.estimate)},
                    {"low", finite(claim.low)},
                    {"high", finite(claim.high)},
                    {"expected_low", finite(claim.expected_low)},
                    {"expected_high", finite(claim.expected_high)},
                    {"point", claim.point},
                    {"checkpoint", claim.checkpoint},
                    {"cells", claim.cells}});
  return list;
}

nlohmann::json to_json(const StudyReport& report) {
  return {{"run_id", report.run_id},
          {"estimate", size_json(report.size)},
          {"replicates", report.replicates},
          {"pieces_reused", report.pieces_reused},
          {"complete_before", report.complete_before},
          {"claims", verdict_json(report.results)},
          {"seconds", report.seconds}};
}

}  // namespace npo
