#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/name_table.hpp"
#include "kernels/vocabulary.hpp"

/// Rows with a score and what became of them, wherever they come from: a CSV or HDF5 table, or decisions.
namespace npo {

/// Most groups of one kind (fleets, values of a column): each has metrics of its own.
inline constexpr std::size_t most_groups = 1'000'000;

/// One way to group rows.
struct Grouping {
  explicit Grouping(std::string grouped_by, bool by_time = false)
      : column(std::move(grouped_by)), over_time(by_time), names(column, most_groups) {}
  std::string column;
  bool over_time;  ///< groups are days, in the order of time
  NameTable names;
};

/// Columns of equal length; optional ones are empty.
struct EvaluationRows {
  std::vector<float> score;                       ///< finite
  std::vector<std::uint8_t> label;                ///< Label
  std::vector<std::uint8_t> unscored;             ///< optional: 1 where there is no score, and `score` is 0
  std::vector<std::uint8_t> decision;             ///< Decision; optional
  std::vector<float> weight;                      ///< optional, not negative
  std::vector<std::uint64_t> cluster;             ///< optional: rows of one cluster depend on each other
  std::vector<UnixSeconds> time;                  ///< optional
  std::vector<std::uint64_t> row;                 ///< optional: its number in the table, from 0
  std::vector<std::vector<std::uint32_t>> group;  ///< code by grouping

  std::size_t size() const { return score.size(); }
  void clear();
  /// Appends row i of `other`, which has the same columns.
  void append(const EvaluationRows& other, std::size_t i);
};

/// A stream of rows in blocks.
class EvaluationSource {
 public:
  virtual ~EvaluationSource() = default;
  /// Replaces `block` by the next rows; false, and an empty block, at the end.
  virtual bool next(EvaluationRows& block) = 0;
  /// The groupings, with the names met so far.
  virtual std::vector<Grouping>& groupings() = 0;
  /// Rows left out because they were bad.
  virtual std::uint64_t skipped() const { return 0; }
};

/// What evaluation keeps of a stream: the rows whose outcome is known, and how many there were in all.
struct KnownRows {
  EvaluationRows rows;
  std::vector<Grouping> groupings;  ///< names sorted
  std::uint64_t unknown = 0;        ///< rows of unknown label
  std::uint64_t skipped = 0;
  std::vector<std::vector<std::uint64_t>> unknown_by_group;  ///< [grouping][group]
};

/// Decides every row: surfaced when its score is at least the threshold, both as float32.
void decide(EvaluationRows& rows, double threshold);

/// Reads a stream to its end.
KnownRows read_known_rows(EvaluationSource& source);

}  // namespace npo
