#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/column_reader.hpp"
#include "io/digest.hpp"
#include "kernels/vocabulary.hpp"

/// log.h5, format "npo.log" (docs/formats/log.md): what a policy did, with which probability, and what came
/// of it.
namespace npo {

inline constexpr int log_format_version = 1;
inline constexpr std::size_t max_actions = 65536;
inline constexpr std::size_t max_log_values = 4096;

/// What a column of numbers of a log is for. Values are stored in files.
enum class LogValueRole : std::uint8_t {
  context = 0,           ///< known before the action was chosen
  estimated_reward = 1,  ///< of one action, by somebody's model
  other = 2              ///< scores or probabilities that a target policy is made of
};

/// A column of texts known before the action was chosen, and its values by code.
struct LogCategory {
  std::string name;
  std::vector<std::string> values;
};

/// What a log says apart from its rows.
struct LogHeader {
  std::vector<std::string> actions;  ///< names by code, those of the policy that never occur included
  std::vector<std::string> values;   ///< names of the columns of numbers
  std::vector<LogValueRole> roles;   ///< [values]
  std::vector<LogCategory> categories;
  bool has_position = false, has_time = false, has_cluster = false;
  std::string provenance;  ///< JSON; decides nothing
};

/// Whether the weight 1/p of a propensity in (0, 1] is finite: those below 2^-1024, 5.6e-309, are too small.
inline bool gives_weight(double propensity) {
  return std::isfinite(1.0 / propensity);
}

/// Rows of a log, owned.
struct LogRows {
  std::vector<std::uint32_t> action;       ///< code
  std::vector<double> reward, propensity;  ///< propensity: probability of the action taken, in (0, 1]
  std::vector<std::uint32_t> position;     ///< place in a ranking, from 1
  std::vector<UnixSeconds> time;
  std::vector<std::uint64_t> cluster;   ///< rows that are not independent share it
  std::vector<double> values;           ///< [rows][header.values]
  std::vector<std::uint32_t> category;  ///< [rows][header.categories] codes
  std::size_t rows() const { return action.size(); }
  void clear();
};

class LogFile {
 public:
  /// Error(bad_data) when the file is no log, of another version, or columns do not fit.
  explicit LogFile(const std::filesystem::path& path);
  const std::filesystem::path& path() const { return path_; }
  const LogHeader& header() const { return header_; }
  std::uint64_t rows() const { return rows_; }
  /// Rows [first, first + count).
  LogRows read(std::uint64_t first, std::uint64_t count) const;

 private:
  std::filesystem::path path_;
  LogHeader header_;
  std::uint64_t rows_ = 0;
  std::optional<h5::ReadFile> file_;
  std::vector<ColumnReader> readers_;  ///< in the order of the columns
};

/// Writes rows piece by piece; the file appears on `finish` or not at all. Names of actions and values of
/// categories need not be known beforehand.
class LogWriter {
 public:
  /// Of the header only what says which columns there are is looked at.
  LogWriter(const std::filesystem::path& path, const LogHeader& header, h5::Compression compression,
            bool overwrite);
  ~LogWriter();
  void append(const LogRows& rows);
  void finish(const LogHeader& header);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Why a row of a log cannot be, or nothing. `row` counts from the first of `rows`.
struct BadLogRow {
  std::uint64_t row;
  std::string dataset, problem, remedy;
};
std::optional<BadLogRow> find_bad_row(const LogRows& rows, const LogHeader& header);

/// Checks every row: codes within their tables, propensities in (0, 1] that give a weight, finite rewards and
/// values, positions from 1. Error(bad_data) names dataset, row and remedy.
void validate_log(const LogFile& file);
Digest digest_log(const LogFile& file);

}  // namespace npo
