#include "host/lead_time.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace npo {
namespace {

Metric mean_lead(const std::vector<Incident>& incidents, double level) {
  double count = 0.0, sum = 0.0, squares = 0.0;
  for (const Incident& incident : incidents) {
    if (!incident.surfaced) continue;
    const double lead = static_cast<double>(incident.lead);
    count += 1.0, sum += lead, squares += lead * lead;
  }
  Metric metric{"lead_time_seconds", {}, {}, "no incident was surfaced"};
  if (count == 0.0) return metric;
  const double mean = sum / count;
  metric.value = mean;
  metric.reason = "a single incident was surfaced";
  if (count == 1.0) return metric;
  const double variance = std::max(0.0, (squares - count * mean * mean) / (count - 1.0));
  const double half = normal_quantile(0.5 + 0.5 * level) * std::sqrt(variance / count);
  metric.interval = Interval{std::max(0.0, mean - half), mean + half};
  metric.reason.clear();
  metric.method = "normal";
  return metric;
}

}  // namespace

std::vector<Incident> find_incidents(const EvaluationRows& rows, std::int64_t most_gap) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows.label[i] == static_cast<std::uint8_t>(Label::yes)) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(rows.cluster[a], rows.time[a], a) < std::tie(rows.cluster[b], rows.time[b], b);
  });
  std::vector<Incident> incidents;
  UnixSeconds first_surfaced = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t row = order[i], before = i > 0 ? order[i - 1] : row;
    const bool goes_on =
        i > 0 && rows.cluster[before] == rows.cluster[row] && rows.time[row] - rows.time[before] <= most_gap;
    if (!goes_on) incidents.emplace_back();
    Incident& incident = incidents.back();
    incident.last_row = row;
    if (rows.decision[row] == static_cast<std::uint8_t>(Decision::surfaced) && !incident.surfaced) {
      incident.surfaced = true;
      first_surfaced = rows.time[row];
    }
    if (incident.surfaced) incident.lead = rows.time[row] - first_surfaced;
  }
  return incidents;
}

std::vector<Metric> lead_time_metrics(const std::vector<Incident>& incidents, double level) {
  const auto surfaced = static_cast<std::uint64_t>(std::count_if(
      incidents.begin(), incidents.end(), [](const Incident& incident) { return incident.surfaced; }));
  Metric recall{"incident_recall", {}, {}, "nothing happened"};
  if (!incidents.empty()) {
    recall = {"incident_recall",
              static_cast<double>(surfaced) / static_cast<double>(incidents.size()),
              wilson_interval(surfaced, incidents.size(), level),
              {},
              "wilson"};
  }
  return {recall, mean_lead(incidents, level)};
}

}  // namespace npo
