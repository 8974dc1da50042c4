#include "host/import_nights.hpp"

#include <fmt/format.h>

#include <cstring>

#include "host/horizon_label.hpp"
#include "host/scenario_batch.hpp"
#include "host/time_text.hpp"
#include "io/csv/byte_source.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

IdType id_type(const SpooledScenarios& spool, IdStorage ids) {
  if (spool.all_ids_are_numbers && ids != IdStorage::text) return {};
  return {true, (spool.longest_id + 7) / 8 * 8};
}

SortOptions sort_options(const ImportScenariosOptions& options, const NightRow& layout,
                         const RunContext& context) {
  SortOptions sort;
  sort.record_bytes = layout.record_bytes();
  sort.key_bytes = layout.key_bytes();
  sort.budget_bytes = options.memory_bytes / 2;
  sort.folder = options.output.parent_path();
  sort.threads = context.threads;
  return sort;
}

void count_label(Label label, ImportScenariosReport& report, bool add) {
  std::uint64_t& count = label == Label::yes  ? report.label_yes
                         : label == Label::no ? report.label_no
                                              : report.label_unknown;
  add ? ++count : --count;
}

/// Collects rows into batches for the writer, and the nights they make.
class NightWriter {
 public:
  NightWriter(ScenarioWriter& writer, const NightRow& layout, IdType id, std::size_t dim, bool labelled)
      : writer_(writer),
        layout_(layout),
        id_(id),
        dim_(dim),
        labelled_(labelled),
        capacity_(batch_rows_for(dim)) {
    batch_.resize(capacity_, id_, dim_, labelled_);
  }

  void add(const std::byte* record, const std::vector<std::uint32_t>& fleet_code) {
    const ImportRow row = layout_.get(record);
    layout_.stored_id(record, batch_.ids.data() + filled_ * id_.bytes);
    batch_.fleet[filled_] = fleet_code[row.fleet];
    batch_.time[filled_] = row.time;
    std::memcpy(batch_.features.data() + filled_ * dim_, layout_.features(record), dim_ * sizeof(float));
    if (labelled_) {
      batch_.label[filled_] = static_cast<std::uint8_t>(row.label);
      batch_.label_known_at[filled_] = row.label_known_at;
    }
    const UnixSeconds night = layout_.night(record);
    if (nights_.empty() || nights_.back().time != night) nights_.push_back({night, rows_, 0});
    ++nights_.back().rows;
    ++rows_;
    if (++filled_ == capacity_) flush();
  }

  /// Whether the last row completed a batch.
  bool at_start_of_batch() const { return filled_ == 0; }
  std::size_t batch_rows() const { return capacity_; }

  std::vector<Night> finish() {
    batch_.resize(filled_, id_, dim_, labelled_);
    if (filled_ > 0) flush();
    return std::move(nights_);
  }

 private:
  void flush() {
    writer_.append(batch_.view());
    filled_ = 0;
  }

  ScenarioWriter& writer_;
  const NightRow& layout_;
  IdType id_;
  std::size_t dim_;
  bool labelled_;
  std::size_t capacity_, filled_ = 0;
  std::uint64_t rows_ = 0;
  ScenarioBatch batch_;
  std::vector<Night> nights_;
};

}  // namespace

ImportNights::ImportNights(SpooledScenarios spool, const ImportScenariosOptions& options,
                           const RunContext& context, ImportScenariosReport& report)
    : options_(options),
      context_(context),
      id_(id_type(spool, options.ids)),
      layout_(id_, options.columns.features.size()),
      rows_(sort_options(options, layout_, context)) {
  const SpooledRow spooled(options.columns.features.size());
  HorizonLabeller label(options.label_horizon.value_or(0));
  context.report().begin("sort", spool.rows.records(), "rows");
  spool.rows.rewind();
  for (std::uint64_t seen = 1; const std::byte* record = spool.rows.next(); ++seen) {
    ImportRow row = spooled.get(record);
    if (options.label_horizon) row.label = label(row);
    if (!row.only_seen) {
      layout_.put(rows_.add(), row, spooled.features(record));
      if (report.labelled) count_label(row.label, report, true);
    }
    if (seen % tile_rows == 0) {
      context.report().advance(tile_rows);
      context.check_stop();
    }
  }
  context.report().end();
  rows_.rewind();
  report.bytes_spilled = spool.rows.spilled_bytes() + rows_.spilled_bytes();
}

template <class Use, class Skip>
void ImportNights::each_row(Use use, Skip skip) {
  std::string last;
  std::uint64_t last_line = 0;
  rows_.rewind();
  while (const std::byte* record = rows_.next()) {
    const std::string_view identity = layout_.identity(record);
    if (identity == last) {
      skip(record, last_line);
    } else {
      last = identity;
      last_line = layout_.get(record).line;
      use(record);
    }
  }
}

std::string ImportNights::double_problem(const std::byte* record, std::uint64_t first_line) const {
  std::vector<std::byte> stored(id_.bytes);
  layout_.stored_id(record, stored.data());
  return fmt::format("{}: lines {} and {} both hold id '{}' in the night of {}",
                     csv::display_name(options_.input), first_line, layout_.get(record).line,
                     id_text(id_, id_words(id_, stored).data()), format_time(layout_.night(record)));
}

void ImportNights::find_doubles(ImportScenariosReport& report) {
  const auto skip = [&](const std::byte* record, std::uint64_t first_line) {
    const std::string problem = double_problem(record, first_line);
    if (!options_.skip_bad)
      throw Error(ErrorKind::bad_data, problem,
                  "keep one row an id and day, or pass --skip-bad to keep the first");
    report.skipped.add(problem);
    if (report.labelled) count_label(layout_.get(record).label, report, false);
    ++doubles_;
  };
  each_row([](const std::byte*) {}, skip);
  doubles_known_ = true;
}

std::vector<Night> ImportNights::write(ScenarioWriter& writer, const std::vector<std::uint32_t>& fleet_code) {
  NightWriter nights(writer, layout_, id_, options_.columns.features.size(), !options_.columns.label.empty());
  const auto use = [&](const std::byte* record) {
    nights.add(record, fleet_code);
    if (!nights.at_start_of_batch()) return;
    context_.report().advance(nights.batch_rows());
    context_.check_stop();
  };
  const auto skip = [&](const std::byte* record, std::uint64_t first_line) {
    if (!doubles_known_)
      throw Error(ErrorKind::bad_data, double_problem(record, first_line),
                  "keep one row an id and day, or pass --skip-bad to keep the first");
  };
  context_.report().begin("write", rows(), "rows");
  each_row(use, skip);
  auto done = nights.finish();
  context_.report().end();
  return done;
}

}  // namespace npo
