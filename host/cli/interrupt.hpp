#pragma once
#include <atomic>

namespace npo::cli {

/// From now on SIGINT and SIGTERM ask the run to stop at the next safe point, and a second one kills it; a
/// reader that closes our output is an ordinary write error (no SIGPIPE).
void catch_signals();

/// Set once a stop was asked for.
const std::atomic<bool>& stop_asked();

}  // namespace npo::cli
