#pragma once
#include <optional>

#include "host/evaluation_table.hpp"

/// What CSV and HDF5 tables share.
namespace npo {

/// Values of one row.
struct TableRow {
  float score = 0.0f;
  Label label = Label::unknown;
  float weight = 1.0f;
  std::uint64_t cluster = 0;
  UnixSeconds time = 0;
  std::vector<std::uint32_t> group;  ///< codes, the day's not among them
};

/// Collects rows into blocks; the children read one row at a time.
class TableSource : public EvaluationSource {
 public:
  TableSource(const TableInput& input, const RunContext& context);
  bool next(EvaluationRows& block) final;
  std::vector<Grouping>& groupings() final { return groupings_; }
  std::uint64_t skipped() const final { return skipped_; }

 protected:
  /// Reads the next row; false at the end. A csv::BadRow is skipped where bad rows may be.
  virtual bool read(TableRow& row) = 0;
  const TableColumns& columns() const { return input_.columns; }
  const TableInput& input() const { return input_; }
  std::uint32_t group_code(std::size_t grouping, std::string_view name) {
    return groupings_[grouping].names.code(name);
  }

 private:
  bool read_or_skip();
  void append(EvaluationRows& block);
  std::uint32_t day_code(UnixSeconds time);

  TableInput input_;
  const RunContext& context_;
  std::vector<Grouping> groupings_;
  TableRow row_;
  std::uint64_t skipped_ = 0, rows_read_ = 0;
  std::optional<UnixSeconds> day_;
  std::uint32_t day_code_ = 0;
};

std::unique_ptr<EvaluationSource> open_csv_table(const TableInput& input, const RunContext& context);
std::unique_ptr<EvaluationSource> open_h5_table(const TableInput& input, const RunContext& context);

}  // namespace npo
