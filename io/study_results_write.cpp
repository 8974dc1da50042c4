#include <numeric>

#include "io/study_results.hpp"
#include "io/study_results_fields.hpp"

namespace npo {
namespace {

using h5::Type;

/// Writes what goes with every axis: coordinates, and columns over points.
class ResultsWriter {
 public:
  ResultsWriter(h5::WriteFile& file, const StudyResults& results) : file_(file), results_(results) {}

  void write() {
    attributes();
    axes();
    columns();
    cells();
    if (!results_.claims.empty()) claims();
  }

 private:
  void attributes() {
    file_.format("npo.study", study_format_version);
    study_fields::text_attributes(
        results_, [&](const char* name, const std::string& text) { file_.attribute(name, text); });
    file_.attribute("seed", static_cast<std::int64_t>(results_.seed));
    file_.attribute("episodes", static_cast<std::int64_t>(results_.episodes));
    file_.attribute("independent", std::int64_t{results_.independent});
  }

  void axes() {
    std::vector<std::uint64_t> points(results_.points());
    std::iota(points.begin(), points.end(), 0);
    file_.column<std::uint64_t>({.name = "point", .type = Type::u64, .long_name = "point of the study"},
                                points);
    file_.column<std::uint64_t>(
        {.name = "checkpoint", .type = Type::u64, .units = "episodes", .long_name = "episode"},
        results_.checkpoints);
    file_.text_column({.name = "metric", .type = Type::text, .long_name = "name of the metric"},
                      results_.metrics);
    for (const char* axis : {"point", "checkpoint", "metric"}) file_.attach_scale(axis, 0, axis);
    file_.text_column({.name = "metrics/unit", .type = Type::text}, results_.units);
    file_.text_column({.name = "metrics/long_name", .type = Type::text}, results_.long_names);
    for (const char* name : {"metrics/unit", "metrics/long_name"}) file_.attach_scale(name, 0, "metric");
  }

  template <class T>
  void over_points(const char* name, Type type, const char* long_name, const std::vector<T>& values) {
    h5::ColumnSpec spec{.name = name, .type = type, .long_name = long_name};
    if (type == Type::u8) spec.flags = {{0, "fixed"}, {1, "precise"}, {2, "most"}};
    file_.column<T>(spec, values);
    file_.attach_scale(name, 0, "point");
  }

  void columns() {
    over_points("replicates", Type::u64, "replicates simulated", results_.replicates);
    over_points("first_replicate", Type::u64, "number of the first", results_.first_replicate);
    over_points("stop", Type::u8, "why the point stopped", results_.stop);
    if (!results_.baseline_point.empty())
      over_points("baseline_point", Type::u64, "point it is compared with", results_.baseline_point);
    for (const StudyColumn& column : results_.parameters) {
      const std::string name = "parameters/" + column.name;
      if (const auto* numbers = std::get_if<std::vector<double>>(&column.values))
        file_.column<double>({.name = name, .type = Type::f64}, *numbers);
      else if (const auto* wholes = std::get_if<std::vector<std::int64_t>>(&column.values))
        file_.column<std::int64_t>({.name = name, .type = Type::i64}, *wholes);
      else
        file_.text_column({.name = name, .type = Type::text},
                          std::get<std::vector<std::string>>(column.values));
      file_.attach_scale(name, 0, "point");
    }
  }

  h5::ColumnSpec cube(const char* name, Type type, const char* long_name) const {
    return {.name = name,
            .type = type,
            .width = results_.cells_of_point(),
            .depth = results_.metrics.size(),
            .long_name = long_name};
  }
  void attach_cube(const std::string& name) {
    int axis = 0;
    for (const char* scale : {"point", "checkpoint", "metric"}) file_.attach_scale(name, axis++, scale);
  }

  void cells() {
    const auto put = [&](const char* name, const char* long_name, const std::vector<double>& values) {
      file_.column<double>(cube(name, Type::f64, long_name), values);
      attach_cube(name);
    };
    study_fields::cell_columns(results_, put);
    if (!results_.difference.empty()) study_fields::contrast_columns(results_, put);
    file_.column<std::uint64_t>(cube("count", Type::u64, "replicates in which the metric is defined"),
                                results_.count);
    attach_cube("count");
  }

  template <class T, class Member>
  std::vector<T> collect(Member member) const {
    std::vector<T> values;
    for (const ClaimRow& claim : results_.claims) values.push_back(claim.*member);
    return values;
  }

  void claims() {
    const std::string group = "claims/";
    study_fields::claim_texts([&](const char* name, auto member) {
      file_.text_column({.name = group + name, .type = Type::text}, collect<std::string>(member));
    });
    study_fields::claim_numbers([&](const char* name, auto member) {
      file_.column<double>({.name = group + name, .type = Type::f64}, collect<double>(member));
    });
    study_fields::claim_counts([&](const char* name, auto member) {
      file_.column<std::uint64_t>({.name = group + name, .type = Type::u64}, collect<std::uint64_t>(member));
    });
    std::vector<std::uint8_t> verdicts;
    for (const ClaimRow& claim : results_.claims)
      verdicts.push_back(static_cast<std::uint8_t>(claim.verdict));
    file_.column<std::uint8_t>(
        {.name = "claims/verdict", .type = Type::u8, .flags = {{0, "fails"}, {1, "holds"}, {2, "undecided"}}},
        verdicts);
    study_fields::claim_curves([&](const char* name, auto member) {
      std::vector<double> values;
      for (const ClaimRow& claim : results_.claims)
        values.insert(values.end(), (claim.*member).begin(), (claim.*member).end());
      const std::size_t checkpoints = results_.checkpoints.size();
      file_.column<double>({.name = group + name,
                            .type = Type::f64,
                            .width = results_.points() * checkpoints,
                            .depth = checkpoints,
                            .long_name = "what the claim expects"},
                           values);
      file_.attach_scale(group + name, 1, "point");
      file_.attach_scale(group + name, 2, "checkpoint");
    });
  }

  h5::WriteFile& file_;
  const StudyResults& results_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fails:
      return "fails";
    case Verdict::holds:
      return "holds";
    case Verdict::undecided:
      break;
  }
  return "undecided";
}

StudyResultWriter::StudyResultWriter(const std::filesystem::path& path, h5::Compression compression,
                                     std::size_t points, std::size_t cells_of_point)
    : file_(path, compression), cells_of_point_(cells_of_point) {
  const std::uint64_t cells = points * cells_of_point;
  file_.create({.name = "tallies/words",
                .type = Type::i64,
                .width = tally_cell_words,
                .long_name = "integer sums by cell (point, checkpoint, metric)"},
               cells);
  file_.create({.name = "tallies/bins",
                .type = Type::u32,
                .width = tally_cell_bins,
                .long_name = "histogram over replicates by cell"},
               cells);
}

void StudyResultWriter::tally(const TallyRows& rows) {
  const std::uint64_t first = rows.point * cells_of_point_;
  file_.write("tallies/words", first, cells_of_point_, std::as_bytes(std::span(rows.words)));
  file_.write("tallies/bins", first, cells_of_point_, std::as_bytes(std::span(rows.bins)));
}

void StudyResultWriter::finish(const StudyResults& results) {
  ResultsWriter(file_, results).write();
  file_.close();
}

}  // namespace npo
