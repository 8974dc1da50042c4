#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/run_context.hpp"
#include "io/scenario_file.hpp"
#include "kernels/vocabulary.hpp"

/// CSV files become scenario, feedback and log files (docs/formats/csv.md). Memory is bounded whatever the
/// size.
namespace npo {

/// What to do with a feature that has no value.
enum class MissingPolicy { error, nan, drop };

/// How ids are stored. `automatic`: as numbers when all of them are canonical decimals, else as text.
enum class IdStorage { automatic, number, text };

/// Names of the columns; an empty one is not used.
struct ScenarioColumns {
  std::string id, time;        ///< required
  std::string fleet;           ///< empty: one fleet called "all"
  std::string label;           ///< empty: no labels
  std::string label_known_at;  ///< empty: known at the row's own time, or after the horizon
  std::vector<std::string> features;
};

struct ImportScenariosOptions {
  std::filesystem::path input;  ///< "-": stdin
  std::filesystem::path output;
  ScenarioColumns columns;
  /// The label column is an event, 1 where it happened, and labels follow from it as spec section 3 says.
  std::optional<std::int64_t> label_horizon;
  IdStorage ids = IdStorage::automatic;
  MissingPolicy missing = MissingPolicy::error;
  bool skip_bad = false;
  char separator = ',';
  std::uint64_t memory_bytes = std::uint64_t{512} << 20;  ///< for sorting
};

/// What was left out, and why: the first few reasons in full.
struct SkippedRows {
  std::uint64_t count = 0;
  std::vector<std::string> reasons;
  void add(const std::string& reason);
};

/// What every import tells.
struct ImportReport {
  std::string source, output;
  std::uint64_t rows = 0;
  SkippedRows skipped;  ///< bad rows left out by `skip_bad`
  std::uint64_t bytes_read = 0, bytes_written = 0;
  double seconds = 0.0;
};

struct ImportScenariosReport : ImportReport {
  std::uint64_t fleets = 0, features = 0;
  std::vector<Night> nights;
  IdType id;
  bool labelled = false;
  std::uint64_t label_yes = 0, label_no = 0, label_unknown = 0;
  std::uint64_t missing_values = 0;  ///< kept as NaN
  std::uint64_t missing_rows = 0;    ///< left out by `drop`
  std::uint64_t bytes_spilled = 0;
};
nlohmann::json to_json(const ImportScenariosReport& report);

/// Error(usage) for columns that are not there or do not fit together; Error(bad_data) names file, line and
/// column, or the id and both lines of a row that comes twice in a night; Error(environment) for the disk. A
/// dry run does all but write.
ImportScenariosReport import_scenarios(const ImportScenariosOptions& options, const RunContext& context);

/// Names of the columns, all required.
struct FeedbackColumns {
  std::string run = "run", row = "row", kind = "kind", time = "time", source = "source",
              event_id = "event_id";
};

struct ImportFeedbackOptions {
  std::filesystem::path input;  ///< "-": stdin
  std::filesystem::path output;
  FeedbackColumns columns;
  bool skip_bad = false;
  char separator = ',';
};

struct ImportFeedbackReport : ImportReport {
  std::uint64_t runs = 0, sources = 0;
  std::uint64_t kinds[kind_count] = {};  ///< by FeedbackKind
};
nlohmann::json to_json(const ImportFeedbackReport& report);

ImportFeedbackReport import_feedback(const ImportFeedbackOptions& options, const RunContext& context);

/// Names of the columns; an empty one is not used. A `*` in a name of the lists stands for any text: all
/// columns that fit, in the order of the file.
struct LogColumns {
  std::string action, reward, propensity;  ///< required
  std::string position, time;
  std::string cluster;                  ///< rows that share its value are not independent
  std::vector<std::string> context;     ///< numbers known before the action was chosen
  std::vector<std::string> categories;  ///< texts known before the action was chosen
  std::vector<std::string> estimates;   ///< estimated rewards, a column for each action
  std::vector<std::string> others;      ///< numbers that a target policy is made of
};

struct ImportLogOptions {
  std::filesystem::path input;  ///< "-": stdin
  std::filesystem::path output;
  LogColumns columns;
  std::vector<std::string> actions;  ///< all that the policy can take; empty: those that occur
  bool skip_bad = false;
  char separator = ',';
};

struct ImportLogReport : ImportReport {
  std::uint64_t actions = 0;
  double reward_sum = 0.0, smallest_propensity = 1.0;
};
nlohmann::json to_json(const ImportLogReport& report);

/// Logs of actions, propensities and rewards (docs/formats/log.md). Errors as above.
ImportLogReport import_log(const ImportLogOptions& options, const RunContext& context);

}  // namespace npo
