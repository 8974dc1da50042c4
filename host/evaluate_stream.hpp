#pragma once
#include "host/evaluation_table.hpp"
#include "host/score_report.hpp"

namespace npo {

/// Evaluates a table of scores in [0, 1] without keeping its rows: ranking metrics come from histograms (2^16
/// bins, 2^10 a group) with bounds that hold the exact value, calibration from the same bins; counts and
/// losses are exact. The bootstrap covers all rows, with 128 bins of scores; groups have Wilson's intervals.
/// Without weights. Memory: 16 KB a group, 15 KB a replicate.
ScoreEvaluation evaluate_stream(TableInput input, const ScoreEvaluationOptions& options,
                                const RunContext& context);

}  // namespace npo
