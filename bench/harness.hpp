#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What the ratio programs of this folder share: run the contenders in turn, compare them round by round,
/// print a line.
///
///     Options options = parse_options(argc, argv, {.n = 1 << 22, .d = 32, .repeat = 9});
///     InterleavedRun run(options.repeat);
///     const auto ours = run.add([&] { ... });
///     const auto limit = run.add([&] { ... });
///     run.measure();
///     Report report(options);
///     report.print({.name = "...", .ours = rate_of(run.seconds(ours), bytes) * 1e-9, .unit = "GB/s", .peer =
///     "pure read",
///                   .peer_value = ..., .ratio = ratio_of(run.seconds(limit), run.seconds(ours)), .goal =
///                   0.8});
///
/// A ratio is formed within each round, so that a machine that slows down for a while slows both sides down.
namespace npo::bench {

/// Flags of every ratio program; `parse_options` sets them from --n, --d, --repeat, --json and a FILTER.
struct Options {
  std::size_t n = 0;        ///< items (rows, events) of the main case
  std::size_t d = 0;        ///< features a row
  int repeat = 9;           ///< rounds
  bool json = false;        ///< JSON lines instead of a table
  std::string filter = {};  ///< only lines whose name holds this text
};

/// Reads the command line over `defaults` (--N or --n, --D or --d); prints the flags and exits on --help or a
/// mistake.
Options parse_options(int argc, char** argv, Options defaults);

/// What a second is: of the wall, or of this thread's processor time, which other programs on the machine
/// disturb less (for contenders that neither wait nor start threads).
enum class Clock { wall, thread };

/// Seconds that `body` takes.
double seconds_of(const std::function<void()>& body, Clock clock = Clock::wall);

/// Contenders that take turns: one warm-up round, then `rounds` timed ones, every other one in the opposite
/// order, so that whoever comes after a disturbance is not always the same.
class InterleavedRun {
 public:
  explicit InterleavedRun(int rounds, Clock clock = Clock::wall) : rounds_(rounds), clock_(clock) {}
  /// A contender that is timed from outside. Returns its number.
  std::size_t add(std::function<void()> body);
  /// A contender that times itself and returns seconds (another process, or set-up that must not count).
  std::size_t add_self_timed(std::function<double()> body);
  /// Before each turn, untimed, that many bytes of fresh memory are touched and freed. A virtual machine may
  /// have to ask its host for pages that lay idle for seconds, which costs more than filling them; without
  /// this, whoever comes after a long turn of little memory pays for it.
  void touch_before_turns(std::size_t bytes) { touched_bytes_ = bytes; }
  void measure();
  /// Seconds of each timed round.
  std::span<const double> seconds(std::size_t contender) const { return seconds_[contender]; }

 private:
  int rounds_;
  Clock clock_;
  std::size_t touched_bytes_ = 0;
  std::vector<std::function<double()>> contenders_;
  std::vector<std::vector<double>> seconds_;
};

double median_of(std::span<const double> values);

/// Work a second at the median time.
double rate_of(std::span<const double> seconds, double work);

struct Ratio {
  double median = 0, min = 0, max = 0;
};

/// Round by round `peer` over `ours`: how many times faster ours is. `scale` is (our work) / (peer's work).
Ratio ratio_of(std::span<const double> peer, std::span<const double> ours, double scale = 1.0);

/// One printed comparison. `goal` is met when the median ratio reaches it, or with `goal_is_most` does not
/// exceed it.
struct Line {
  std::string name;
  double ours = 0;
  std::string unit;
  std::string peer;
  double peer_value = 0;
  Ratio ratio;
  std::optional<double> goal = {};
  bool goal_is_most = false;
};

/// Prints lines as a table on stdout, or as JSON lines
/// {name, ours, unit, peer, peer_value, ratio_median, ratio_min, ratio_max, goal, met}.
class Report {
 public:
  explicit Report(Options options) : options_(std::move(options)) {}
  void print(const Line& line);
  /// Says on stderr what could not be measured and why.
  void skip(const std::string& name, const std::string& why) const;

 private:
  Options options_;
  bool header_printed_ = false;
};

}  // namespace npo::bench
