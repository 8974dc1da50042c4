#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "host/evaluation_rows.hpp"
#include "host/metrics.hpp"

namespace npo {

/// What happened once to one cluster (a drive that failed): its rows of label 1, close to each other in time.
struct Incident {
  std::uint64_t last_row = 0;  ///< the row of the latest time
  bool surfaced = false;       ///< some of its rows was
  std::int64_t lead = 0;       ///< seconds from the first surfaced row to the last row
};

/// The incidents of rows with clusters, times and decisions, ordered by cluster and time; rows of one cluster
/// further apart than `most_gap` seconds are two incidents. The event itself lies after the last row that
/// was labelled for it, so `lead` is a lower bound on the warning that a person had.
std::vector<Incident> find_incidents(const EvaluationRows& rows, std::int64_t most_gap);

/// Over some incidents: incident_recall (Wilson), and the mean lead_time_seconds of true alarms
/// (normal interval).
std::vector<Metric> lead_time_metrics(const std::vector<Incident>& incidents, double level);

}  // namespace npo
