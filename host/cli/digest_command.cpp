#include <fmt/format.h>

#include "host/cli/commands.hpp"
#include "host/digest_run.hpp"

namespace npo::cli {
namespace {

class DigestCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.paths("PATH", paths_, "files or decision folders"));
  }
  Report run(const RunContext& context) override {
    Report report{.json = {{"digests", nlohmann::json::array()}}};
    for (const auto& [path, digest] : digest_run(paths_, context)) {
      report.text += fmt::format("{}  {}\n", to_hex(digest), path.string());
      report.json["digests"].push_back({{"path", path.string()}, {"digest", to_hex(digest)}});
    }
    return report;
  }

 private:
  std::vector<std::filesystem::path> paths_;
};

}  // namespace

std::unique_ptr<Command> make_digest_command() {
  return std::make_unique<DigestCommand>();
}

}  // namespace npo::cli
