#include "host/validate_run.hpp"

#include "host/nightly_config.hpp"
#include "host/policy.hpp"
#include "host/study_check.hpp"
#include "host/study_file.hpp"
#include "host/truth_file.hpp"
#include "io/decision_run.hpp"
#include "io/feedback_file.hpp"
#include "io/log_file.hpp"
#include "io/model_file.hpp"
#include "io/scenario_file.hpp"
#include "io/state_store.hpp"

namespace npo {
namespace {

/// Checks a file of `kind` and returns its number of rows.
std::uint64_t check(FileKind kind, const std::filesystem::path& path) {
  switch (kind) {
    case FileKind::scenarios: {
      const ScenarioFile file(path);
      validate_scenarios(file);
      return file.rows();
    }
    case FileKind::decisions: {
      const DecisionRun run(path);
      validate_decisions(run);
      return run.rows();
    }
    case FileKind::state: {
      const StateSnapshot state(path);
      validate_state(state);
      return state.scenarios();
    }
    case FileKind::truth: {
      const h5::ReadFile file = open_truth(path);
      validate_truth(file);
      return truth_scenarios(file);
    }
    case FileKind::model:
      read_model(path);
      return 0;
    case FileKind::policy:
      read_policy(path);
      return 0;
    case FileKind::night:
      read_nightly_config(path);
      return 0;
    case FileKind::log: {
      const LogFile file(path);
      validate_log(file);
      return file.rows();
    }
    case FileKind::study:
      return validate_study(path);
    case FileKind::study_file:
      read_study(path, {}, 0);
      return 0;
    case FileKind::feedback: {
      const FeedbackFile file(path);
      validate_feedback(file);
      return file.rows();
    }
  }
  return 0;
}

}  // namespace

ValidateReport validate_run(const std::filesystem::path& path, const RunContext& context) {
  const FileKind kind = file_kind(path);
  context.report().begin("validate", 0, "files");
  const std::uint64_t rows = check(kind, path);
  context.report().end();
  return {kind, rows};
}

}  // namespace npo
