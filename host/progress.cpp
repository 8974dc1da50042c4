#include "host/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

namespace npo {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// Where one stage stands.
struct Stage {
  std::string name, unit, status = {};
  std::uint64_t total = 0, done = 0;
  double seconds = 0.0;
  double rate() const { return seconds > 0.0 ? static_cast<double>(done) / seconds : 0.0; }
  double share() const { return total ? static_cast<double>(done) / static_cast<double>(total) : 0.0; }
  /// Seconds to go, negative when that cannot be said yet.
  double left() const {
    return total && done
               ? seconds * static_cast<double>(total - std::min(done, total)) / static_cast<double>(done)
               : -1.0;
  }
};

std::string short_count(double value) {
  for (const auto& [scale, letter] : {std::pair{1e9, 'G'}, {1e6, 'M'}, {1e3, 'k'}})
    if (value >= scale) return fmt::format("{:.1f}{}", value / scale, letter);
  return fmt::format("{:.0f}", value);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

std::string summary_of(const Stage& stage) {
  std::string text = fmt::format("{} {}", short_count(static_cast<double>(stage.done)), stage.unit);
  if (stage.total)
    text = fmt::format("{:3.0f} % of {} {}", 100 * stage.share(),
                       short_count(static_cast<double>(stage.total)), stage.unit);
  text += fmt::format(", {} {}/s", short_count(stage.rate()), stage.unit);
  if (stage.left() > 0) text += fmt::format(", {} left", clock_text(stage.left()));
  if (!stage.status.empty()) text += ", " + stage.status;
  return text;
}

/// Keeps the stage and decides when to show it; how is left to the style.
class Reporter : public Progress, public StatusReporter {
 public:
  Reporter(ProgressSink sink, double interval) : sink_(std::move(sink)), interval_(interval) {}

  void begin(std::string_view name, std::uint64_t total, std::string_view unit) override {
    const std::lock_guard lock(mutex_);
    stage_ = {.name = std::string(name), .unit = std::string(unit), .total = total};
    started_ = shown_ = sink_.now();
    show_begin(stage_);
  }
  void advance(std::uint64_t done) override {
    const std::lock_guard lock(mutex_);
    stage_.done += done;
    const auto now = sink_.now();
    if (Seconds(now - shown_).count() < interval_) return;
    shown_ = now;
    stage_.seconds = Seconds(now - started_).count();
    show(stage_);
  }
  void end() override {
    const std::lock_guard lock(mutex_);
    stage_.seconds = Seconds(sink_.now() - started_).count();
    show_end(stage_);
  }
  void status(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    stage_.status = text;
  }
  void note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    show_note(text);
  }

 protected:
  virtual void show_begin(const Stage&) {}
  virtual void show(const Stage&) {}
  virtual void show_end(const Stage&) {}
  virtual void show_note(std::string_view text) { write(fmt::format("{}\n", text)); }
  void write(std::string_view text) { sink_.write(text); }
  double interval() const { return interval_; }

 private:
  ProgressSink sink_;
  double interval_;
  std::mutex mutex_;
  Stage stage_;
  Clock::time_point started_, shown_;
};

class Quiet final : public Reporter {
 public:
  explicit Quiet(ProgressSink sink) : Reporter(std::move(sink), 1e300) {}
};

class Bar final : public Reporter {
 public:
  explicit Bar(ProgressSink sink) : Reporter(std::move(sink), 0.1) {}
  /// Work that ended in an error leaves its bar; what comes next starts on a line of its own.
  ~Bar() override {
    if (drawn_) write("\n");
  }

 private:
  static constexpr int width = 24;
  // Back to the first column, then clear what the last drawing left to the right.
  void draw(const Stage& stage, std::string_view end) {
    drawn_ = end.empty();
    const int full = static_cast<int>(width * std::min(1.0, stage.share()));
    write(fmt::format("\r{:<12} [{:#<{}}{:-<{}}] {}\x1b[K{}", stage.name, "", full, "", width - full,
                      summary_of(stage), end));
  }
  void show_begin(const Stage& stage) override { draw(stage, ""); }
  void show(const Stage& stage) override { draw(stage, ""); }
  void show_end(const Stage& stage) override { draw(stage, "\n"); }
  void show_note(std::string_view text) override { write(fmt::format("\r{}\x1b[K\n", text)); }
  bool drawn_ = false;
};

class Lines final : public Reporter {
 public:
  explicit Lines(ProgressSink sink) : Reporter(std::move(sink), 5.0) {}

 private:
  void show(const Stage& stage) override { write(fmt::format("{}: {}\n", stage.name, summary_of(stage))); }
  void show_end(const Stage& stage) override {
    if (stage.seconds < interval()) return;
    write(fmt::format("{}: {} {} in {}\n", stage.name, stage.done, stage.unit, clock_text(stage.seconds)));
  }
};

class JsonLines final : public Reporter {
 public:
  explicit JsonLines(ProgressSink sink) : Reporter(std::move(sink), 1.0) {}

 private:
  void put(const char* event, const Stage& stage) {
    nlohmann::json line{{"event", event},       {"stage", stage.name}, {"unit", stage.unit},
                        {"total", stage.total}, {"done", stage.done},  {"seconds", stage.seconds},
                        {"rate", stage.rate()}};
    if (!stage.status.empty()) line["status"] = stage.status;
    write(line.dump() + "\n");
  }
  void show_begin(const Stage& stage) override { put("begin", stage); }
  void show(const Stage& stage) override { put("progress", stage); }
  void show_end(const Stage& stage) override { put("end", stage); }
  void show_note(std::string_view text) override {
    write(nlohmann::json{{"event", "note"}, {"text", text}}.dump() + "\n");
  }
};

}  // namespace

void show_status(Progress& progress, std::string_view text) {
  if (auto* reporter = dynamic_cast<StatusReporter*>(&progress)) reporter->status(text);
}

ProgressSink stderr_sink() {
  return {[](std::string_view text) {
            std::fwrite(text.data(), 1, text.size(), stderr);
            std::fflush(stderr);
          },
          [] { return Clock::now(); }};
}

bool stderr_is_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

std::unique_ptr<Progress> make_progress(ProgressStyle style, ProgressSink sink) {
  switch (style) {
    case ProgressStyle::bar:
      return std::make_unique<Bar>(std::move(sink));
    case ProgressStyle::lines:
      return std::make_unique<Lines>(std::move(sink));
    case ProgressStyle::json:
      return std::make_unique<JsonLines>(std::move(sink));
    case ProgressStyle::none:
      break;
  }
  return std::make_unique<Quiet>(std::move(sink));
}

}  // namespace npo
