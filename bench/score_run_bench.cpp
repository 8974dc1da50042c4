// Whole `npo score` processes against what the machine must do at the least: read the input once with cat,
// and write and fsync as many bytes as the run writes, on the same disk.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/harness.hpp"
#include "bench/run_program.hpp"

namespace {

namespace fs = std::filesystem;
using namespace npo::bench;

void must(bool ok, const std::string& what) {
  if (ok) return;
  fmt::print(stderr, "score_run_bench: {} failed\n", what);
  std::exit(1);
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t sum = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) sum += entry.file_size();
  return sum;
}

void write_and_sync(const fs::path& path, std::uint64_t bytes) {
  const std::vector<char> block(1 << 22, 'x');
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0644);
  for (std::uint64_t done = 0; done < bytes;) {
    const ssize_t wrote = write(file, block.data(), std::min<std::uint64_t>(block.size(), bytes - done));
    must(wrote > 0, "writing the reference file");
    done += static_cast<std::uint64_t>(wrote);
  }
  must(fsync(file) == 0, "fsync");
  close(file);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv, {.n = 16'000'000, .d = 64, .repeat = 11});
  const fs::path npo = npo_program(), folder = fresh_folder("npo-score-bench");
  run_program({npo, "generate", "--scenarios", std::to_string(options.n), "--features",
               std::to_string(options.d), "--fleets", "200", "--nights", "1", "--seed", "1", "--compress",
               "none", "-o", folder});
  const fs::path scenarios = folder / "scenarios.h5", decisions = folder / "decisions",
                 reference = folder / "reference";
  const auto score = [&] {
    fs::remove_all(decisions);
    run_program({npo, "score", scenarios, "--model", folder / "model.json", "--policy",
                 folder / "policy.toml", "--state", folder / "state.h5", "--new-state", "--threads", "2",
                 "--compress", "none", "-o", decisions});
  };
  score();
  const std::uint64_t written = bytes_in(decisions);

  InterleavedRun run(options.repeat);
  const auto ours = run.add(score);
  const auto limit = run.add([&] {
    run_program({"cat", scenarios});
    fs::remove(reference);
    write_and_sync(reference, written);
  });
  run.measure();
  Report report(options);
  const double gigabytes = static_cast<double>(fs::file_size(scenarios)) * 1e-9;
  report.print(
      {.name = fmt::format("npo score, {:.1f} GB in the page cache, 2 threads, whole process", gigabytes),
       .ours = median_of(run.seconds(ours)),
       .unit = "s",
       .peer = "cat + write and fsync",
       .peer_value = median_of(run.seconds(limit)),
       .ratio = ratio_of(run.seconds(ours), run.seconds(limit)),
       .goal = 1.5,
       .goal_is_most = true});
  fs::remove_all(folder);
  return 0;
}
