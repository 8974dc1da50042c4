// The closed loop (spec section 8) at its defaults - 64 scenarios, 5 thresholds, 1000 episodes, all metrics
// at 18 checkpoints - against plain C++ and vectorised numpy doing the same work, and two threads against
// one.
#include <fmt/format.h>

#include <string>
#include <thread>
#include <vector>

#include "bench/harness.hpp"
#include "bench/peer_process.hpp"
#include "bench/peers/loop_naive.hpp"
#include "host/run_context.hpp"
#include "kernels/simulate_loops.hpp"

namespace {

using namespace npo;
using namespace npo::bench;

const std::vector<std::uint32_t> checkpoints = {1,  2,  3,   5,   7,   10,  15,  20,  30,
                                                50, 70, 100, 150, 200, 300, 500, 700, 1000};
constexpr double episodes = 1000.0;

/// Blocks of 256 replicates on `threads` threads.
void simulate(std::size_t replicates, SimdLevel level, bool simple_path, int threads) {
  constexpr std::size_t block_size = 256;
  const LoopPoint point;
  parallel_for(threads, (replicates + block_size - 1) / block_size, [&](std::uint64_t index) {
    thread_local StudyBlock block;  // as a study does: memory is taken once
    const std::size_t first = index * block_size;
    simulate_loops_by_path(point, {1, 0}, {first, std::min(block_size, replicates - first)}, checkpoints,
                           level, simple_path, block);
  });
}

std::vector<std::string> numpy_arguments(std::size_t replicates) {
  std::vector<std::string> arguments{std::to_string(replicates), "1000"};
  for (const std::uint32_t t : checkpoints) arguments.push_back(std::to_string(t));
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options =
      parse_options(argc, argv, {.n = 4096, .d = 0, .repeat = 7, .json = false, .filter = {}});
  const std::size_t ours_count = options.n, naive_count = std::max<std::size_t>(options.n / 32, 1);
  const std::size_t numpy_count = 2048;
  const SimdLevel widest = widest_simd_level();
  Report report(options);

  InterleavedRun run(options.repeat, Clock::thread);
  const auto wide = run.add([&] { simulate(ours_count, widest, true, 1); });
  const auto general = run.add([&] { simulate(ours_count, widest, false, 1); });
  const auto avx2 = run.add([&] { simulate(ours_count, SimdLevel::avx2, true, 1); });
  const auto naive = run.add([&] {
    std::vector<std::vector<double>> rows;
    simulate_loops_naive({.checkpoints = checkpoints}, 1, naive_count, rows);
  });
  auto peer = PeerProcess::start_python("loop_numpy.py", numpy_arguments(numpy_count));
  const auto numpy = run.add_self_timed([&] { return peer ? peer->run() : 1.0; });
  run.measure();

  const auto nanoseconds = [&](std::size_t contender, std::size_t replicates) {
    return median_of(run.seconds(contender)) * 1e9 / (static_cast<double>(replicates) * episodes);
  };
  const auto line = [&](const std::string& what, std::size_t ours, const std::string& peer_name,
                        std::size_t other, std::size_t other_count, std::optional<double> goal) {
    const double scale = static_cast<double>(ours_count) / static_cast<double>(other_count);
    report.print({.name = fmt::format("loop: 64 scenarios, T=1000, {}", what),
                  .ours = nanoseconds(ours, ours_count),
                  .unit = "ns/episode",
                  .peer = peer_name,
                  .peer_value = nanoseconds(other, other_count),
                  .ratio = ratio_of(run.seconds(other), run.seconds(ours), scale),
                  .goal = goal});
  };
  const std::string plain = "plain C++: std::gamma_distribution";
  line(std::string(name_of(widest)), wide, plain, naive, naive_count, 20.0);
  line("avx2", avx2, plain, naive, naive_count, {});
  line("general path", general, plain, naive, naive_count, {});
  if (peer)
    line(std::string(name_of(widest)), wide, "numpy, vectorised", numpy, numpy_count, 25.0);
  else
    report.skip("loop against numpy", "python3 with numpy did not start");

  InterleavedRun threads(options.repeat);
  const auto one = threads.add([&] { simulate(16 * ours_count, widest, true, 1); });
  const auto two = threads.add([&] { simulate(16 * ours_count, widest, true, 2); });
  threads.measure();
  const double work = 16e-6 * static_cast<double>(ours_count) * episodes;
  report.print({.name = "loop: 64 scenarios, T=1000, two threads",
                .ours = rate_of(threads.seconds(two), work),
                .unit = "Mepisodes/s",
                .peer = "one thread",
                .peer_value = rate_of(threads.seconds(one), work),
                .ratio = ratio_of(threads.seconds(one), threads.seconds(two)),
                .goal = 1.9});
  return 0;
}
