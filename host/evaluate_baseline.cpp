#include "host/evaluate_baseline.hpp"

#include <algorithm>
#include <tuple>

namespace npo {
namespace {

bool ranks_before(const Alarm& a, const Alarm& b) {
  return std::tuple(-a.first_key, -a.second_key, a.row) < std::tuple(-b.first_key, -b.second_key, b.row);
}

/// Keeps the `count` alarms that rank first.
std::vector<Alarm> cut(std::vector<Alarm> alarms, std::size_t count) {
  if (count >= alarms.size()) return alarms;
  std::nth_element(alarms.begin(), alarms.begin() + static_cast<std::ptrdiff_t>(count), alarms.end(),
                   ranks_before);
  alarms.resize(count);
  return alarms;
}

/// The confusion of alarms among rows of which `happened` came true and `matured` are known; nothing is
/// blocked.
Confusion confusion_of(const std::vector<Alarm>& alarms, std::uint64_t happened, std::uint64_t matured) {
  Confusion confusion;
  for (const Alarm& alarm : alarms) ++(alarm.happened ? confusion.true_positive : confusion.false_positive);
  confusion.false_negative = happened - confusion.true_positive;
  confusion.true_negative = matured - happened - confusion.false_positive;
  return confusion;
}

}  // namespace

void add_baseline_night(RunOutcomes& outcomes, const Confusion& ours, BaselineReport& report) {
  const std::uint64_t happened = ours.true_positive + ours.false_negative, matured = ours.matured();
  const std::size_t equal = std::min(outcomes.rule.size(), outcomes.ours.size());
  report.full += confusion_of(outcomes.rule, happened, matured);
  report.capped += confusion_of(cut(std::move(outcomes.rule), equal), happened, matured);
  report.ours_capped += confusion_of(cut(std::move(outcomes.ours), equal), happened, matured);
}

}  // namespace npo
