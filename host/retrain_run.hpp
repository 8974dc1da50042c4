#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "host/fit_run.hpp"
#include "host/policy.hpp"
#include "host/run_context.hpp"

/// `npo retrain`: refits the model on all labels known so far and rebases the state on it (spec sections 2
/// and 7).
namespace npo {

struct RetrainOptions {
  std::filesystem::path scenarios, model, output, state;
  std::optional<UnixSeconds> as_of;  ///< absent: all labels, and the file's last night
  std::optional<Rebase> rebase;      ///< absent: as the state's policy says
};

struct RetrainReport {
  FitReport fit;
  Rebase rebase = Rebase::shrink;
  UnixSeconds night = 0;      ///< whose features the state was rebased on
  std::uint64_t rebased = 0;  ///< scenarios of the state found in that night
  std::uint64_t absent = 0;   ///< scenarios that keep their correction
  double mean_shift = 0.0,
         largest_shift = 0.0;  ///< |new score - score carried by the old model| of those found
  std::string old_model_digest, new_model_digest;
  std::uint64_t generation = 0;  ///< of the state written
  double seconds = 0.0;
};
nlohmann::json to_json(const RetrainReport& report);

std::string_view name_of(Rebase rebase);

/// Writes the new model, then commits the state, in this order: after a crash in between the state still
/// belongs to the old model, and the same command with `overwrite` finishes the work. Error(usage) when the
/// state does not belong to the old model; the errors of fit_model. With `context.dry_run` nothing is
/// written.
RetrainReport run_retrain(const RetrainOptions& options, const RunContext& context);

}  // namespace npo
