// Whole `npo study` processes - reading the study, simulating, tallying, writing pieces and results, claims -
// against the kernel alone simulating the same replicates in the same blocks. Processor time on one thread.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bench/harness.hpp"
#include "host/study_file.hpp"
#include "kernels/study_run.hpp"

namespace {

namespace fs = std::filesystem;
using namespace npo;
using namespace npo::bench;

/// Processor seconds of a program, start and end included.
double program_seconds(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  struct rusage used {};
  if (wait4(child, &status, 0, &used) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "study_run_bench: npo study failed\n");
    std::exit(1);
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void simulate_alone(const Study& study) {
  constexpr std::uint64_t block_size = 1024;
  const StudyPoint point = study.point(0);
  StudyBlock block;
  for (std::uint64_t first = 0; first < study.replicates; first += block_size) {
    const ReplicateRange range{first,
                               static_cast<std::size_t>(std::min(block_size, study.replicates - first))};
    if (const auto* bandit = std::get_if<BanditPoint>(&point))
      simulate_bandits(*bandit, {study.seed, 0}, range, study.checkpoints, widest_simd_level(), block);
    else
      simulate_loops(std::get<LoopPoint>(point), {study.seed, 0}, range, study.checkpoints,
                     widest_simd_level(), block);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options =
      parse_options(argc, argv, {.n = 131072, .d = 0, .repeat = 5, .json = false, .filter = {}});
  const fs::path npo = fs::path(argv[0]).parent_path().parent_path() / "npo";
  const char* chosen = std::getenv("NPO_BENCH_FOLDER");
  const fs::path folder = fs::path(chosen ? chosen : ".") / "npo-study-bench";
  fs::create_directories(folder);
  Report report(options);
  for (const auto& [kind, parameters] :
       {std::pair<std::string, std::string>{"loop", ""},
        std::pair<std::string, std::string>{"bandit", "arms = [0.1, 0.3, 0.5, 0.7, 0.9]\n"}}) {
    const fs::path file = folder / (kind + ".toml");
    std::ofstream(file) << fmt::format(
        "kind = \"{}\"\nname = \"bench\"\nepisodes = 1000\nreplicates = {}\n[parameters]\n{}", kind,
        options.n, parameters);
    const Study study = read_study(file, {}, 0);
    InterleavedRun run(options.repeat, Clock::thread);
    const auto whole = run.add_self_timed([&] {
      return program_seconds(
          {npo, "study", file, "-o", folder / "study.h5", "--overwrite", "--threads", "1"});
    });
    const auto alone = run.add([&] { simulate_alone(study); });
    run.measure();
    const double episodes = static_cast<double>(options.n) * study.episodes;
    report.print({.name = fmt::format("npo study, {}, {} replicates x 1000, whole process", kind, options.n),
                  .ours = median_of(run.seconds(whole)) * 1e9 / episodes,
                  .unit = "ns/episode",
                  .peer = "kernel alone",
                  .peer_value = median_of(run.seconds(alone)) * 1e9 / episodes,
                  .ratio = ratio_of(run.seconds(alone), run.seconds(whole)),
                  .goal = 0.9});
  }
  fs::remove_all(folder);
  return 0;
}
