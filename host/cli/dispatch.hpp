#pragma once
#include <string>
#include <vector>

namespace npo::cli {

/// Runs what the words after `npo` ask for and returns the exit code. Everything that goes wrong ends here,
/// as one sentence on stderr.
int dispatch(const std::vector<std::string>& words);

}  // namespace npo::cli
