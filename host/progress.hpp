#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "host/run_context.hpp"

namespace npo {

enum class ProgressStyle {
  none,   ///< notes only
  bar,    ///< one line redrawn in place: stage, share, rate, time left
  lines,  ///< a plain line every few seconds, for logs
  json    ///< one JSON object a line, for programs
};

/// Where progress is written to and what time it is. Tests replace both.
struct ProgressSink {
  std::function<void(std::string_view)> write;
  std::function<std::chrono::steady_clock::time_point()> now;
};

/// A reporter that can also show what a stage has found so far.
class StatusReporter {
 public:
  virtual ~StatusReporter() = default;
  virtual void status(std::string_view text) = 0;
};

/// Shows `text` beside the rate of the stage until the next one, where the reporter can.
void show_status(Progress& progress, std::string_view text);

/// Writes to stderr, in real time.
ProgressSink stderr_sink();
bool stderr_is_terminal();

/// A thread-safe reporter. A bar is redrawn at most ten times a second, lines come every 5 seconds and JSON
/// once a second; the end of every stage is reported by JSON always, by a line when the stage took 5 seconds
/// or longer.
std::unique_ptr<Progress> make_progress(ProgressStyle style, ProgressSink sink = stderr_sink());

}  // namespace npo
