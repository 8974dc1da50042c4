#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <vector>

/// An append-only text file that a crash cannot spoil: one line a record, JSON text, a blank, then the
/// XXH3-64 of the text as 16 hex digits. A record counts once its line ends; a last line without an end is an
/// append that was cut short.
namespace npo {

/// What a journal holds.
struct Journal {
  std::vector<nlohmann::json> records;
  std::uint64_t whole_bytes = 0;  ///< length of the file up to the end of the last whole line
};

/// Reads the records in order; a missing file holds none. Error(bad_data) names the first damaged line.
Journal read_journal(const std::filesystem::path& path);

/// Appends records. Not thread-safe.
class JournalWriter {
 public:
  /// Creates the file, or goes on behind `whole_bytes` of an existing one: what follows, a torn append, is
  /// cut off.
  JournalWriter(const std::filesystem::path& path, std::uint64_t whole_bytes);
  ~JournalWriter();
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  /// On return the record is on the disk (fsync). Error(environment) when it could not be written; the
  /// journal then holds what it held before.
  void append(const nlohmann::json& record);

 private:
  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t bytes_ = 0;
};

}  // namespace npo
