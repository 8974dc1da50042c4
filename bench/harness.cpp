#include "bench/harness.hpp"

#include <fmt/core.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "kernels/large_array.hpp"

namespace npo::bench {

Options parse_options(int argc, char** argv, Options defaults) {
  CLI::App app("Compares kernels of npo with a peer or a limit of the machine, in one interleaved run");
  app.add_option("-N,--N,-n,--n", defaults.n, "Items of the main case")->capture_default_str();
  app.add_option("-D,--D,-d,--d", defaults.d, "Features a row")->capture_default_str();
  app.add_option("--repeat", defaults.repeat, "Timed rounds")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--json", defaults.json, "JSON lines");
  app.add_option("FILTER", defaults.filter, "Only lines whose name holds this text");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return defaults;
}

static double now(Clock clock) {
  timespec time{};
  clock_gettime(clock == Clock::wall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double seconds_of(const std::function<void()>& body, Clock clock) {
  const double start = now(clock);
  body();
  return now(clock) - start;
}

std::size_t InterleavedRun::add(std::function<void()> body) {
  return add_self_timed([body = std::move(body), clock = clock_] { return seconds_of(body, clock); });
}

std::size_t InterleavedRun::add_self_timed(std::function<double()> body) {
  contenders_.push_back(std::move(body));
  seconds_.emplace_back();
  return contenders_.size() - 1;
}

static void touch(std::size_t bytes) {
  LargeArray<char> fresh(bytes);
  volatile char* page = fresh.data();  // volatile: stores before a free are dead, and dropped
  for (std::size_t i = 0; i < bytes; i += 4096) page[i] = 1;
}

void InterleavedRun::measure() {
  for (int round = -1; round < rounds_; ++round) {
    for (std::size_t turn = 0; turn < contenders_.size(); ++turn) {
      const std::size_t i = round % 2 == 0 ? turn : contenders_.size() - 1 - turn;
      if (touched_bytes_ > 0) touch(touched_bytes_);
      const double seconds = contenders_[i]();
      if (round >= 0) seconds_[i].push_back(seconds);
    }
  }
}

double median_of(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
}

double rate_of(std::span<const double> seconds, double work) {
  return work / median_of(seconds);
}

Ratio ratio_of(std::span<const double> peer, std::span<const double> ours, double scale) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(peer[i] / ours[i] * scale);
  const auto [least, most] = std::ranges::minmax(ratios);
  return {median_of(ratios), least, most};
}

void Report::print(const Line& line) {
  if (line.name.find(options_.filter) == std::string::npos) return;
  const auto meets = [&](double goal) {
    return line.goal_is_most ? line.ratio.median <= goal : line.ratio.median >= goal;
  };
  if (options_.json) {
    nlohmann::ordered_json json{{"name", line.name},
                                {"ours", line.ours},
                                {"unit", line.unit},
                                {"peer", line.peer},
                                {"peer_value", line.peer_value},
                                {"ratio_median", line.ratio.median},
                                {"ratio_min", line.ratio.min},
                                {"ratio_max", line.ratio.max},
                                {"goal", nullptr},
                                {"met", nullptr}};
    if (line.goal) {
      json["goal"] = *line.goal;
      json["met"] = meets(*line.goal);
    }
    fmt::print("{}\n", json.dump());
  } else {
    if (!header_printed_) {
      fmt::print("{:<44} {:>9} {:<7} {:<24} {:>9} {:>7} {:<15} {:>8}\n", "name", "ours", "unit",
                 "peer or limit", "its value", "ratio", "(min..max)", "goal");
      header_printed_ = true;
    }
    const std::string spread = fmt::format("({:.3g}..{:.3g})", line.ratio.min, line.ratio.max);
    const std::string goal = line.goal ? fmt::format("{}{:g} {}", line.goal_is_most ? "<=" : ">=", *line.goal,
                                                     meets(*line.goal) ? "met" : "NOT MET")
                                       : "";
    fmt::print("{:<44} {:>9.2f} {:<7} {:<24} {:>9.2f} {:>7.3g} {:<15} {:>8}\n", line.name, line.ours,
               line.unit, line.peer, line.peer_value, line.ratio.median, spread, goal);
  }
  std::fflush(stdout);
}

void Report::skip(const std::string& name, const std::string& why) const {
  fmt::print(stderr, "{}: skipped, {}\n", name, why);
}

}  // namespace npo::bench
