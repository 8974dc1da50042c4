#pragma once
#include <string>

#include "host/cli/option_set.hpp"
#include "host/run_context.hpp"

namespace npo::cli {

/// The options that every command takes.
class CommonOptions {
 public:
  CommonOptions();
  /// Adds them; must come before the command's own options.
  void declare(OptionSet& options);

  /// How to run, with everything checked that can be checked here. Error(device) when the asked SIMD level or
  /// GPU is not there.
  RunContext context() const;

  bool json = false, quiet = false, dump_config = false, help = false;
  std::string progress = "auto";
  std::filesystem::path config;  ///< empty: none

 private:
  RunContext how_;
  std::string simd_ = "auto", device_ = "auto", compress_ = "gzip:1";
};

}  // namespace npo::cli
