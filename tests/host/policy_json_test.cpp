#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host/policy.hpp"
#include "host/toml_file.hpp"
#include "io/atomic_file.hpp"
#include "tests/io/expect_error.hpp"
#include "tests/io/temporary_folder.hpp"

namespace npo {
namespace {

using nlohmann::json;
using test::expect_error;

Policy from_toml(const std::string& text) {
  return policy_from_json(toml_to_json(text, "policy.toml").dump(), "policy.toml");
}

Policy with_value(const std::string& table, const std::string& key, const json& value) {
  return policy_from_json(json{{table, {{key, value}}}}.dump(), "policy.toml");
}

json read_back(const Policy& policy, const std::string& table, const std::string& key) {
  return json::parse(policy_to_json(policy))[table][key];
}

/// A key with values at the edges of its range: inside and just outside.
struct Bound {
  std::string table, key;
  std::vector<json> allowed, refused;
};

const std::vector<Bound>& bounds() {
  static const std::vector<Bound> all{
      {"score", "eta", {1e-6, 1.0, 0.25}, {0.0, -0.1, 1.001, 2}},
      {"score", "c", {1e-3, 10.0}, {0.0, -1.0, 1.1e6}},
      {"score", "n0", {0.0, 100.0}, {-1e-9, 1.1e6}},
      {"score", "kappa", {0.501, 1.0}, {0.5, 0.4, 1.001}},
      {"threshold", "prior_a", {1.0, 1e9}, {0.999, 0.0, 1.1e9}},
      {"threshold", "prior_b", {1.0, 1e9}, {0.999, -1.0, 1.1e9}},
      {"threshold", "gamma", {1e-3, 1.0}, {0.0, 1.001}},
      {"threshold", "epsilon", {0.0, 1.0}, {-0.001, 1.001}},
      {"threshold", "fixed", {0.001, 0.999}, {0.0, 1.0}},
      {"loss", "skipped", {0.2, 0.4}, {0.199, 0.401}},
      {"loss", "neutral", {0.0, 1.0}, {-0.1, 1.1}},
      {"loss", "override", {0.0, 1.0}, {-0.1, 1.1}},
      {"loss", "like", {0.0, 1.0}, {-0.1, 1.1}},
      {"loss", "skip_after", {0, 86400, "7d"}, {-1, 10'000'000'001, "-1d", "soon", 1.5}},
      {"loss", "max_delay", {1, "90d"}, {0, "0s", 0.5}},
      {"monitor", "delta", {0.0, 1.0}, {-0.1, 1.1}},
      {"monitor", "theta", {0.01, 1.0}, {0.0, 1.1}},
      {"monitor", "window", {1, 1000}, {0, -1, 1.5, "100"}},
      {"monitor", "nights", {1, 3650}, {0, 3651}},
      {"monitor", "half_life", {0.5, 1e6}, {0.0, -1.0}},
      {"monitor", "min_gap", {0, 1000}, {-1, 0.5}},
  };
  return all;
}

TEST(PolicyJson, AcceptsEveryRangeToItsEdgeAndRefusesWhatLiesBeyond) {
  for (const auto& [table, key, allowed, refused] : bounds()) {
    for (const json& value : allowed) EXPECT_NO_THROW(with_value(table, key, value)) << key << value;
    for (const json& value : refused)
      expect_error(ErrorKind::usage, {"policy.toml", table + "." + key},
                   [&] { with_value(table, key, value); });
  }
}

TEST(PolicyJson, RefusesEveryKeyOfTheWrongTypeNamingIt) {
  const json all = json::parse(policy_to_json({}));
  for (const char* table : {"score", "threshold", "loss", "monitor"}) {
    for (const auto& [key, value] : all[table].items()) {
      const json wrong = value.is_string() ? json(1) : json(true);
      expect_error(ErrorKind::usage, {"policy.toml", table + ("." + key)},
                   [&] { with_value(table, key, wrong); });
    }
    expect_error(ErrorKind::usage, {"policy.toml", table}, [&] {
      policy_from_json(json{{table, 3}}.dump(), "policy.toml");
    });
  }
}

TEST(PolicyJson, SuggestsTheNearestKeyForEveryMisspeltOne) {
  const json all = json::parse(policy_to_json({}));
  for (const char* table : {"score", "threshold", "loss", "monitor"}) {
    for (const auto& [key, value] : all[table].items()) {
      if (key.size() < 3) continue;  // one slip in "c" or "n0" leaves nothing to recognise
      const std::string full = std::string(table) + "." + key;
      expect_error(ErrorKind::usage, {"unknown key " + full + "x", "did you mean " + full + "?"},
                   [&] { with_value(table, key + "x", value); });
    }
  }
  expect_error(ErrorKind::usage, {"unknown key treshold", "did you mean threshold?"},
               [] { from_toml("[treshold]\n"); });
  expect_error(ErrorKind::usage, {"unknown key score.zzzzzz", "known here: target"},
               [] { from_toml("[score]\nzzzzzz = 1\n"); });
}

TEST(PolicyJson, SuggestsTheNearestWordOfAChoice) {
  expect_error(ErrorKind::usage, {"score.target", "\"literl\"", "\"literal\"", "approval, literal"},
               [] { from_toml("[score]\ntarget = 'literl'\n"); });
  expect_error(ErrorKind::usage, {"threshold.kind", "discounted_thompson"},
               [] { from_toml("[threshold]\nkind = 'discounted-thompson'\n"); });
}

TEST(PolicyJson, WantsTwoToThirtyTwoAscendingThresholdsInTheOpenInterval) {
  const auto with_arms = [](const json& arms) { return with_value("threshold", "arms", arms); };
  json many = json::array();
  for (int k = 1; k <= 33; ++k) many.push_back(k / 40.0);
  expect_error(ErrorKind::usage, {"threshold.arms", "33", "2 to 32"}, [&] { with_arms(many); });
  many.erase(many.begin());
  EXPECT_EQ(with_arms(many).threshold.arms.size(), 32u);
  EXPECT_EQ(with_arms({0.5, 0.7}).threshold.arms, (std::vector<float>{0.5f, 0.7f}));
  expect_error(ErrorKind::usage, {"threshold.arms", "2 to 32"}, [&] { with_arms({0.5}); });
  expect_error(ErrorKind::usage, {"threshold.arms", "2 to 32"}, [&] { with_arms(json::array()); });
  expect_error(ErrorKind::usage, {"not ascending", "0.7 stands before 0.5"}, [&] { with_arms({0.7, 0.5}); });
  expect_error(ErrorKind::usage, {"not ascending"}, [&] { with_arms({0.5, 0.5}); });
  // Two doubles that are one float32 would be one threshold twice.
  expect_error(ErrorKind::usage, {"not ascending"}, [&] { with_arms({0.5, 0.5 + 1e-12}); });
  for (const double outside : {0.0, 1.0, -0.5, 1.5, 1.0 - 1e-12})
    expect_error(ErrorKind::usage, {"threshold.arms", "(0, 1)"}, [&] { with_arms({0.5, outside}); });
  expect_error(ErrorKind::usage, {"threshold.arms", "list of numbers"}, [&] { with_arms({0.5, "0.7"}); });
}

TEST(PolicyJson, WantsAFixedThresholdAmongTheArmsWhenItIsUsed) {
  EXPECT_NO_THROW(from_toml("[threshold]\narms = [0.4, 0.6]\n"));
  EXPECT_NO_THROW(from_toml("[threshold]\nkind = 'fixed'\narms = [0.4, 0.6]\nfixed = 0.6\n"));
  expect_error(ErrorKind::usage, {"threshold.fixed = 0.7", "not one of threshold.arms"},
               [] { from_toml("[threshold]\nkind = 'fixed'\narms = [0.4, 0.6]\n"); });
}

TEST(PolicyJson, RefusesNumbersThatAreNone) {
  expect_error(ErrorKind::usage, {"score.eta", "not a finite number"},
               [] { from_toml("[score]\neta = nan\n"); });
  expect_error(ErrorKind::usage, {"score.c"}, [] { from_toml("[score]\nc = inf\n"); });
}

TEST(PolicyJson, RoundTripsThroughJsonAndToml) {
  Policy policy = from_toml(R"(
    [score]
    target = "literal"
    step = "robbins_monro"
    eta = 0.3
    kappa = 0.6
    carry = "keep"
    rebase = "exact"
    nan = "block"
    [threshold]
    kind = "discounted_thompson"
    arms = [0.1, 0.55, 0.9]
    per = "scenario"
    credit = "acted"
    [loss]
    skip_after = "30d"
    max_delay = 12345
    [monitor]
    kind = "ewma"
    reference = "absolute"
    min_gap = 0
    [[guardrail]]
    column = "smart_5"
    op = ">"
    value = 0.1
    [[guardrail]]
    name = "quiet hours"
    column = "time_of_day"
    interval = [22:00:00, 06:00:30]
    op = "not_in"
    [[guardrail]]
    name = "pilot \"A\""
    column = "fleet"
    fleets = ["a", "b"]
    [[guardrail]]
    name = "unsure"
    column = "score"
    interval = [0.4, 0.6]
  )");
  const std::string text = policy_to_json(policy);
  EXPECT_EQ(policy_to_json(policy_from_json(text, "again")), text);
  EXPECT_EQ(policy_to_json(from_toml(policy_to_toml(policy))), text) << policy_to_toml(policy);
  EXPECT_EQ(policy.guardrails[0].name, "smart_5 > 0.1");
  EXPECT_EQ(policy.guardrails[1].interval, std::pair(79200.0, 21630.0));
  EXPECT_EQ(policy.loss.skip_after, 30 * 86400);
  // Written as people write them, not as the nearest double of a float32.
  EXPECT_EQ(read_back(policy, "threshold", "arms").dump(), "[0.1,0.55,0.9]");
  EXPECT_EQ(read_back(policy, "score", "eta").dump(), "0.3");
}

TEST(PolicyJson, DefaultsAreThoseOfTheStructAndStandInTheCanonicalForm) {
  EXPECT_EQ(policy_to_json(from_toml("")), policy_to_json(Policy{}));
  EXPECT_EQ(policy_to_json(from_toml(policy_to_toml({}))), policy_to_json(Policy{}));
  EXPECT_EQ(read_back({}, "threshold", "arms"), json({0.5, 0.6, 0.7, 0.8, 0.9}));
}

TEST(PolicyJson, DigestFollowsEverySetting) {
  const Digest base = policy_digest({});
  for (const auto& [table, key, allowed, refused] : bounds()) {
    const Policy changed = with_value(table, key, allowed.front());
    const bool same = read_back(changed, table, key) == read_back({}, table, key);
    EXPECT_EQ(policy_digest(changed) == base, same) << key;
  }
}

TEST(PolicyFile, NamesTheFileAndTheLineOfASlip) {
  const test::TemporaryFolder folder;
  write_text_atomically(folder / "p.toml", false, "[score]\neta = = 1\n");
  expect_error(ErrorKind::usage, {"p.toml", "line 2"}, [&] { read_policy(folder / "p.toml"); });
  expect_error(ErrorKind::environment, {"absent.toml"}, [&] { read_policy(folder / "absent.toml"); });
  expect_error(ErrorKind::bad_data, {"run.json", "not valid JSON"},
               [] { policy_from_json("{", "run.json"); });
}

}  // namespace
}  // namespace npo
