#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/column_reader.hpp"
#include "io/digest.hpp"
#include "kernels/vocabulary.hpp"

/// feedback.h5, format "npo.feedback" (docs/formats/feedback.md): events that answer decisions.
namespace npo {

inline constexpr int feedback_format_version = 1;

/// One event by value; files hold one column each: events/run (u32 code), events/row (u64), events/kind (u8),
/// events/time (i64), events/source (u16 code), events/id (u64); tables runs/name (run ids) and sources/name.
struct FeedbackEvent {
  std::uint32_t run;  ///< code into the file's runs
  std::uint64_t row;  ///< row of the run (0 .. rows of the night - 1)
  FeedbackKind kind;
  UnixSeconds time;      ///< when the answer was given, or the outcome known
  std::uint16_t source;  ///< code into the file's sources
  std::uint64_t event_id;
};

class FeedbackFile {
 public:
  explicit FeedbackFile(const std::filesystem::path& path);
  const std::filesystem::path& path() const { return path_; }
  const std::vector<std::string>& runs() const { return runs_; }        ///< run ids by code
  const std::vector<std::string>& sources() const { return sources_; }  ///< source names by code
  std::uint64_t rows() const { return rows_; }
  /// Columns of events [first, first + count): spans live as long as the windows.
  struct Columns {
    RowWindow run, row, kind, time, source, id;
  };
  Columns read(std::uint64_t first, std::uint64_t count) const;

 private:
  std::filesystem::path path_;
  std::vector<std::string> runs_, sources_;
  std::uint64_t rows_ = 0;
  std::optional<h5::ReadFile> file_;
  std::optional<ColumnReader> run_, row_, kind_, time_, source_, id_;
};

/// Writes events piece by piece; the file appears on `finish` or not at all. The number of events need not be
/// known beforehand (pieces are appended). `provenance` is a JSON text.
class FeedbackWriter {
 public:
  FeedbackWriter(const std::filesystem::path& path, h5::Compression compression, bool overwrite);
  ~FeedbackWriter();
  void append(std::span<const FeedbackEvent> events);
  void finish(const std::vector<std::string>& runs, const std::vector<std::string>& sources,
              const std::string& provenance);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Checks every event: codes within their tables, known kinds. Error(bad_data) names dataset, row and remedy.
void validate_feedback(const FeedbackFile& file);
Digest digest_feedback(const FeedbackFile& file);

}  // namespace npo
