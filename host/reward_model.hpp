#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/ope_rows.hpp"

namespace npo {

/// The reward model q(x, a) of the direct method and of doubly robust estimators.
struct RewardModelOptions {
  /// auto: logistic where all rewards are 0 or 1, else linear; none; or estimated rewards from columns, by a
  /// name with a star for the action.
  std::string model = "auto";
  /// How the action enters: one-hot, as indicators beside the context; each, a model of its own; auto: each
  /// where every action has at least 20 rows for every feature and 10 rewards of either kind.
  std::string actions = "auto";
  std::uint64_t folds = 5;
  double ridge = 1.0;  ///< penalty on weights of standardised features
};

struct RewardModelReport {
  std::string kind;     ///< logistic, linear, columns or none
  std::string actions;  ///< one-hot or each
  std::string reason;   ///< why there is none
  std::uint64_t folds = 0, features = 0;
  double loss = 0.0;  ///< mean squared error on the rows logged, each by a model that has not seen it
  std::vector<std::string> notes;
};
nlohmann::json to_json(const RewardModelReport& report);

/// Fills rows.model and rows.direct. Models are cross-fitted: the model that speaks of a row was fitted to
/// the other folds, and folds are made of whole clusters by a hash of (seed, cluster), so that they do not
/// depend on order. Error(bad_data) where there are fewer rows or clusters than folds.
RewardModelReport add_reward_model(const OpeLog& log, const TargetPolicy& target,
                                   const RewardModelOptions& options, OpeRows& rows,
                                   const RunContext& context);

}  // namespace npo
