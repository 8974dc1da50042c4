#include "bench/run_program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace npo::bench {
namespace {

[[noreturn]] void become(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  dup2(null, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(127);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

double run_program(const std::vector<std::string>& words) {
  const pid_t child = fork();
  if (child == 0) become(words);
  int status = 0;
  struct rusage used {};
  if (wait4(child, &status, 0, &used) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "failed: {}\n", fmt::join(words, " "));
    std::exit(1);
  }
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::filesystem::path npo_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "npo";
}

std::filesystem::path fresh_folder(const std::string& name) {
  const char* chosen = std::getenv("NPO_BENCH_FOLDER");
  const std::filesystem::path folder = std::filesystem::path(chosen ? chosen : ".") / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace npo::bench
