#include <benchmark/benchmark.h>

#include "bench/score_data.hpp"
#include "kernels/tally_decisions.hpp"

/// Kernels by themselves over Google Benchmark; the ratio programs compare them with peers and limits.
namespace npo::bench {
namespace {

constexpr std::size_t night_rows = std::size_t{1} << 20;

void count_bytes(benchmark::State& state, std::size_t rows, std::size_t bytes_per_row) {
  const auto items = static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(rows);
  state.SetItemsProcessed(items);
  state.SetBytesProcessed(items * static_cast<std::int64_t>(bytes_per_row));
}

/// Arguments: level, features, rows a batch. As many feature bytes whatever the width.
void join_and_score_night(benchmark::State& state) {
  const auto level = static_cast<SimdLevel>(state.range(0));
  if (!supports(level)) {
    state.SkipWithError("this machine lacks the instruction set");
    return;
  }
  const auto dim = static_cast<std::size_t>(state.range(1));
  ScoreData data(night_rows * 32 / dim, dim);
  for (auto _ : state) join_and_score(data, static_cast<std::size_t>(state.range(2)), level);
  state.SetLabel(std::string(name_of(level)));
  count_bytes(state, data.rows, data.bytes_per_row());
}
BENCHMARK(join_and_score_night)
    ->ArgNames({"level", "features", "batch"})
    ->ArgsProduct({{0, 1, 2}, {32}, {4096}})
    ->ArgsProduct({{2}, {8, 100, 4096}, {4096}})
    ->ArgsProduct({{2}, {32}, {64, 1024, 65536}})
    ->Unit(benchmark::kMillisecond);

/// Argument: the state knows every n-th row.
void join_night(benchmark::State& state) {
  ScoreData data(night_rows, 1);
  const auto every = static_cast<std::size_t>(state.range(0));
  std::size_t known = 0;
  for (std::size_t i = 0; i < data.rows; i += every) data.state_ids.data()[known++] = data.ids.data()[i];
  std::vector<float> carried(data.rows);
  for (auto _ : state) {
    std::size_t cursor = 0;
    const IdView ids{data.state_ids.data(), known, 1};
    benchmark::DoNotOptimize(
        join_state(data.ids_view(0, data.rows), ids, data.state_values.part(0, known), cursor, carried));
  }
  count_bytes(state, data.rows, 2 * sizeof(std::uint64_t) + 2 * sizeof(float));
}
BENCHMARK(join_night)->ArgName("every")->Arg(1)->Arg(2)->Arg(20)->Arg(1000)->Unit(benchmark::kMillisecond);

void tally_night(benchmark::State& state) {
  ScoreData data(night_rows, 4);
  join_and_score(data, 4096, widest_simd_level());
  const DecisionColumns columns{data.fleet.span(), data.arm.span(), data.decision.span(), data.score.span(),
                                data.mask.span()};
  for (auto _ : state) {
    DecisionTally tally(200, 5);
    tally_decisions(columns, tally);
    benchmark::DoNotOptimize(tally.histogram);
  }
  count_bytes(state, data.rows, 18);
}
BENCHMARK(tally_night)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace npo::bench

BENCHMARK_MAIN();
