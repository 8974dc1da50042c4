#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace npo {

/// The steps of one night that are done, in runs/<date>/steps.json, replaced atomically after each step. A
/// step that was done is not done again; what it came to is kept beside its name.
class NightlySteps {
 public:
  /// Picks up what an interrupted run left. The night's folder appears with the first record.
  explicit NightlySteps(const std::filesystem::path& folder);

  bool done(const std::string& step) const { return steps_.contains(step); }
  const nlohmann::json& result(const std::string& step) const { return steps_.at(step); }
  void record(const std::string& step, nlohmann::json result);

 private:
  std::filesystem::path file_;
  nlohmann::json steps_;
};

}  // namespace npo
