#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/study_export.hpp"

namespace npo::cli {
namespace {

class StudyExportCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("STUDY", study_, "study.h5"));
    required(options.path("output", output_, "the table, study.csv")).letter = 'o';
    options.toggle("csv", csv_, "write CSV, which is the default");
  }
  Report run(const RunContext& context) override {
    const std::uint64_t rows = export_study(study_, output_, context);
    return {.text = context.dry_run ? fmt::format("{} rows; nothing was written (dry run)\n", rows)
                                    : fmt::format("{} rows in {}\n", rows, output_.string()),
            .json = {{"rows", rows}, {"output", output_.string()}, {"dry_run", context.dry_run}}};
  }

 private:
  std::filesystem::path study_, output_;
  bool csv_ = false;
};

}  // namespace

std::unique_ptr<Command> make_study_export_command() {
  return std::make_unique<StudyExportCommand>();
}

}  // namespace npo::cli
