#pragma once
#include <cstdint>
#include <string>

#include "host/import_record.hpp"
#include "host/import_run.hpp"
#include "host/name_table.hpp"
#include "io/external_sort.hpp"

namespace npo {

/// A CSV file once read: its rows, still in memory or in a temporary file, and what all of them together say.
struct SpooledScenarios {
  ExternalSort rows;  ///< SpooledRow records; in key order where labels have a horizon, else as they came
  NameTable fleets;   ///< codes in order of appearance
  std::uint64_t kept = 0;
  bool all_ids_are_numbers = true;
  std::size_t longest_id = 0;
};

/// Reads the whole input. Counts of what was left out, and of bytes, go to `report`.
SpooledScenarios spool_scenarios(const ImportScenariosOptions& options, const RunContext& context,
                                 ImportScenariosReport& report);

/// Calls report().advance now and then with the bytes taken, and stops when asked to.
class ReadingProgress {
 public:
  ReadingProgress(const RunContext& context, const std::filesystem::path& input);
  ~ReadingProgress();
  ReadingProgress(const ReadingProgress&) = delete;
  ReadingProgress& operator=(const ReadingProgress&) = delete;
  void row(std::uint64_t bytes_taken) {
    if (++rows_ % 4096 == 0) tell(bytes_taken);
  }

 private:
  void tell(std::uint64_t bytes_taken);
  const RunContext& context_;
  std::uint64_t rows_ = 0, told_ = 0;
};

}  // namespace npo
