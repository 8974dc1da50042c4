#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/validate_run.hpp"

namespace npo::cli {
namespace {

class ValidateCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("PATH", paths_, "files or decision folders"));
  }
  Report run(const RunContext& context) override {
    Report report{.json = {{"valid", nlohmann::json::array()}}};
    for (const auto& path : paths_) {
      const ValidateReport checked = validate_run(path, context);
      report.text += fmt::format("{}: valid {}", path.string(), name_of(checked.kind));
      report.text += checked.rows ? fmt::format(", {} rows\n", checked.rows) : "\n";
      report.json["valid"].push_back(
          {{"path", path.string()}, {"kind", name_of(checked.kind)}, {"rows", checked.rows}});
    }
    return report;
  }

 private:
  std::vector<std::filesystem::path> paths_;
};

}  // namespace

std::unique_ptr<Command> make_validate_command() {
  return std::make_unique<ValidateCommand>();
}

}  // namespace npo::cli
