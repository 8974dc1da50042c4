#include "io/study_pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <regex>

#include "io/atomic_file.hpp"
#include "io/column_reader.hpp"
#include "io/digest.hpp"
#include "io/journal.hpp"
#include "io/lock_file.hpp"
#include "io/strict_json.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace fs = std::filesystem;
namespace {

constexpr int piece_format_version = 1;

std::string file_name(PieceName name) {
  return fmt::format("piece-{:02}-{:06}.h5", name.round, name.piece);
}

bool is_ours(const std::string& name) {
  static const std::regex ours("(study\\.json|piece-[0-9]+-[0-9]+\\.h5)(\\..*\\.tmp)?|journal|lock");
  return std::regex_match(name, ours);
}

void remove_run(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!is_ours(entry.path().filename().string()))
      throw Error(ErrorKind::environment,
                  fmt::format("{} holds {}, which is no part of a study", folder.string(),
                              entry.path().filename().string()),
                  "move it away");
    if (entry.path().filename() != "lock" && entry.path().filename() != "study.json")
      files.push_back(entry.path());
  }
  // study.json goes last: a crash on the way leaves a run that can be resumed.
  files.push_back(folder / "study.json");
  for (const fs::path& file : files) {
    std::error_code error;
    fs::remove(file, error);
    if (error)
      throw Error(ErrorKind::environment,
                  fmt::format("cannot remove {}: {}", file.string(), error.message()));
  }
}

template <class T>
std::string digest_of(const std::vector<T>& values) {
  return to_hex(digest_bytes(std::as_bytes(std::span(values))));
}

/// Adds what a point of a piece holds.
void add_rows(DigestList& list, const TallyRows& rows) {
  list.add("point", std::to_string(rows.point));
  list.add("replicates", std::to_string(rows.replicates));
  list.add("words", digest_of(rows.words));
  list.add("bins", digest_of(rows.bins));
}

void write_piece(const fs::path& path, const std::vector<TallyRows>& tallies, h5::Compression compression) {
  h5::WriteFile file(path, compression);
  file.format("npo.study.piece", piece_format_version);
  std::vector<std::uint64_t> points, replicates, cells;
  std::uint64_t all = 0;
  for (const TallyRows& rows : tallies) {
    points.push_back(rows.point);
    replicates.push_back(rows.replicates);
    cells.push_back(rows.words.size() / tally_cell_words);
    all += cells.back();
  }
  file.column<std::uint64_t>({.name = "point", .type = h5::Type::u64}, points);
  file.column<std::uint64_t>({.name = "replicates", .type = h5::Type::u64}, replicates);
  file.column<std::uint64_t>({.name = "cells", .type = h5::Type::u64}, cells);
  file.create({.name = "words", .type = h5::Type::i64, .width = tally_cell_words}, all);
  file.create({.name = "bins", .type = h5::Type::u32, .width = tally_cell_bins}, all);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < tallies.size(); at += cells[i++]) {
    file.write("words", at, cells[i], std::as_bytes(std::span(tallies[i].words)));
    file.write("bins", at, cells[i], std::as_bytes(std::span(tallies[i].bins)));
  }
  file.close();
}

/// A piece file and where its points lie.
class PieceFile {
 public:
  explicit PieceFile(const fs::path& path)
      : file_(checked(path)), words_(file_, "words"), bins_(file_, "bins") {
    points_ = file_.read_all<std::uint64_t>("point");
    replicates_ = file_.read_all<std::uint64_t>("replicates");
    cells_ = file_.read_all<std::uint64_t>("cells");
    if (replicates_.size() != points_.size() || cells_.size() != points_.size())
      throw Error(ErrorKind::bad_data, fmt::format("{}: its columns have different lengths", path.string()));
  }

  std::size_t size() const { return points_.size(); }
  std::size_t place_of(std::uint64_t point) const {
    const auto found = std::ranges::find(points_, point);
    if (found == points_.end())
      throw Error(ErrorKind::bad_data,
                  fmt::format("{} does not hold point {}", file_.path().string(), point));
    return static_cast<std::size_t>(found - points_.begin());
  }
  TallyRows rows(std::size_t place) const {
    const std::uint64_t cells = cells_[place];
    const std::uint64_t first = std::accumulate(
        cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(place), std::uint64_t{0});
    const RowWindow words = words_.read(first, cells), bins = bins_.read(first, cells);
    TallyRows rows{.point = points_[place], .replicates = replicates_[place]};
    rows.words.assign(words.as<std::int64_t>().begin(), words.as<std::int64_t>().end());
    rows.bins.assign(bins.as<std::uint32_t>().begin(), bins.as<std::uint32_t>().end());
    return rows;
  }

 private:
  static h5::ReadFile checked(const fs::path& path) {
    h5::ReadFile file(path);
    file.require_format("npo.study.piece", piece_format_version);
    return file;
  }

  h5::ReadFile file_;
  ColumnReader words_, bins_;
  std::vector<std::uint64_t> points_, replicates_, cells_;
};

/// Visits every point of a file that must hold what the journal says; the error comes after the last visit.
void read_checked(const fs::path& path, const std::string& digest,
                  const std::function<void(const TallyRows&)>& visit) {
  DigestList list;
  const PieceFile file(path);
  for (std::size_t place = 0; place < file.size(); ++place) {
    const TallyRows rows = file.rows(place);
    add_rows(list, rows);
    visit(rows);
  }
  if (to_hex(list.finish()) != digest)
    throw Error(ErrorKind::bad_data, fmt::format("{} does not hold what was written", path.string()),
                "check the disk and start over with --overwrite");
}

/// A value as messages show it.
std::string shown(const nlohmann::json& value) {
  const std::string text = value.dump();
  return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

}  // namespace

fs::path study_pieces_folder(const fs::path& output) {
  return output.string() + ".parts";
}

std::string first_difference(const nlohmann::json& before, const nlohmann::json& now) {
  if (before == now) return {};
  if (!before.is_object() || !now.is_object())
    return fmt::format("was {} and is now {}", shown(before), shown(now));
  nlohmann::json keys = before;
  keys.update(now);
  for (const auto& [key, value] : keys.items()) {
    const nlohmann::json none;
    const std::string below = first_difference(before.value(key, none), now.value(key, none));
    if (below.empty()) continue;
    const bool leaf = below.starts_with("was ");
    return leaf ? key + " " + below : key + "." + below;
  }
  return {};
}

struct StudyPieces::Impl {
  fs::path folder;
  std::unique_ptr<LockFile> lock;
  h5::Compression compression;
  std::mutex mutex;  ///< guards what follows
  std::map<PieceName, std::string> done;
  std::optional<JournalWriter> journal;
  std::size_t reused = 0;

  void prepare(const nlohmann::json& identity, bool overwrite, bool resume) {
    const fs::path about = folder / "study.json";
    if (fs::exists(about)) {
      if (!overwrite && !resume)
        throw Error(ErrorKind::environment, fmt::format("{} holds an interrupted study", folder.string()),
                    "go on with --resume, or start over with --overwrite");
      if (resume && !overwrite) return require_same(about, identity);
    }
    remove_run(folder);
    write_text_atomically(about, true, identity.dump(1) + "\n");
  }

  void require_same(const fs::path& about, const nlohmann::json& identity) const {
    const std::string difference =
        first_difference(strict_json::parse(read_text(about), about.string()), identity);
    if (!difference.empty())
      throw Error(ErrorKind::usage, fmt::format("cannot resume {}: {}", folder.string(), difference),
                  "go on with what the study began with, or start over with --overwrite");
  }

  /// Whether a piece of the journal is there as it was written; what is not is done again.
  bool is_whole(PieceName name, const std::string& digest) const {
    const fs::path path = folder / file_name(name);
    if (!fs::exists(path)) return false;
    try {
      read_checked(path, digest, [](const TallyRows&) {});
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  void take_over() {
    const fs::path path = folder / "journal";
    const Journal found = read_journal(path);
    for (const nlohmann::json& record : found.records) {
      const PieceName name{record.at("round").get<std::uint64_t>(), record.at("piece").get<std::uint64_t>()};
      if (is_whole(name, record.at("digest").get<std::string>())) done[name] = record["digest"];
    }
    reused = done.size();
    journal.emplace(path, found.whole_bytes);
  }
};

StudyPieces::StudyPieces(const fs::path& output, const nlohmann::json& identity, h5::Compression compression,
                         bool overwrite, bool resume)
    : impl_(std::make_unique<Impl>()) {
  impl_->folder = study_pieces_folder(output);
  impl_->compression = compression;
  make_directory(impl_->folder);
  impl_->lock = std::make_unique<LockFile>(impl_->folder / "lock", impl_->folder.string());
  impl_->prepare(identity, overwrite, resume);
  impl_->take_over();
}

StudyPieces::~StudyPieces() = default;

std::size_t StudyPieces::reused() const {
  return impl_->reused;
}

bool StudyPieces::done(PieceName name) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->done.contains(name);
}

void StudyPieces::write(PieceName name, const std::vector<TallyRows>& tallies) {
  DigestList list;
  for (const TallyRows& rows : tallies) add_rows(list, rows);
  const std::string digest = to_hex(list.finish());
  const fs::path path = impl_->folder / file_name(name);
  write_atomically(
      path, true, [&](const fs::path& temporary) { write_piece(temporary, tallies, impl_->compression); },
      [&](const fs::path& temporary) { read_checked(temporary, digest, [](const TallyRows&) {}); });
  const std::lock_guard lock(impl_->mutex);
  impl_->journal->append({{"round", name.round}, {"piece", name.piece}, {"digest", digest}});
  impl_->done[name] = digest;
}

void StudyPieces::read(PieceName name, const std::function<void(const TallyRows&)>& visit) const {
  read_checked(impl_->folder / file_name(name), impl_->done.at(name), visit);
}

TallyRows StudyPieces::read_point(PieceName name, std::uint64_t point) const {
  const PieceFile file(impl_->folder / file_name(name));
  return file.rows(file.place_of(point));
}

void StudyPieces::remove() {
  impl_->journal.reset();
  remove_run(impl_->folder);
  impl_->lock.reset();
  std::error_code not_empty;
  fs::remove(impl_->folder, not_empty);
}

}  // namespace npo
