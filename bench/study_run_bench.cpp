// Whole `npo study` processes - reading the study, simulating, tallying, writing pieces and results, claims -
// against the kernel alone simulating the same replicates in the same blocks. Processor time on one thread.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bench/harness.hpp"
#include "bench/run_program.hpp"
#include "host/study_file.hpp"
#include "kernels/study_run.hpp"

namespace {

namespace fs = std::filesystem;
using namespace npo;
using namespace npo::bench;

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
  const fs::path npo = npo_program(), folder = fresh_folder("npo-study-bench");
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
      return run_program({npo, "study", file, "-o", folder / "study.h5", "--overwrite", "--threads", "1"});
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
