#include <algorithm>
#include <memory>
#include <string>

#include "bench/harness.hpp"
#include "bench/peer_process.hpp"
#include "bench/peers/score_naive.hpp"
#include "bench/score_data.hpp"

/// Scoring on one core against what the memory allows, a plain loop and numpy. Bytes are the inputs read
/// (features, fleet, ids, the state's ids and values) plus the outputs written.
namespace npo::bench {
namespace {

constexpr std::size_t large_batch = 16384;
constexpr std::size_t small_batch = 64;

NaiveScoring naive_task(ScoreData& data) {
  static std::vector<std::uint32_t> column;
  static std::vector<float> lo, hi;
  for (const IntervalRule& rule : data.rules) {
    column.push_back(rule.column);
    lo.push_back(rule.lo);
    hi.push_back(rule.hi);
  }
  return {data.features.data(),
          data.rows,
          data.dim,
          data.weights.data(),
          0.1f,
          data.fleet.data(),
          data.ids.data(),
          data.state_ids.data(),
          data.state_values.data(),
          data.rows,
          column.data(),
          lo.data(),
          hi.data(),
          static_cast<int>(data.rules.size()),
          data.thresholds.data(),
          static_cast<int>(data.thresholds.size()),
          data.fleet_arm.data(),
          data.surface_probability.data(),
          data.base_score.data(),
          data.score.data(),
          data.decision.data(),
          data.mask.data(),
          data.arm.data(),
          data.p_surfaced.data()};
}

void run(const Options& options) {
  const SimdLevel level = widest_simd_level();
  const std::string width = "D=" + std::to_string(options.d);
  ScoreData data(options.n, options.d), wide(std::max<std::size_t>(options.n * options.d / 4096, 64), 4096);
  const NaiveScoring naive = naive_task(data);
  auto numpy =
      PeerProcess::start_python("score_numpy.py", {std::to_string(data.rows), std::to_string(data.dim)});

  InterleavedRun run(options.repeat, Clock::thread);
  volatile std::uint64_t sink = 0;
  const auto read = run.add([&] { sink = pure_read(data.features.data(), data.features.bytes()); });
  const auto moved = run.add([&] { sink = move_only(data, large_batch); });
  const auto joined = run.add([&] { join_and_score(data, large_batch, level); });
  const auto small = run.add([&] { join_and_score(data, small_batch, level); });
  const auto wide_joined = run.add([&] { join_and_score(wide, large_batch, level); });
  const auto avx2 =
      supports(SimdLevel::avx2) ? run.add([&] { join_and_score(data, large_batch, SimdLevel::avx2); }) : read;
  const auto unjoined = run.add([&] { score_only(data, large_batch, level); });
  const auto plain = run.add([&] { score_naive(naive); });
  const auto array = numpy ? run.add_self_timed([&] { return numpy->run(); }) : read;
  run.measure();

  const double rows = static_cast<double>(data.rows);
  const double bytes = rows * static_cast<double>(data.bytes_per_row());
  const double wide_bytes = static_cast<double>(wide.rows * wide.bytes_per_row());
  const double read_bytes = static_cast<double>(data.features.bytes());
  const auto gigabytes = [&](std::size_t contender, double moved) {
    return rate_of(run.seconds(contender), moved) * 1e-9;
  };
  const auto million_rows = [&](std::size_t contender) {
    return rate_of(run.seconds(contender), rows) * 1e-6;
  };
  const std::string name(name_of(level));
  Report report(options);
  report.print({.name = "score " + width + ", join, rules, " + name,
                .ours = gigabytes(joined, bytes),
                .unit = "GB/s",
                .peer = "pure read",
                .peer_value = gigabytes(read, read_bytes),
                .ratio = ratio_of(run.seconds(read), run.seconds(joined), bytes / read_bytes),
                .goal = 0.8});
  report.print({.name = "the same bytes moved, nothing computed",
                .ours = gigabytes(moved, bytes),
                .unit = "GB/s",
                .peer = "pure read",
                .peer_value = gigabytes(read, read_bytes),
                .ratio = ratio_of(run.seconds(read), run.seconds(moved), bytes / read_bytes)});
  report.print({.name = "score " + width + ", join, rules, avx2",
                .ours = gigabytes(avx2, bytes),
                .unit = "GB/s",
                .peer = "pure read",
                .peer_value = gigabytes(read, read_bytes),
                .ratio = ratio_of(run.seconds(read), run.seconds(avx2), bytes / read_bytes)});
  report.print({.name = "score " + width + ", join, rules, " + name,
                .ours = million_rows(joined),
                .unit = "Mrow/s",
                .peer = "plain C++ -O2 loop",
                .peer_value = million_rows(plain),
                .ratio = ratio_of(run.seconds(plain), run.seconds(joined)),
                .goal = 7.0});
  report.print({.name = "score D=4096",
                .ours = gigabytes(wide_joined, wide_bytes),
                .unit = "GB/s",
                .peer = "score " + width,
                .peer_value = gigabytes(joined, bytes),
                .ratio = ratio_of(run.seconds(joined), run.seconds(wide_joined), wide_bytes / bytes),
                .goal = 0.8});
  report.print({.name = "score in batches of 64 rows",
                .ours = gigabytes(small, bytes),
                .unit = "GB/s",
                .peer = "score " + width,
                .peer_value = gigabytes(joined, bytes),
                .ratio = ratio_of(run.seconds(joined), run.seconds(small)),
                .goal = 0.8});
  if (numpy) {
    report.print({.name = "score " + width + " without the join",
                  .ours = million_rows(unjoined),
                  .unit = "Mrow/s",
                  .peer = "numpy",
                  .peer_value = million_rows(array),
                  .ratio = ratio_of(run.seconds(array), run.seconds(unjoined)),
                  .goal = 20.0});
  } else {
    report.skip("score " + width + " without the join", "python3 with numpy was not found");
  }
}

}  // namespace
}  // namespace npo::bench

int main(int argc, char** argv) {
  npo::bench::run(npo::bench::parse_options(argc, argv, {.n = std::size_t{1} << 22, .d = 32, .repeat = 9}));
}
