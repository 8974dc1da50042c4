#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "host/evaluation_table_source.hpp"
#include "io/closest_name.hpp"
#include "io/column_reader.hpp"
#include "io/csv/bad_row.hpp"
#include "io/digest.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::uint64_t window_rows = 65536;

/// The dataset's own name. Error(usage) names the nearest in its group when it is not there.
const std::string& require_dataset(const h5::ReadFile& file, const std::string& dataset) {
  if (file.has(dataset)) return dataset;
  const std::size_t slash = dataset.rfind('/');
  const std::string group = slash == std::string::npos ? "/" : dataset.substr(0, slash);
  std::vector<std::string> known;
  if (group == "/" || file.has(group)) known = file.members(group);
  for (std::string& name : known)
    if (group != "/") name = group + "/" + name;
  throw Error(ErrorKind::usage, fmt::format("{}: there is no dataset {}", file.path().string(), dataset),
              suggest_name(dataset, known, "name a dataset by its path, for example decisions/score"));
}

/// One dataset of rank 1, read window by window.
class H5Column {
 public:
  H5Column(const h5::ReadFile& file, const std::string& dataset)
      : file_(file.path().string()), dataset_(dataset), reader_(file, require_dataset(file, dataset)) {
    if (reader_.info().dims.size() != 1)
      throw Error(ErrorKind::bad_data, fmt::format("{}: dataset {} is not one column", file_, dataset),
                  "name a dataset with one value a row");
  }
  std::uint64_t rows() const { return reader_.rows(); }
  bool is_text() const { return reader_.info().type == h5::Type::text; }
  void load(std::uint64_t first, std::uint64_t count) { window_ = reader_.read(first, count); }

  double number(std::size_t i) const {
    switch (reader_.info().type) {
      case h5::Type::u8:
        return window_.as<std::uint8_t>()[i];
      case h5::Type::u16:
        return window_.as<std::uint16_t>()[i];
      case h5::Type::u32:
        return window_.as<std::uint32_t>()[i];
      case h5::Type::u64:
        return static_cast<double>(window_.as<std::uint64_t>()[i]);
      case h5::Type::i64:
        return static_cast<double>(window_.as<std::int64_t>()[i]);
      case h5::Type::f32:
        return static_cast<double>(window_.as<float>()[i]);
      case h5::Type::f64:
        return window_.as<double>()[i];
      case h5::Type::text:
        break;
    }
    throw Error(ErrorKind::bad_data, fmt::format("{}: dataset {} is text, not numbers", file_, dataset_),
                "name a column of numbers");
  }
  /// The bits of a whole number, so that two different ones never meet.
  std::uint64_t integer(std::size_t i) const {
    if (reader_.info().type == h5::Type::u64) return window_.as<std::uint64_t>()[i];
    if (reader_.info().type == h5::Type::i64)
      return static_cast<std::uint64_t>(window_.as<std::int64_t>()[i]);
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(number(i)));
  }
  std::string_view text(std::size_t i) const {
    const auto bytes = window_.bytes().subspan(i * reader_.row_bytes(), reader_.row_bytes());
    const auto* begin = reinterpret_cast<const char*>(bytes.data());
    return {begin, static_cast<std::size_t>(std::find(begin, begin + bytes.size(), '\0') - begin)};
  }
  [[noreturn]] void refuse(std::uint64_t row, const std::string& problem, const std::string& remedy) const {
    throw csv::BadRow(fmt::format("{}: dataset {}, row {}: {}", file_, dataset_, row, problem), remedy);
  }

 private:
  std::string file_, dataset_;
  ColumnReader reader_;
  RowWindow window_;
};

class H5Table final : public TableSource {
 public:
  H5Table(const TableInput& input, const RunContext& context)
      : TableSource(input, context), file_(input.path), score_(open(columns().score)) {
    label_ = open(columns().label);
    weight_ = open(columns().weight);
    cluster_ = open(columns().cluster);
    time_ = open(columns().time);
    for (const std::string& column : columns().groups) groups_.push_back(open(column));
    known_codes_.resize(groups_.size());
    check_lengths();
  }

 private:
  std::shared_ptr<H5Column> open(const std::string& dataset) {
    if (dataset.empty()) return nullptr;
    all_.push_back(std::make_shared<H5Column>(file_, dataset));
    return all_.back();
  }

  void check_lengths() const {
    for (const auto& column : all_)
      if (column->rows() != score_->rows())
        throw Error(ErrorKind::bad_data,
                    fmt::format("{}: dataset {} has {} rows and another column {}", file_.path().string(),
                                columns().score, score_->rows(), column->rows()),
                    "name datasets of equal length");
  }

  bool read(TableRow& row) override {
    if (next_ == score_->rows()) return false;
    if (next_ >= first_ + loaded_) {
      first_ = next_;
      loaded_ = std::min(window_rows, score_->rows() - first_);
      for (const auto& column : all_) column->load(first_, loaded_);
    }
    const std::uint64_t at = next_++;
    const std::size_t i = at - first_;
    row.score = static_cast<float>(score_->number(i));
    if (!std::isfinite(row.score))
      score_->refuse(at, "the score is not a finite number", "leave the row out or give it a finite score");
    if (input().unit_scores && !(row.score >= 0.0f && row.score <= 1.0f))
      score_->refuse(at, "the score is outside [0, 1]",
                     "a histogram needs such scores; leave --histogram out");
    row.label = read_label(at, i);
    if (weight_) row.weight = read_weight(at, i);
    if (cluster_) row.cluster = cluster_->is_text() ? hash_name(cluster_->text(i)) : cluster_->integer(i);
    if (time_) row.time = static_cast<UnixSeconds>(time_->integer(i));
    for (std::size_t g = 0; g < groups_.size(); ++g) row.group[g] = read_group(g, at, i);
    return true;
  }

  Label read_label(std::uint64_t row, std::size_t i) const {
    const double value = label_->number(i);
    if (value == 0.0) return Label::no;
    if (value == 1.0) return Label::yes;
    if (std::isnan(value) || value == static_cast<double>(Label::unknown)) return Label::unknown;
    label_->refuse(row, fmt::format("{:g} is not a label", value), "labels are 0, 1, or 255 for unknown");
  }

  float read_weight(std::uint64_t row, std::size_t i) const {
    const auto weight = static_cast<float>(weight_->number(i));
    if (!(std::isfinite(weight) && weight >= 0.0f))
      weight_->refuse(row, fmt::format("{:g} is not a weight", weight), "weights are finite and 0 or larger");
    return weight;
  }

  std::uint32_t read_group(std::size_t g, std::uint64_t row, std::size_t i) {
    const H5Column& column = *groups_[g];
    if (column.is_text()) {
      if (column.text(i).empty()) column.refuse(row, "the name is empty", "every row needs a value here");
      return group_code(g, column.text(i));
    }
    const std::uint64_t value = column.integer(i);
    const auto [known, is_new] = known_codes_[g].emplace(value, 0);
    if (is_new) known->second = group_code(g, std::to_string(static_cast<std::int64_t>(value)));
    return known->second;
  }

  h5::ReadFile file_;
  std::vector<std::shared_ptr<H5Column>> all_;
  std::shared_ptr<H5Column> score_, label_, weight_, cluster_, time_;
  std::vector<std::shared_ptr<H5Column>> groups_;
  std::vector<std::unordered_map<std::uint64_t, std::uint32_t>> known_codes_;
  std::uint64_t next_ = 0, first_ = 0, loaded_ = 0;
};

}  // namespace

std::unique_ptr<EvaluationSource> open_h5_table(const TableInput& input, const RunContext& context) {
  return std::make_unique<H5Table>(input, context);
}

}  // namespace npo
