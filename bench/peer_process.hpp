#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace npo::bench {

/// A peer in another process (a Python script) that takes part in an interleaved run. The protocol is one
/// line a message: the peer prints "ready" once its data is made, then for each "run" it reads it does the
/// work once and prints the seconds that took; at the end of its input it leaves.
class PeerProcess {
 public:
  /// Starts `command` (searched in PATH); nothing when it cannot start or does not become ready, for instance
  /// because Python or a package is missing.
  static std::optional<PeerProcess> start(const std::vector<std::string>& command);
  /// The same for a script of bench/peers under the first Python that has what the script imports.
  static std::optional<PeerProcess> start_python(const std::string& script,
                                                 const std::vector<std::string>& arguments);
  PeerProcess(PeerProcess&& other) noexcept;
  PeerProcess& operator=(PeerProcess&&) = delete;
  ~PeerProcess();

  /// Seconds of one more run; throws std::runtime_error when the peer died.
  double run();

 private:
  PeerProcess(pid_t pid, int to_peer, int from_peer) : pid_(pid), to_peer_(to_peer), from_peer_(from_peer) {}
  std::string read_line();
  pid_t pid_;
  int to_peer_;
  int from_peer_;
};

}  // namespace npo::bench
