#include "host/cli/commands.hpp"
#include "host/info_run.hpp"

namespace npo::cli {
namespace {

class InfoCommand final : public Command {
 public:
  void declare(OptionSet& options) override {
    by_position(options.path("FILE", file_, "one of npo's files, or a decision folder"));
  }
  Report run(const RunContext&) override {
    const nlohmann::ordered_json facts = info_run(file_);
    return {.text = facts_text(facts), .json = facts};
  }

 private:
  std::filesystem::path file_;
};

}  // namespace

std::unique_ptr<Command> make_info_command() {
  return std::make_unique<InfoCommand>();
}

}  // namespace npo::cli
