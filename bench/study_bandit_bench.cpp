#include <cmath>
#include <optional>
#include <string>
#include <thread>

#include "bench/harness.hpp"
#include "bench/peer_process.hpp"
#include "bench/peers/bandit_naive.hpp"
#include "kernels/study_metrics.hpp"
#include "kernels/study_run.hpp"
#include "kernels/study_tally.hpp"

/// Many bandits against what a user would write, on one core, and two threads against one. Ours includes the
/// columns and the tally, so that it is what a study costs; every contender does Thompson sampling on the
/// same arms.
namespace npo::bench {
namespace {

struct Setting {
  std::string name;
  std::vector<double> means;
  std::uint32_t steps, ours, naive, numpy;  ///< bandits that each contender simulates
};

BanditPoint point_of(const Setting& setting) {
  BanditPoint point;
  point.arms = static_cast<std::uint32_t>(setting.means.size());
  point.means = setting.means;
  point.horizon = setting.steps;
  return point;
}

/// 1, 2, 3, 5, 7, 10, ... up to the horizon: seven a decade.
std::vector<std::uint32_t> log_checkpoints(std::uint32_t horizon) {
  std::vector<std::uint32_t> checkpoints;
  for (double x = 1.0; x < horizon; x *= std::pow(10.0, 1.0 / 7.0)) {
    const auto episode = static_cast<std::uint32_t>(x);
    if (checkpoints.empty() || episode > checkpoints.back()) checkpoints.push_back(episode);
  }
  checkpoints.push_back(horizon);
  return checkpoints;
}

/// Replicates [first, first + count) at a point, tallied.
void study(const BanditPoint& point, std::uint64_t first, std::uint32_t count, SimdLevel level) {
  const auto checkpoints = log_checkpoints(point.horizon);
  StudyTally tally(bandit_metrics(point.arms), checkpoints);
  StudyBlock block;
  for (std::uint32_t done = 0; done < count; done += 1024) {
    simulate_bandits(point, {1, 0}, {first + done, std::min(1024u, count - done)}, checkpoints, level, block);
    tally.add(block);
  }
}

void kernel_alone(const BanditPoint& point, std::uint32_t count, SimdLevel level) {
  StudyBlock block;
  const auto checkpoints = log_checkpoints(point.horizon);
  for (std::uint32_t done = 0; done < count; done += 1024)
    simulate_bandits(point, {1, 0}, {done, std::min(1024u, count - done)}, checkpoints, level, block);
}

std::optional<PeerProcess> numpy_of(const Setting& setting, const std::string& generator) {
  std::vector<std::string> arguments = {generator, std::to_string(setting.numpy),
                                        std::to_string(setting.steps)};
  for (const double mean : setting.means) arguments.push_back(std::to_string(mean));
  return PeerProcess::start_python("bandit_numpy.py", arguments);
}

struct Goals {
  std::optional<double> avx512, avx2, numpy;
};

void compare(const Setting& setting, const Goals& goals, const Options& options, Report& report) {
  const BanditPoint point = point_of(setting);
  auto numpy = numpy_of(setting, "Philox"), fast_numpy = numpy_of(setting, "PCG64");
  InterleavedRun run(options.repeat, Clock::thread);
  std::vector<std::pair<SimdLevel, std::size_t>> levels;
  for (const SimdLevel level : {SimdLevel::avx512, SimdLevel::avx2}) {
    if (supports(level))
      levels.emplace_back(level, run.add([&, level] { study(point, 0, setting.ours, level); }));
  }
  const auto alone = run.add([&] { kernel_alone(point, setting.ours, widest_simd_level()); });
  volatile double sink = 0.0;
  const auto naive = run.add([&] {
    sink = simulate_bandits_naive(
        {setting.means.data(), static_cast<int>(setting.means.size()), setting.steps, setting.naive, 1});
  });
  const auto array = numpy ? run.add_self_timed([&] { return numpy->run(); }) : naive;
  const auto fast_array = fast_numpy ? run.add_self_timed([&] { return fast_numpy->run(); }) : naive;
  run.measure();

  const auto steps = [&](std::uint32_t bandits) { return double(bandits) * setting.steps; };
  const auto line = [&](SimdLevel level, std::size_t ours, std::string peer, std::size_t contender,
                        std::uint32_t bandits, std::optional<double> goal) {
    report.print(
        {.name = setting.name + ", " + std::string(name_of(level)),
         .ours = rate_of(run.seconds(ours), steps(setting.ours)) * 1e-6,
         .unit = "Mstep/s",
         .peer = std::move(peer),
         .peer_value = rate_of(run.seconds(contender), steps(bandits)) * 1e-6,
         .ratio = ratio_of(run.seconds(contender), run.seconds(ours), steps(setting.ours) / steps(bandits)),
         .goal = goal});
  };
  for (const auto& [level, ours] : levels) {
    line(level, ours, "C++ std::gamma_distribution", naive, setting.naive,
         level == SimdLevel::avx512 ? goals.avx512 : goals.avx2);
    if (numpy) line(level, ours, "numpy, Philox as here", array, setting.numpy, goals.numpy);
    if (fast_numpy) line(level, ours, "numpy, PCG64", fast_array, setting.numpy, goals.numpy);
  }
  if (!numpy) report.skip(setting.name, "python3 with numpy was not found");
  if (!levels.empty())
    line(levels.front().first, levels.front().second, "kernel without tally", alone, setting.ours, 0.9);
}

void two_threads(const Setting& setting, const Options& options, Report& report) {
  const BanditPoint point = point_of(setting);
  const SimdLevel level = widest_simd_level();
  InterleavedRun run(options.repeat);
  const std::uint32_t half = 4 * setting.ours;
  const auto one = run.add([&] { study(point, 0, 2 * half, level); });
  const auto two = run.add([&] {
    std::thread other([&] { study(point, half, half, level); });
    study(point, 0, half, level);
    other.join();
  });
  run.measure();
  const double steps = 2.0 * half * setting.steps;
  report.print({.name = setting.name + ", two threads",
                .ours = rate_of(run.seconds(two), steps) * 1e-6,
                .unit = "Mstep/s",
                .peer = "one thread",
                .peer_value = rate_of(run.seconds(one), steps) * 1e-6,
                .ratio = ratio_of(run.seconds(one), run.seconds(two)),
                .goal = 1.9});
}

void run_all(const Options& options) {
  Report report(options);
  const auto wanted = [&](const std::string& name) { return name.find(options.filter) != std::string::npos; };
  const auto ours = static_cast<std::uint32_t>(options.n);
  const Setting usual{"bandit, 5 arms, T = 1000", {0.45, 0.55, 0.65, 0.6, 0.5}, 1000, ours, ours / 64, 1024};
  const Setting spread{
      "bandit, 5 spread arms, T = 1000", {0.1, 0.3, 0.5, 0.7, 0.9}, 1000, ours, ours / 64, 1024};
  const Setting lasting{"bandit, arms .3 .4 .7 .5 .2, T = 100000",
                        {0.3, 0.4, 0.7, 0.5, 0.2},
                        100000,
                        std::max(ours / 128, 32u),
                        std::max(ours / 8192, 1u),
                        8};
  const Goals goals{30.0, 20.0, 25.0};
  if (wanted(usual.name)) compare(usual, goals, options, report);
  if (wanted(spread.name)) compare(spread, {}, options, report);
  if (wanted(lasting.name)) compare(lasting, goals, options, report);
  if (wanted(usual.name + ", two threads")) two_threads(usual, options, report);
}

}  // namespace
}  // namespace npo::bench

int main(int argc, char** argv) {
  npo::bench::run_all(npo::bench::parse_options(argc, argv, {.n = 4096, .d = 0, .repeat = 9}));
}
