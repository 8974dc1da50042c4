#pragma once
#include "host/evaluation_table.hpp"
#include "host/score_report.hpp"

namespace npo {

/// `npo evaluate FILE --score COLUMN --label COLUMN`.
struct EvaluateTableOptions {
  TableInput input;
  ScoreEvaluationOptions report;
  bool histogram = false;  ///< stream: memory does not grow with the rows
};

/// Reads the table and evaluates it: 5 bytes a row in memory, 4 more a grouping and a weight, 8 a cluster key
/// and a time. Errors as in open_evaluation_table and check_known_rows.
ScoreEvaluation run_evaluate_table(const EvaluateTableOptions& options, const RunContext& context);

}  // namespace npo
