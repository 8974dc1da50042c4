#include <cmath>
#include <optional>

#include "host/evaluation_table_source.hpp"
#include "io/csv/csv_reader.hpp"
#include "io/csv/csv_values.hpp"
#include "io/digest.hpp"

namespace npo {
namespace {

constexpr std::size_t longest_name = 256;

class CsvTable final : public TableSource {
 public:
  CsvTable(const TableInput& input, const RunContext& context)
      : TableSource(input, context),
        reader_(csv::open_csv(input.path, input.separator)),
        score_(reader_.column(columns().score)),
        label_(reader_.column(columns().label)),
        weight_(find(columns().weight)),
        cluster_(find(columns().cluster)),
        time_(find(columns().time)) {
    for (const std::string& column : columns().groups) groups_.push_back(reader_.column(column));
  }

 private:
  std::optional<std::size_t> find(const std::string& column) const {
    return column.empty() ? std::nullopt : std::optional(reader_.column(column));
  }

  bool read(TableRow& row) override {
    if (!reader_.next()) return false;
    if (csv::is_missing(reader_, score_))
      reader_.refuse(score_, "is no score", "leave the row out or give it a finite score");
    row.score = csv::read_float(reader_, score_);
    if (input().unit_scores && !(row.score >= 0.0f && row.score <= 1.0f))
      reader_.refuse(score_, "is outside [0, 1]", "a histogram needs such scores; leave --histogram out");
    row.label = csv::read_label(reader_, label_);
    if (weight_) row.weight = read_weight();
    if (cluster_) row.cluster = hash_name(csv::read_text(reader_, *cluster_, longest_name));
    if (time_) row.time = csv::read_time(reader_, *time_);
    for (std::size_t g = 0; g < groups_.size(); ++g)
      row.group[g] = group_code(g, csv::read_text(reader_, groups_[g], longest_name));
    return true;
  }

  float read_weight() const {
    const float weight = csv::read_float(reader_, *weight_);
    if (weight < 0.0f) reader_.refuse(*weight_, "is negative", "weights are 0 or larger");
    return weight;
  }

  csv::Reader reader_;
  std::size_t score_, label_;
  std::optional<std::size_t> weight_, cluster_, time_;
  std::vector<std::size_t> groups_;
};

}  // namespace

std::unique_ptr<EvaluationSource> open_csv_table(const TableInput& input, const RunContext& context) {
  return std::make_unique<CsvTable>(input, context);
}

}  // namespace npo
