#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/import_read.hpp"
#include "host/import_record.hpp"
#include "host/import_run.hpp"
#include "io/external_sort.hpp"
#include "io/scenario_file.hpp"

namespace npo {

/// The rows of an import in the order of the file: by night, then id.
class ImportNights {
 public:
  /// Labels the rows where there is a horizon and sorts them. Counts of labels and of spilled bytes go to
  /// `report`.
  ImportNights(SpooledScenarios spool, const ImportScenariosOptions& options, const RunContext& context,
               ImportScenariosReport& report);

  IdType id() const { return id_; }
  std::uint64_t rows() const { return rows_.records() - doubles_; }

  /// Looks for ids that come twice in a night. Under `skip_bad` the first row stays and the others are
  /// counted in `report`; else Error(bad_data) names the id, the night and both lines.
  void find_doubles(ImportScenariosReport& report);

  /// Writes all rows, fleets by `fleet_code` of their codes in the spool, and returns the nights.
  /// Error(bad_data) at an id that comes twice in a night and was not found before.
  std::vector<Night> write(ScenarioWriter& writer, const std::vector<std::uint32_t>& fleet_code);

 private:
  template <class Use, class Skip>
  void each_row(Use use, Skip skip);
  std::string double_problem(const std::byte* record, std::uint64_t first_line) const;

  const ImportScenariosOptions& options_;
  const RunContext& context_;
  IdType id_;
  NightRow layout_;
  ExternalSort rows_;
  std::uint64_t doubles_ = 0;
  bool doubles_known_ = false;
};

}  // namespace npo
