#include "bench/peer_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace npo::bench {

std::optional<PeerProcess> PeerProcess::start(const std::vector<std::string>& command) {
  std::array<int, 2> to_peer{}, from_peer{};
  if (pipe2(to_peer.data(), O_CLOEXEC) != 0) return std::nullopt;
  if (pipe2(from_peer.data(), O_CLOEXEC) != 0) {
    close(to_peer[0]);
    close(to_peer[1]);
    return std::nullopt;
  }
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_peer[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from_peer[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to_peer[0]);
  close(from_peer[1]);
  if (failed != 0) {
    close(to_peer[1]);
    close(from_peer[0]);
    return std::nullopt;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a peer that died shows as a failed write
  PeerProcess peer(pid, to_peer[1], from_peer[0]);
  if (peer.read_line() != "ready") return std::nullopt;
  return peer;
}

std::optional<PeerProcess> PeerProcess::start_python(const std::string& script,
                                                     const std::vector<std::string>& arguments) {
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    std::vector<std::string> command{python, NPO_BENCH_PEERS "/" + script};
    command.insert(command.end(), arguments.begin(), arguments.end());
    if (auto peer = start(command)) return peer;
  }
  return std::nullopt;
}

PeerProcess::PeerProcess(PeerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      to_peer_(std::exchange(other.to_peer_, -1)),
      from_peer_(std::exchange(other.from_peer_, -1)) {}

PeerProcess::~PeerProcess() {
  if (pid_ < 0) return;
  close(to_peer_);
  close(from_peer_);
  waitpid(pid_, nullptr, 0);
}

std::string PeerProcess::read_line() {
  std::string line;
  char letter = 0;
  while (read(from_peer_, &letter, 1) == 1 && letter != '\n') line += letter;
  return line;
}

double PeerProcess::run() {
  if (write(to_peer_, "run\n", 4) == 4) {
    const std::string line = read_line();
    if (!line.empty()) return std::stod(line);
  }
  throw std::runtime_error("the peer process ended early");
}

}  // namespace npo::bench
