#include "host/cli/interrupt.hpp"

#include <csignal>

namespace npo::cli {
namespace {

// A signal handler can reach nothing but static storage.
std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void ask_to_stop(int) {
  stop.store(true, std::memory_order_relaxed);
}

}  // namespace

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  // Reset on delivery: the second signal meets the default action, which ends the process.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>& stop_asked() {
  return stop;
}

}  // namespace npo::cli
