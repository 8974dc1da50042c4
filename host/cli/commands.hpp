#pragma once
#include "host/cli/command.hpp"

/// The makers of all commands; each lives in <name>_command.cpp.
namespace npo::cli {

std::unique_ptr<Command> make_digest_command();
std::unique_ptr<Command> make_evaluate_command();
std::unique_ptr<Command> make_compare_command();
std::unique_ptr<Command> make_fit_command();
std::unique_ptr<Command> make_generate_command();
std::unique_ptr<Command> make_import_command();
std::unique_ptr<Command> make_info_command();
std::unique_ptr<Command> make_learn_command();
std::unique_ptr<Command> make_merge_command();
std::unique_ptr<Command> make_nightly_command();
std::unique_ptr<Command> make_ope_command();
std::unique_ptr<Command> make_operators_command();
std::unique_ptr<Command> make_outcomes_command();
std::unique_ptr<Command> make_retrain_command();
std::unique_ptr<Command> make_score_command();
std::unique_ptr<Command> make_show_command();
std::unique_ptr<Command> make_state_adopt_policy_command();
std::unique_ptr<Command> make_state_init_command();
std::unique_ptr<Command> make_state_list_command();
std::unique_ptr<Command> make_state_rollback_command();
std::unique_ptr<Command> make_study_command();
std::unique_ptr<Command> make_study_export_command();
std::unique_ptr<Command> make_validate_command();

}  // namespace npo::cli
