#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/study_merge.hpp"
#include "host/study_text.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

class MergeCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("PART", parts_, "parts of one study, made with npo study --shard"));
    required(options.path("output", output_, "the whole study, study.h5")).letter = 'o';
    options.toggle("gate", gate_, "exit with 4 when a claim fails");
  }
  Report run(const RunContext& context) override {
    const MergeReport merged = merge_studies(parts_, output_, context);
    Report report{.json = {{"parts", merged.parts},
                           {"replicates", merged.replicates},
                           {"claims", verdict_json(merged.results)},
                           {"output", output_.string()}}};
    report.text =
        verdict_text(merged.results) + fmt::format("{} parts, {} replicates at {} points: {}{}\n",
                                                   merged.parts, merged.replicates, merged.results.points(),
                                                   context.dry_run ? "would write " : "", output_.string());
    if (gate_ && count_verdicts(merged.results, Verdict::fails) > 0)
      report.exit_code = static_cast<int>(ErrorKind::gate);
    return report;
  }

 private:
  std::vector<std::filesystem::path> parts_;
  std::filesystem::path output_;
  bool gate_ = false;
};

}  // namespace

std::unique_ptr<Command> make_merge_command() {
  return std::make_unique<MergeCommand>();
}

}  // namespace npo::cli
