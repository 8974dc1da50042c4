#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace npo {

struct SortOptions {
  std::size_t record_bytes = 0;
  std::size_t key_bytes =
      0;  ///< records are ordered by memcmp of their first `key_bytes`; 0 keeps the order of arrival
  std::size_t budget_bytes = std::size_t{256} << 20;  ///< memory; what does not fit goes to a temporary file
  std::filesystem::path folder = ".";                 ///< where that file lives
  int threads = 1;                                    ///< above 1, full blocks are sorted while others fill
};

/// Sorts any number of fixed-size records in bounded memory. Stable: records with equal keys come in the
/// order of arrival, all of them. Error(environment) when the temporary file cannot be written or read.
class ExternalSort {
 public:
  explicit ExternalSort(const SortOptions& options);
  ~ExternalSort();
  ExternalSort(ExternalSort&&) noexcept;
  ExternalSort& operator=(ExternalSort&&) noexcept;

  /// Room for one more record, to be filled before the next call.
  std::byte* add();
  std::uint64_t records() const;
  /// Bytes that went to the temporary file so far.
  std::uint64_t spilled_bytes() const;

  /// Goes to the first record. Nothing may be added after the first call; it may be called again.
  void rewind();
  /// The next record in order, or null at the end; the pointer lives until the next call.
  const std::byte* next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace npo
