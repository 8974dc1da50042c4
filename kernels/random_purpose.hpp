#pragma once
#include <cstdint>
#include <string_view>

/// The one table of what random words are drawn for. Two draws with the same (seed, purpose, entity, step,
/// attempt, block) are the same draw, so every purpose says what its entity and its step are.
namespace npo {

/// Values are part of the numeric contract: never reused, never renumbered. 32 to 127 are for closed-loop
/// studies, 128 to 191 for evaluation (bootstrap), 192 to 255 for tests.
enum class RandomPurpose : std::uint8_t {
  nightly_arm = 1,
  scenario_arm = 2,
  generate_fleet = 8,
  generate_feature = 9,
  generate_noise = 10,
  generate_label = 11,
  generate_truth = 12,
  operator_look = 16,
  operator_answer = 17,
  study = 32,
  bandit_arms = 33,
  bandit_draw = 34,
  loop_episode = 40,
  loop_scenario = 41,
  loop_noise = 42,
  loop_world = 43,
  loop_latent = 44,
  ope_world = 64,
  ope_row = 65,
  evaluate = 128,
  bootstrap = 129,
  reward_model_fold = 132,
  test = 192,
};

struct RandomPurposeRow {
  RandomPurpose purpose;
  std::string_view name, entity, step;
};

inline constexpr RandomPurposeRow random_purposes[] = {
    {RandomPurpose::nightly_arm, "nightly_arm", "hash of the fleet's name", "round of the state"},
    {RandomPurpose::scenario_arm, "scenario_arm", "the id of one word, else its hash", "round of the state"},
    {RandomPurpose::generate_fleet, "generate_fleet", "scenario number", "0"},
    {RandomPurpose::generate_feature, "generate_feature", "scenario number", "0, then 1 + (night - 1) / 32"},
    {RandomPurpose::generate_noise, "generate_noise", "scenario number", "night"},
    {RandomPurpose::generate_label, "generate_label", "scenario number", "night"},
    {RandomPurpose::generate_truth, "generate_truth", "feature or fleet", "which parameter"},
    {RandomPurpose::operator_look, "operator_look", "scenario id", "round of the run"},
    {RandomPurpose::operator_answer, "operator_answer", "scenario id", "round of the run"},
    {RandomPurpose::study, "study", "replicate", "episode"},
    {RandomPurpose::bandit_arms, "bandit_arms", "replicate", "segment; arm k in block k"},
    {RandomPurpose::bandit_draw, "bandit_draw", "replicate", "episode - 1, refused tries above bit 22"},
    {RandomPurpose::loop_episode, "loop_episode", "replicate", "episode + attempt 2^22"},
    {RandomPurpose::loop_scenario, "loop_scenario", "replicate", "episode"},
    {RandomPurpose::loop_noise, "loop_noise", "replicate", "episode"},
    {RandomPurpose::loop_world, "loop_world", "replicate", "scenario; 2^32 - 1 for the operator"},
    {RandomPurpose::loop_latent, "loop_latent", "replicate", "scenario"},
    {RandomPurpose::ope_world, "ope_world", "replicate", "context and action"},
    {RandomPurpose::ope_row, "ope_row", "replicate", "row of the log, from 1"},
    {RandomPurpose::evaluate, "evaluate", "item", "replicate"},
    {RandomPurpose::bootstrap, "bootstrap", "row number or cluster key", "replicate / 8"},
    {RandomPurpose::reward_model_fold, "reward_model_fold", "row number or cluster key", "0"},
    {RandomPurpose::test, "test", "free", "free"},
};

}  // namespace npo
