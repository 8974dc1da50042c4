#include "host/evaluate_table_run.hpp"

#include "host/evaluate_stream.hpp"

namespace npo {

ScoreEvaluation run_evaluate_table(const EvaluateTableOptions& options, const RunContext& context) {
  if (options.histogram) return evaluate_stream(options.input, options.report, context);
  context.report().begin("read", 0, "rows");
  const auto source = open_evaluation_table(options.input, context);
  KnownRows known = read_known_rows(*source);
  context.report().end();
  check_known_rows(known, options.input.path.string());
  return evaluate_scores(std::move(known), options.report, context);
}

}  // namespace npo
