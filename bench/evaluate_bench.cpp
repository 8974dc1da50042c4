// The evaluation kernels on one core: moments against reading, AUROC and the Poisson bootstrap against
// scikit-learn and numpy, IPS against the bootstrap inside it, and ten thousand fleets against one.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "bench/evaluate_data.hpp"
#include "bench/harness.hpp"
#include "bench/peer_process.hpp"
#include "bench/score_data.hpp"
#include "kernels/moments.hpp"
#include "kernels/poisson_bootstrap.hpp"
#include "kernels/ranked_metrics.hpp"
#include "kernels/score_histogram.hpp"

namespace {

using namespace npo;
using namespace npo::bench;

constexpr std::size_t fleets = 10000;

void compare_moments(const Options& options, const EvaluateData& data, Report& report) {
  auto numpy = PeerProcess::start_python("evaluate_sklearn.py", {"moments", std::to_string(data.rows / 10)});
  InterleavedRun run(options.repeat, Clock::thread);
  volatile double sink = 0.0;
  volatile std::uint64_t words = 0;
  const auto ours = run.add([&] {
    Moments moments;
    moments.add(data.score.span(), data.weight.span(), widest_simd_level());
    sink = *moments.variance();
  });
  const auto read = run.add([&] {
    words = pure_read(data.score.span().data(), data.rows * 4) +
            pure_read(data.weight.span().data(), data.rows * 4);
  });
  const auto peer = run.add_self_timed([&] { return numpy ? numpy->run() : 1.0; });
  run.measure();
  const double bytes = 8.0 * static_cast<double>(data.rows);
  report.print({.name = "weighted mean and variance",
                .ours = rate_of(run.seconds(ours), bytes) * 1e-9,
                .unit = "GB/s",
                .peer = "pure read",
                .peer_value = rate_of(run.seconds(read), bytes) * 1e-9,
                .ratio = ratio_of(run.seconds(read), run.seconds(ours)),
                .goal = 0.95});
  if (numpy)
    report.print({.name = "weighted mean and variance",
                  .ours = rate_of(run.seconds(ours), bytes) / 8e6,
                  .unit = "Mrow/s",
                  .peer = "numpy.average",
                  .peer_value = rate_of(run.seconds(peer), bytes) / 80e6,
                  .ratio = ratio_of(run.seconds(peer), run.seconds(ours), 10.0)});
}

void compare_auroc(const Options& options, const EvaluateData& data, Report& report) {
  const std::size_t peer_rows = std::max<std::size_t>(data.rows / 10, 1000);
  auto sklearn = PeerProcess::start_python("evaluate_sklearn.py", {"auroc", std::to_string(peer_rows)});
  if (!sklearn) report.skip("auroc", "python3 with scikit-learn did not start");
  InterleavedRun run(options.repeat, Clock::thread);
  run.touch_before_turns(std::size_t{1} << 30);
  volatile double sink = 0.0;
  const auto histogram = run.add([&] {
    ScoreHistogram counts({16});
    counts.add(data.score.span(), data.label.span());
    sink = counts.auroc()->value;
  });
  const auto exact = run.add([&] { sink = *rank_segments(data.ranked(false))[0].auroc; });
  const auto by_fleet = run.add([&] { sink = *rank_segments(data.ranked(true), fleets)[0].auroc; });
  const auto peer = run.add_self_timed([&] { return sklearn ? sklearn->run() : 1.0; });
  run.measure();
  const double rows = static_cast<double>(data.rows) * 1e-6,
               scale = static_cast<double>(data.rows) / static_cast<double>(peer_rows);
  const auto print = [&](const std::string& name, std::size_t ours, double goal) {
    if (!sklearn) return;
    report.print({.name = name,
                  .ours = rate_of(run.seconds(ours), rows),
                  .unit = "Mrow/s",
                  .peer = "sklearn roc_auc_score",
                  .peer_value = rate_of(run.seconds(peer), rows / scale),
                  .ratio = ratio_of(run.seconds(peer), run.seconds(ours), scale),
                  .goal = goal});
  };
  print(fmt::format("auroc of {:.0e} scores, 2^16 bins", static_cast<double>(data.rows)), histogram, 300.0);
  print(fmt::format("auroc of {:.0e} scores, exact", static_cast<double>(data.rows)), exact, 30.0);
  report.print({.name = "auroc exact, 10,000 fleets",
                .ours = rate_of(run.seconds(by_fleet), rows),
                .unit = "Mrow/s",
                .peer = "one fleet",
                .peer_value = rate_of(run.seconds(exact), rows),
                .ratio = ratio_of(run.seconds(by_fleet), run.seconds(exact)),
                .goal = 1.5,
                .goal_is_most = true});
}

/// Two totals a row, weight and weight times reward, with 20 fraction bits: what IPS and SNIPS are made of.
struct IpsColumns {
  std::vector<std::int64_t> weight, rewarded;
  std::size_t first;
  /// Of rows [begin, end).
  IpsColumns(const LogData& log, std::size_t begin, std::size_t end) : first(begin) {
    std::vector<double> w(end - begin), r(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
      w[i - begin] = double{log.target[i]} / log.propensity[i];
      r[i - begin] = w[i - begin] * log.reward[i];
    }
    weight = to_bootstrap_column(w, 20);
    rewarded = to_bootstrap_column(r, 20);
  }
  BootstrapUnits units() const {
    BootstrapUnits units;
    units.first_key = first;
    units.units = weight.size();
    units.columns = {weight, rewarded};
    return units;
  }
};

/// The ends of the percentile interval at 95 %.
std::pair<double, double> percentiles(const BootstrapSums& sums, std::size_t column, double rows) {
  std::vector<double> estimates;
  for (const std::int64_t total : sums.replicates(0, column))
    estimates.push_back(static_cast<double>(total) / rows);
  std::ranges::sort(estimates);
  return {estimates[estimates.size() / 40], estimates[estimates.size() - 1 - estimates.size() / 40]};
}

void compare_bootstrap(const Options& options, Report& report) {
  constexpr std::uint32_t replicates = 200;
  constexpr std::size_t peer_rows = 100000, peer_replicates = 20;
  const std::size_t rows = std::max<std::size_t>(options.n / 20, 10000), kernel_rows = rows / 5;
  const LogData log(rows);
  const IpsColumns columns(log, 0, rows);
  std::vector<std::int64_t> scores(kernel_rows);
  for (std::size_t i = 0; i < kernel_rows; ++i)
    scores[i] = static_cast<std::int64_t>(log.target[i] * 0x1p30f);
  BootstrapUnits values;
  values.units = kernel_rows;
  values.columns = {scores};
  auto numpy = PeerProcess::start_python(
      "evaluate_sklearn.py", {"bootstrap", std::to_string(peer_rows), std::to_string(peer_replicates)});
  if (!numpy) report.skip("poisson bootstrap", "python3 with numpy did not start");

  InterleavedRun run(options.repeat, Clock::thread);
  run.touch_before_turns(std::size_t{1} << 29);
  volatile double sink = 0.0;
  const auto bootstrap = [&](const BootstrapUnits& units, std::uint32_t b, std::size_t segments,
                             SimdLevel level) {
    BootstrapSums sums({1, b, units.columns.size(), segments});
    sums.add(units, level);
    return sums;
  };
  const auto kernel_1000 = run.add([&] { bootstrap(values, 1000, 1, widest_simd_level()); });
  const auto kernel_avx2 = run.add([&] { bootstrap(values, 1000, 1, SimdLevel::avx2); });
  const auto kernel_200 = run.add([&] { bootstrap(columns.units(), replicates, 1, widest_simd_level()); });
  constexpr std::size_t batch = 1u << 16;
  std::vector<IpsColumns> ready;
  for (std::size_t begin = 0; begin < rows; begin += batch)
    ready.emplace_back(log, begin, std::min(rows, begin + batch));
  const auto kernel_batches = run.add([&] {
    BootstrapSums sums({1, replicates, 2, 1});
    for (const IpsColumns& part : ready) sums.add(part.units(), widest_simd_level());
  });
  const auto ips = run.add([&] {
    BootstrapSums sums({1, replicates, 2, 1});
    for (std::size_t begin = 0; begin < rows; begin += batch)
      sums.add(IpsColumns(log, begin, std::min(rows, begin + batch)).units(), widest_simd_level());
    sink = percentiles(sums, 0, static_cast<double>(rows)).first +
           percentiles(sums, 1, static_cast<double>(rows)).second;
  });
  const auto by_fleet = run.add([&] {
    BootstrapUnits units = columns.units();
    units.segment = log.fleet;
    bootstrap(units, replicates, fleets, widest_simd_level());
  });
  const auto peer = run.add_self_timed([&] { return numpy ? numpy->run() : 1.0; });
  run.measure();

  const double draws = 1000.0 * static_cast<double>(kernel_rows),
               peer_draws = peer_replicates * static_cast<double>(peer_rows);
  const auto print = [&](const char* name, std::size_t ours, std::optional<double> goal) {
    if (!numpy) return;
    report.print({.name = name,
                  .ours = rate_of(run.seconds(ours), draws) * 1e-6,
                  .unit = "Mdraw/s",
                  .peer = "numpy poisson and dot",
                  .peer_value = rate_of(run.seconds(peer), peer_draws) * 1e-6,
                  .ratio = ratio_of(run.seconds(peer), run.seconds(ours), draws / peer_draws),
                  .goal = goal});
  };
  print("poisson bootstrap, 1000 replicates", kernel_1000, 100.0);
  print("poisson bootstrap, 1000 replicates, avx2", kernel_avx2, std::nullopt);
  const auto compare = [&](const char* name, std::size_t ours, const char* with, std::size_t other,
                           double goal) {
    report.print({.name = name,
                  .ours = rate_of(run.seconds(ours), static_cast<double>(rows)) * 1e-6,
                  .unit = "Mrow/s",
                  .peer = with,
                  .peer_value = rate_of(run.seconds(other), static_cast<double>(rows)) * 1e-6,
                  .ratio = ratio_of(run.seconds(ours), run.seconds(other)),
                  .goal = goal,
                  .goal_is_most = true});
  };
  compare("ips and snips, 200 replicates", ips, "the bootstrap alone", kernel_batches, 1.3);
  compare("bootstrap, 10,000 fleets", by_fleet, "one fleet", kernel_200, 1.5);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options =
      parse_options(argc, argv, {.n = 100'000'000, .d = 0, .repeat = 5, .json = false, .filter = {}});
  Report report(options);
  const auto wants = [&](std::initializer_list<const char*> names) {
    return std::ranges::any_of(names, [&](const char* name) {
      return options.filter.empty() || std::string(name).find(options.filter) != std::string::npos;
    });
  };
  const std::initializer_list<const char*> auroc{"auroc", "auroc exact, 10,000 fleets"};
  if (wants({"weighted mean and variance"}) || wants(auroc)) {
    const EvaluateData data(options.n);
    if (wants({"weighted mean and variance"})) compare_moments(options, data, report);
    if (wants(auroc)) compare_auroc(options, data, report);
  }
  if (wants({"poisson bootstrap, 1000 replicates, avx2", "bootstrap, 10,000 fleets",
             "ips and snips, 200 replicates"}))
    compare_bootstrap(options, report);
  return 0;
}
