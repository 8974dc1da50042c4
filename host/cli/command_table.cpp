#include <algorithm>

#include "host/cli/commands.hpp"

namespace npo::cli {

const std::vector<CommandEntry>& command_table() {
  static const std::vector<CommandEntry> table{
      {"nightly", "run the whole loop, night by night", "npo nightly night.toml", make_nightly_command},
      {"import", "turn a CSV file into a scenario, feedback or log file",
       "npo import drives.csv.gz -o scenarios.h5 --as scenarios --id serial --time date --features a,b "
       "--label failure",
       make_import_command},
      {"generate", "make a synthetic fleet with known truth, ready for npo nightly",
       "npo generate --scenarios 100000 --features 32 --fleets 20 --nights 3 --seed 1 -o fleet",
       make_generate_command},
      {"fit", "fit a logistic model to labelled scenarios",
       "npo fit scenarios.h5 -o model.json --as-of 2013-04-20", make_fit_command},
      {"score", "score a night, decide, and write the decisions",
       "npo score scenarios.h5 --model model.json --state state.h5 --policy policy.toml -o decisions",
       make_score_command},
      {"show", "show the decisions to look at first, and why", "npo show decisions --surfaced --top 20",
       make_show_command},
      {"outcomes", "turn outcomes that became known into feedback",
       "npo outcomes decisions --labels scenarios.h5 --as-of 2013-04-28 -o feedback.h5",
       make_outcomes_command},
      {"operators", "let simulated operators answer decisions about a synthetic fleet",
       "npo operators decisions --truth fleet/truth.h5 -o feedback.h5", make_operators_command},
      {"learn", "learn from feedback: scores, posteriors, losses, monitors",
       "npo learn feedback.h5 --decisions decisions --state state.h5", make_learn_command},
      {"retrain", "refit the model to all known labels and rebase the state",
       "npo retrain scenarios.h5 --model model.json --state state.h5 -o model-2.json", make_retrain_command},
      {"evaluate", "judge decisions or scores by what really happened",
       "npo evaluate decisions --labels scenarios.h5 --by fleet", make_evaluate_command},
      {"compare", "say where two sets of decisions or scores differ",
       "npo compare runs-a runs-b --labels scenarios.h5 --by fleet", make_compare_command},
      {"ope", "say what another policy would have earned on a log", "npo ope log.h5 --policy uniform",
       make_ope_command},
      {"study", "run a study of many replicates and judge its claims", "npo study convergence -o study.h5",
       make_study_command},
      {"study export", "write the results of a study as a tidy CSV table",
       "npo study export study.h5 -o study.csv", make_study_export_command},
      {"merge", "put the parts of a study together", "npo merge part-1.h5 part-2.h5 -o study.h5",
       make_merge_command},
      {"info", "say what a file is: version, shape, provenance", "npo info scenarios.h5", make_info_command},
      {"validate", "check every row of files and folders", "npo validate scenarios.h5",
       make_validate_command},
      {"digest", "print the content digest of files and folders", "npo digest decisions state.h5",
       make_digest_command},
      {"state init", "make an empty state", "npo state init state.h5 --policy policy.toml",
       make_state_init_command},
      {"state list", "list the generations of a state", "npo state list state.h5", make_state_list_command},
      {"state rollback", "go back to an earlier generation", "npo state rollback state.h5 --generation 3",
       make_state_rollback_command},
      {"state adopt-policy", "move a state to another policy",
       "npo state adopt-policy state.h5 --policy policy.toml", make_state_adopt_policy_command},
  };
  return table;
}

bool is_group(const std::string& name) {
  return std::any_of(command_table().begin(), command_table().end(),
                     [&](const CommandEntry& entry) { return entry.name.starts_with(name + " "); });
}

}  // namespace npo::cli
