#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/column_reader.hpp"
#include "io/digest.hpp"
#include "kernels/join_state.hpp"
#include "kernels/vocabulary.hpp"

/// scenarios.h5, format "npo.scenarios" (docs/formats/scenarios.md): nights of scenarios, each night sorted
/// by id.
namespace npo {

/// How scenario ids are stored: integers, or null-padded UTF-8 of `bytes` bytes (a multiple of 8, at most
/// 64).
struct IdType {
  bool text = false;
  std::size_t bytes = 8;
  bool operator==(const IdType&) const = default;
  int words() const { return static_cast<int>(bytes / 8); }
};

/// Stored id bytes as words (kernels/join_state.hpp); integer ids pass through, text is turned to big-endian
/// words.
std::vector<std::uint64_t> id_words(IdType type, std::span<const std::byte> stored);
/// The same into `words`, whose memory is used again.
void read_id_words(IdType type, std::span<const std::byte> stored, std::vector<std::uint64_t>& words);
/// One id as a person reads it: decimal digits, or the text without padding.
std::string id_text(IdType type, const std::uint64_t* words);

/// One night: the rows of one UTC day.
struct Night {
  UnixSeconds time;  ///< midnight UTC of the day
  std::uint64_t first_row, rows;
};

/// What a scenario file says of itself. Labels are optional.
struct ScenarioHeader {
  IdType id;
  std::vector<std::string> features;
  std::vector<std::string> fleets;  ///< name by code
  std::vector<Night> nights;        ///< ascending in time, covering all rows in order
  bool labelled = false;
  std::int64_t label_horizon = 0;  ///< seconds; 0: labels are known at the row's own time
  std::string provenance;          ///< JSON: what made the file
};

/// Datasets: scenarios/id, scenarios/fleet (u32 code), scenarios/time (i64), scenarios/features
/// [row][feature] (f32) with dimension scale scenarios/feature (names), scenarios/label (u8, Label) and
/// scenarios/label_known_at (i64) where labelled; fleets/name; nights/time, nights/first_row, nights/rows.
/// One format version; see docs/formats/scenarios.md.
inline constexpr int scenario_format_version = 1;

/// Checks structure on opening (types, ranks, equal lengths, nights that cover the rows, codes' tables), not
/// every row; `validate_scenarios` does that. Thread-safe reading.
class ScenarioFile {
 public:
  explicit ScenarioFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const ScenarioHeader& header() const { return header_; }
  std::uint64_t rows() const { return rows_; }
  std::size_t dim() const { return header_.features.size(); }
  /// The night of the UTC day that holds `time`; Error(usage) lists the nights there are when there is none.
  const Night& night_at(UnixSeconds time) const;
  /// Hash of everything but the rows, for run.json.
  Digest header_digest() const;

  RowWindow features(std::uint64_t first, std::uint64_t count) const;
  /// Rows of features that one thread reads and works on fastest.
  std::uint64_t features_at_a_time() const;
  RowWindow stored_ids(std::uint64_t first, std::uint64_t count) const;
  RowWindow fleets(std::uint64_t first, std::uint64_t count) const;
  RowWindow times(std::uint64_t first, std::uint64_t count) const;
  RowWindow labels(std::uint64_t first, std::uint64_t count) const;  ///< Error(bad_data) when not labelled
  RowWindow label_known_at(std::uint64_t first, std::uint64_t count) const;

 private:
  std::filesystem::path path_;
  ScenarioHeader header_;
  std::uint64_t rows_ = 0;
  std::optional<h5::ReadFile> file_;
  std::optional<ColumnReader> id_, fleet_, time_, features_, label_, known_;
};

/// Pieces of rows handed to the writer, in (night, id) order.
struct ScenarioRows {
  std::span<const std::byte> ids;  ///< as stored
  std::span<const std::uint32_t> fleet;
  std::span<const UnixSeconds> time;
  std::span<const float> features;
  std::span<const std::uint8_t> label;
  std::span<const UnixSeconds> label_known_at;
};

/// Writes a scenario file whose number of rows is known beforehand, piece by piece, whatever the size. The
/// file appears under its name when `finish` returns, or not at all. `header.nights` may still be empty on
/// construction and be set by `finish`; fleets likewise.
class ScenarioWriter {
 public:
  ScenarioWriter(const std::filesystem::path& path, const ScenarioHeader& header, std::uint64_t rows,
                 h5::Compression compression, bool overwrite);
  ~ScenarioWriter();
  void append(const ScenarioRows& rows);
  void finish(const std::vector<Night>& nights, const std::vector<std::string>& fleets);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Checks every row: ids ascending without duplicates within a night, finite features, known fleet codes,
/// labels 0, 1 or 255, times within their night. Error(bad_data) names the dataset and the first bad row and
/// the remedy.
void validate_scenarios(const ScenarioFile& file);

/// Content digest of the file (npo digest).
Digest digest_scenarios(const ScenarioFile& file);

}  // namespace npo
