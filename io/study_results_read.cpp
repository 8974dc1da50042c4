#include <fmt/format.h>

#include "io/study_results.hpp"
#include "io/study_results_fields.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

/// Reads everything but the tallies, and checks that it fits together.
class ResultsReader {
 public:
  explicit ResultsReader(const h5::ReadFile& file) : file_(file) {}

  StudyResults read() {
    file_.require_format("npo.study", study_format_version);
    study_fields::text_attributes(
        out_, [&](const char* name, std::string& text) { text = file_.text_attribute(name); });
    out_.seed = static_cast<std::uint64_t>(file_.int_attribute("seed"));
    out_.episodes = static_cast<std::uint64_t>(file_.int_attribute("episodes"));
    out_.independent = file_.int_attribute("independent") != 0;
    axes();
    cells();
    if (file_.has("claims")) claims();
    return std::move(out_);
  }

 private:
  template <class T>
  std::vector<T> column(const std::string& name, std::size_t rows) const {
    require_rows(name, rows);
    return file_.read_all<T>(name);
  }
  std::vector<std::string> texts(const std::string& name, std::size_t rows) const {
    require_rows(name, rows);
    return file_.read_text(name);
  }
  void require_rows(const std::string& name, std::size_t rows) const {
    const auto dims = file_.info(name).dims;
    if (dims.front() != rows)
      throw Error(ErrorKind::bad_data, fmt::format("{}: dataset {} has {} rows, expected {}",
                                                   file_.path().string(), name, dims.front(), rows));
  }
  void require_cube(const std::string& name, std::vector<std::uint64_t> dims) const {
    if (file_.info(name).dims != dims)
      throw Error(ErrorKind::bad_data, fmt::format("{}: dataset {} is not of {} by {} by {} values",
                                                   file_.path().string(), name, dims[0], dims[1], dims[2]));
  }

  void axes() {
    const std::size_t points = file_.info("point").dims.front();
    out_.checkpoints = file_.read_all<std::uint64_t>("checkpoint");
    out_.metrics = file_.read_text("metric");
    out_.units = texts("metrics/unit", out_.metrics.size());
    out_.long_names = texts("metrics/long_name", out_.metrics.size());
    out_.replicates = column<std::uint64_t>("replicates", points);
    out_.first_replicate = column<std::uint64_t>("first_replicate", points);
    out_.stop = column<std::uint8_t>("stop", points);
    if (file_.has("baseline_point")) out_.baseline_point = column<std::uint64_t>("baseline_point", points);
    for (const std::string& name : file_.members("parameters")) {
      const std::string path = "parameters/" + name;
      switch (file_.info(path).type) {
        case h5::Type::f64:
          out_.parameters.push_back({name, column<double>(path, points)});
          break;
        case h5::Type::i64:
          out_.parameters.push_back({name, column<std::int64_t>(path, points)});
          break;
        default:
          out_.parameters.push_back({name, texts(path, points)});
      }
    }
  }

  void cells() {
    const std::vector<std::uint64_t> shape{out_.points(), out_.checkpoints.size(), out_.metrics.size()};
    const auto get = [&](const char* name, const char*, std::vector<double>& values) {
      require_cube(name, shape);
      values = file_.read_all<double>(name);
    };
    study_fields::cell_columns(out_, get);
    if (file_.has("difference")) study_fields::contrast_columns(out_, get);
    require_cube("count", shape);
    out_.count = file_.read_all<std::uint64_t>("count");
    const std::uint64_t all = out_.points() * out_.cells_of_point();
    if (file_.info("tallies/words").dims != std::vector<std::uint64_t>{all, tally_cell_words} ||
        file_.info("tallies/bins").dims != std::vector<std::uint64_t>{all, tally_cell_bins})
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: tallies have another shape than the study", file_.path().string()));
  }

  void claims() {
    const std::size_t rows = file_.info("claims/verdict").dims.front();
    const std::string group = "claims/";
    out_.claims.resize(rows);
    const auto spread = [&](const auto& values, auto member) {
      for (std::size_t i = 0; i < rows; ++i) out_.claims[i].*member = values[i];
    };
    study_fields::claim_texts(
        [&](const char* name, auto member) { spread(texts(group + name, rows), member); });
    study_fields::claim_numbers(
        [&](const char* name, auto member) { spread(column<double>(group + name, rows), member); });
    study_fields::claim_counts(
        [&](const char* name, auto member) { spread(column<std::uint64_t>(group + name, rows), member); });
    const auto verdicts = column<std::uint8_t>("claims/verdict", rows);
    for (std::size_t i = 0; i < rows; ++i) {
      if (verdicts[i] > static_cast<std::uint8_t>(Verdict::undecided))
        throw Error(ErrorKind::bad_data, fmt::format("{}: claims/verdict row {} is {}, no verdict",
                                                     file_.path().string(), i, verdicts[i]));
      out_.claims[i].verdict = static_cast<Verdict>(verdicts[i]);
    }
    study_fields::claim_curves([&](const char* name, auto member) {
      require_cube(group + name, {rows, out_.points(), out_.checkpoints.size()});
      const auto values = file_.read_all<double>(group + name);
      const auto width = static_cast<std::ptrdiff_t>(out_.points() * out_.checkpoints.size());
      for (std::size_t i = 0; i < rows; ++i) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(i) * width;
        (out_.claims[i].*member).assign(first, first + width);
      }
    });
  }

  const h5::ReadFile& file_;
  StudyResults out_;
};

template <class T>
void add_values(DigestList& list, const std::string& name, const std::vector<T>& values) {
  if constexpr (std::is_same_v<T, std::string>)
    for (const std::string& value : values) list.add(name, value);
  else
    list.add(name, digest_bytes(std::as_bytes(std::span(values))));
}

}  // namespace

StudyResultFile::StudyResultFile(const std::filesystem::path& path)
    : file_(path),
      results_(ResultsReader(file_).read()),
      words_(file_, "tallies/words"),
      bins_(file_, "tallies/bins") {}

TallyRows StudyResultFile::tally(std::size_t point) const {
  const std::size_t cells = results_.cells_of_point();
  TallyRows rows{.point = point, .replicates = results_.replicates.at(point)};
  const RowWindow words = words_.read(point * cells, cells), bins = bins_.read(point * cells, cells);
  rows.words.assign(words.as<std::int64_t>().begin(), words.as<std::int64_t>().end());
  rows.bins.assign(bins.as<std::uint32_t>().begin(), bins.as<std::uint32_t>().end());
  return rows;
}

Digest StudyResultFile::digest() const {
  DigestList list;
  study_fields::text_attributes(results_, [&](std::string_view name, const std::string& text) {
    if (name != "provenance") list.add(name, text);
  });
  add_values(list, "checkpoint", results_.checkpoints);
  add_values(list, "metric", results_.metrics);
  for (const StudyColumn& column : results_.parameters)
    std::visit([&](const auto& values) { add_values(list, column.name, values); }, column.values);
  add_values(list, "replicates", results_.replicates);
  add_values(list, "first_replicate", results_.first_replicate);
  add_values(list, "stop", results_.stop);
  const auto add = [&](const char* name, const char*, const std::vector<double>& values) {
    add_values(list, name, values);
  };
  study_fields::cell_columns(results_, add);
  study_fields::contrast_columns(results_, add);
  add_values(list, "count", results_.count);
  for (const ClaimRow& claim : results_.claims) {
    study_fields::claim_texts([&](const char* name, auto member) { list.add(name, claim.*member); });
    std::vector<double> numbers;
    study_fields::claim_numbers([&](const char*, auto member) { numbers.push_back(claim.*member); });
    study_fields::claim_curves([&](const char*, auto member) {
      numbers.insert(numbers.end(), (claim.*member).begin(), (claim.*member).end());
    });
    add_values(list, "numbers", numbers);
    list.add("verdict", name_of(claim.verdict));
  }
  for (std::size_t point = 0; point < results_.points(); ++point) {
    const TallyRows rows = tally(point);
    add_values(list, "words", rows.words);
    add_values(list, "bins", rows.bins);
  }
  return list.finish();
}

}  // namespace npo
