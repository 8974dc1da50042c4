#include "host/digest_run.hpp"

#include <nlohmann/json.hpp>

#include "host/file_kind.hpp"
#include "host/nightly_config.hpp"
#include "host/policy.hpp"
#include "host/study_file.hpp"
#include "host/toml_file.hpp"
#include "host/truth_file.hpp"
#include "io/decision_run.hpp"
#include "io/feedback_file.hpp"
#include "io/log_file.hpp"
#include "io/model_file.hpp"
#include "io/scenario_file.hpp"
#include "io/state_store.hpp"
#include "io/study_results.hpp"

namespace npo {
namespace {

Digest digest_of(const std::filesystem::path& path) {
  switch (file_kind(path)) {
    case FileKind::scenarios:
      return digest_scenarios(ScenarioFile(path));
    case FileKind::decisions:
      return digest_decisions(DecisionRun(path));
    case FileKind::state:
      return StateSnapshot(path).digest();
    case FileKind::truth:
      return digest_truth(open_truth(path));
    case FileKind::model:
      return model_digest(read_model(path));
    case FileKind::policy:
      return policy_digest(read_policy(path));
    case FileKind::night:
      read_nightly_config(path);
      return digest_text(read_toml(path).dump());
    case FileKind::log:
      return digest_log(LogFile(path));
    case FileKind::study:
      return StudyResultFile(path).digest();
    case FileKind::study_file:
      return digest_text(read_study(path, {}, 0).document.dump());
    case FileKind::feedback:
      return digest_feedback(FeedbackFile(path));
  }
  return {};
}

}  // namespace

std::vector<PathDigest> digest_run(const std::vector<std::filesystem::path>& paths,
                                   const RunContext& context) {
  std::vector<PathDigest> digests;
  context.report().begin("digest", paths.size(), "files");
  for (const auto& path : paths) {
    context.check_stop();
    digests.push_back({path, digest_of(path)});
    context.report().advance(1);
  }
  context.report().end();
  return digests;
}

}  // namespace npo
