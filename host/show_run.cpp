#include "host/show_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/policy.hpp"
#include "host/row_contributions.hpp"
#include "io/decision_run.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t shown_rows = 16 * tile_rows;

/// A row that may be shown. The one NaN that a score can be ranks below all numbers.
struct ShownRow {
  float score;
  std::uint64_t row;
  bool before(const ShownRow& other) const {
    const float mine = std::isnan(score) ? -1.0f : score,
                others = std::isnan(other.score) ? -1.0f : other.score;
    return mine != others ? mine > others : row < other.row;
  }
};

/// Keeps the `most` candidates that come first.
class Best {
 public:
  explicit Best(std::uint64_t most) : most_(most) {}
  void offer(ShownRow candidate) {
    if (most_ == 0) return;
    if (heap_.size() == most_) {
      if (!candidate.before(heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), worst_first);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), worst_first);
  }
  std::vector<ShownRow> sorted() && {
    std::sort(heap_.begin(), heap_.end(), worst_first);
    return std::move(heap_);
  }

 private:
  static bool worst_first(const ShownRow& a, const ShownRow& b) { return a.before(b); }
  std::uint64_t most_;
  std::vector<ShownRow> heap_;
};

std::optional<std::uint32_t> fleet_code(const DecisionRun& run, const std::string& fleet) {
  if (fleet.empty()) return std::nullopt;
  const auto& fleets = run.identity().fleets;
  const auto found = std::find(fleets.begin(), fleets.end(), fleet);
  if (found == fleets.end()) {
    const std::string nearest = nearest_name(fleet, fleets);
    throw Error(ErrorKind::usage, fmt::format("{} has no fleet \"{}\"", run.folder().string(), fleet),
                nearest.empty() ? "npo info lists the fleets" : fmt::format("did you mean \"{}\"?", nearest));
  }
  return static_cast<std::uint32_t>(found - fleets.begin());
}

std::vector<ShownRow> find_rows(const DecisionRun& run, const ShowOptions& options, const RunContext& context,
                                std::uint64_t& matching) {
  const auto fleet = fleet_code(run, options.fleet);
  Best best(options.top);
  context.report().begin("read", run.rows(), "rows");
  for (std::uint64_t first = 0; first < run.rows(); first += shown_rows) {
    context.check_stop();
    const std::uint64_t count = std::min(shown_rows, run.rows() - first);
    const DecisionRows rows =
        run.read(first, count, {.fleet = fleet.has_value(), .score = true, .decision = true});
    for (std::size_t i = 0; i < count; ++i) {
      if (rows.decision[i] != static_cast<std::uint8_t>(options.decision)) continue;
      if (fleet && rows.fleet[i] != *fleet) continue;
      ++matching;
      best.offer({rows.score[i], first + i});
    }
    context.report().advance(count);
  }
  context.report().end();
  return std::move(best).sorted();
}

std::vector<std::string> rule_names(const RunIdentity& identity, std::uint64_t mask) {
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < identity.rules.size(); ++bit)
    if (mask >> bit & 1) names.push_back(identity.rules[bit]);
  if (mask >> nan_bit & 1) names.emplace_back("non-finite feature");
  return names;
}

ShownDecision read_row(const DecisionRun& run, std::uint64_t row) {
  const RunIdentity& identity = run.identity();
  const DecisionRows rows = run.read(row, 1,
                                     {.ids = true,
                                      .fleet = true,
                                      .base_score = true,
                                      .score = true,
                                      .mask = true,
                                      .arm = true,
                                      .p_surfaced = true});
  ShownDecision shown;
  shown.row = row;
  shown.id = id_text(identity.id, id_words(identity.id, rows.ids).data());
  if (rows.fleet[0] >= identity.fleets.size() || rows.arm[0] >= identity.thresholds.size())
    throw Error(ErrorKind::bad_data,
                fmt::format("{}: row {} has a code beyond its table", run.folder().string(), row),
                "check the run with npo validate");
  shown.fleet = identity.fleets[rows.fleet[0]];
  shown.score = rows.score[0];
  shown.base_score = rows.base_score[0];
  shown.threshold = identity.thresholds[rows.arm[0]];
  shown.p_surfaced = rows.p_surfaced[0];
  shown.rules = rule_names(identity, rows.mask[0]);
  return shown;
}

}  // namespace

std::string_view name_of(Decision decision) {
  switch (decision) {
    case Decision::withheld:
      return "withheld";
    case Decision::surfaced:
      return "surfaced";
    case Decision::blocked:
      break;
  }
  return "blocked";
}

ShowReport run_show(const ShowOptions& options, const RunContext& context) {
  const DecisionRun run(options.decisions);
  ShowReport report;
  report.run_id = run.run_id();
  report.night = run.identity().night;
  report.decision = options.decision;
  for (const ShownRow& candidate : find_rows(run, options, context, report.matching))
    report.rows.push_back(read_row(run, candidate.row));
  if (options.features > 0) report.note = add_contributions(run, options, report.rows);
  return report;
}

}  // namespace npo
