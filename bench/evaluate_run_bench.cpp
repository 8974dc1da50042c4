// Whole `npo evaluate` processes - reading a CSV table, every metric with its interval, writing JSON - for
// ten thousand fleets against one fleet, of the same rows.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bench/evaluate_data.hpp"
#include "bench/harness.hpp"
#include "bench/run_program.hpp"

namespace {

namespace fs = std::filesystem;
using namespace npo::bench;

/// Scores, labels, one fleet for all and one of 10,000.
void write_table(const fs::path& path, std::size_t rows) {
  EvaluateData data(rows);
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "score,label,one,fleet\n");
  for (std::size_t i = 0; i < rows; ++i)
    fmt::format_to(std::back_inserter(text), "{},{},fleet_0,fleet_{:05}\n", data.score[i], data.label[i],
                   data.fleet[i]);
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace

int main(int argc, char** argv) {
  const Options options =
      parse_options(argc, argv, {.n = 1'000'000, .d = 0, .repeat = 7, .json = false, .filter = {}});
  if (std::string("npo evaluate, 10,000 fleets, wall time, processor time").find(options.filter) ==
      std::string::npos)
    return 0;
  const fs::path npo = npo_program(), folder = fresh_folder("npo-evaluate-bench");
  const fs::path table = folder / "rows.csv";
  write_table(table, options.n);

  const auto command = [&](const char* by) {
    return std::vector<std::string>{npo,       "evaluate", table,         "--score", "score",
                                    "--label", "label",    "--by",        by,        "--threshold",
                                    "0.5",     "--json",   "--bootstrap", "200"};
  };
  std::vector<double> processor[2];
  InterleavedRun run(options.repeat);
  const auto add = [&](const char* by, std::vector<double>& seconds) {
    return run.add_self_timed(
        [&, words = command(by)] { return seconds_of([&] { seconds.push_back(run_program(words)); }); });
  };
  const auto many = add("fleet", processor[0]), one = add("one", processor[1]);
  run.measure();
  for (auto& seconds : processor) seconds.erase(seconds.begin());  // the round that warms up

  Report report(options);
  const auto print = [&](const char* what, std::span<const double> ours, std::span<const double> peer) {
    report.print({.name = fmt::format("npo evaluate, 10,000 fleets, {}", what),
                  .ours = median_of(ours),
                  .unit = "s",
                  .peer = "one fleet",
                  .peer_value = median_of(peer),
                  .ratio = ratio_of(ours, peer),
                  .goal = 1.5,
                  .goal_is_most = true});
  };
  print("wall time", run.seconds(many), run.seconds(one));
  print("processor time", processor[0], processor[1]);
  fs::remove_all(folder);
  return 0;
}
