#include "host/study_trace.hpp"

#include <fmt/format.h>

#include <fstream>
#include <functional>

#include "host/study_work.hpp"
#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr int trace_format_version = 1;
constexpr std::uint64_t most_rows = std::uint64_t{1} << 26;

/// A column of a trace: its type and the values of one point as bytes or as text.
struct TraceColumn {
  h5::ColumnSpec spec;
  std::function<std::span<const std::byte>()> bytes;
  std::function<std::string(std::size_t)> text;
};

template <class T>
TraceColumn column(const char* name, const char* long_name, const std::vector<T>& values,
                   std::vector<std::pair<int, std::string>> flags = {}) {
  TraceColumn made;
  made.spec = {.name = std::string("trace/") + name, .long_name = long_name, .flags = std::move(flags)};
  made.spec.type = std::is_same_v<T, float>           ? h5::Type::f32
                   : std::is_same_v<T, double>        ? h5::Type::f64
                   : std::is_same_v<T, std::uint8_t>  ? h5::Type::u8
                   : std::is_same_v<T, std::uint32_t> ? h5::Type::u32
                                                      : h5::Type::u64;
  made.bytes = [&values] { return std::as_bytes(std::span(values)); };
  made.text = [&values](std::size_t row) { return fmt::format("{}", values[row]); };
  return made;
}

/// The columns of the traces of one study, refilled point by point.
class TraceTable {
 public:
  TraceTable(const StudyWork& work, std::uint64_t replicate) : work_(work), replicate_(replicate) {
    columns_ = {column("point", "point of the study", point_), column("episode", "episode", episode_)};
    work.study().kind == StudyKind::bandit ? add_bandit() : add_loop();
  }

  const std::vector<TraceColumn>& columns() const { return columns_; }
  std::size_t rows() const { return work_.study().episodes; }

  void fill(std::uint64_t point) {
    const std::uint32_t episodes = work_.study().episodes;
    point_.assign(episodes, static_cast<std::uint32_t>(point));
    episode_.resize(episodes);
    for (std::uint32_t i = 0; i < episodes; ++i) episode_[i] = i + 1;
    if (const auto* bandit = std::get_if<BanditPoint>(&work_.point(point)))
      bandit_ = trace_bandit(*bandit, work_.seed_of(point), replicate_);
    else
      loop_ = trace_loop(std::get<LoopPoint>(work_.point(point)), work_.seed_of(point), replicate_);
  }

 private:
  void add_bandit() {
    columns_.push_back(column("arm", "arm played", bandit_.arm));
    columns_.push_back(column("reward", "1 success, 0 failure", bandit_.reward));
    columns_.push_back(column("mean", "success probability of the arm played", bandit_.mean));
    columns_.push_back(column("best_mean", "that of the best arm", bandit_.best_mean));
    columns_.push_back(column("regret", "regret so far", bandit_.regret));
  }

  void add_loop() {
    columns_.push_back(column("scenario", "scenario of the episode", loop_.scenario));
    columns_.push_back(column("arm", "threshold drawn", loop_.arm));
    columns_.push_back(
        column("decision", "decision", loop_.decision, {{0, "withheld"}, {1, "surfaced"}, {2, "blocked"}}));
    columns_.push_back(column("feedback", "what the operator did", loop_.feedback,
                              {{0, "override"}, {1, "like"}, {2, "neutral"}, {3, "skipped"}}));
    columns_.push_back(column("wanted", "1 where the operator wants it acted on", loop_.wanted));
    columns_.push_back(column("latent", "approval of the scenario", loop_.latent));
    columns_.push_back(column("score", "score that was decided on", loop_.score));
    columns_.push_back(
        column("monitored_loss", "estimate of the loss, -1 while silent", loop_.monitored_loss));
    columns_.push_back(column("line", "alarm above this", loop_.line));
    columns_.push_back(
        column("expected_loss", "true expected loss, -1 where not evaluated", loop_.expected_loss));
    columns_.push_back(column("alarm", "alarm", loop_.alarm));
    columns_.push_back(
        column("truth", "1 where the true loss is above the line, 255 where not evaluated", loop_.truth));
    columns_.push_back(column("scored", "1 where alarm and truth count for fidelity", loop_.scored));
    columns_.push_back(column("retrain", "retrain", loop_.retrain));
  }

  const StudyWork& work_;
  std::uint64_t replicate_;
  std::vector<TraceColumn> columns_;
  std::vector<std::uint32_t> point_, episode_;
  BanditTrace bandit_;
  LoopTrace loop_;
};

void write_csv(const std::filesystem::path& path, TraceTable& table, std::uint64_t points) {
  std::ofstream out(path);
  const auto line = [&](const std::function<std::string(const TraceColumn&)>& cell) {
    const char* separator = "";
    for (const TraceColumn& column : table.columns()) {
      out << separator << cell(column);
      separator = ",";
    }
    out << '\n';
  };
  line([](const TraceColumn& column) { return column.spec.name.substr(column.spec.name.find('/') + 1); });
  for (std::uint64_t point = 0; point < points; ++point) {
    table.fill(point);
    for (std::size_t row = 0; row < table.rows(); ++row)
      line([&](const TraceColumn& column) { return column.text(row); });
  }
  out.close();
  if (!out)
    throw Error(ErrorKind::environment, fmt::format("cannot write {}", path.string()),
                "see that the disk has space");
}

void write_h5(const std::filesystem::path& path, TraceTable& table, const Study& study,
              std::uint64_t replicate, h5::Compression compression) {
  h5::WriteFile file(path, compression);
  file.format("npo.trace", trace_format_version);
  file.attribute("study", study.document.dump());
  file.attribute("replicate", static_cast<std::int64_t>(replicate));
  const std::uint64_t rows = table.rows();
  for (const TraceColumn& column : table.columns()) file.create(column.spec, study.points() * rows);
  for (std::uint64_t point = 0; point < study.points(); ++point) {
    table.fill(point);
    for (const TraceColumn& column : table.columns())
      file.write(column.spec.name, point * rows, rows, column.bytes());
  }
  file.close();
}

}  // namespace

TraceReport trace_study(const Study& study, std::uint64_t replicate, const std::filesystem::path& output,
                        const RunContext& context) {
  if (study.kind == StudyKind::ope)
    throw Error(ErrorKind::usage, "a study of kind ope has no trace", "look at more checkpoints instead");
  const std::uint64_t rows = study.points() * study.episodes;
  if (rows > most_rows)
    throw Error(ErrorKind::usage,
                fmt::format("a trace of {} points x {} episodes has {} rows, above the limit of {}",
                            study.points(), study.episodes, rows, most_rows),
                "name one value of a swept parameter, such as --set eta=0.1");
  if (replicate >= (std::uint64_t{1} << 40))
    throw Error(ErrorKind::usage, fmt::format("--trace = {} is out of range", replicate),
                "replicates are numbered from 0 to 2^40 - 1");
  if (context.dry_run) return {study.points(), rows};
  refuse_existing(output, context.overwrite);
  const StudyWork work(study, context);
  TraceTable table(work, replicate);
  write_atomically(output, context.overwrite, [&](const std::filesystem::path& temporary) {
    if (output.extension() == ".csv")
      write_csv(temporary, table, study.points());
    else
      write_h5(temporary, table, study, replicate, context.compression);
  });
  return {study.points(), rows};
}

}  // namespace npo
