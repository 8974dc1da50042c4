#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "io/scenario_file.hpp"
#include "kernels/vocabulary.hpp"

/// The fixed-size records that an import sorts; their keys are big-endian, so that memcmp is the order.
namespace npo {

/// One row between the CSV file and the scenario file, apart from its features.
struct ImportRow {
  std::string_view id;
  UnixSeconds time = 0;
  std::uint64_t line = 0;
  std::uint32_t fleet = 0;
  Label label = Label::unknown;
  /// The row says that the scenario was seen, and whether its event happened, but is not imported itself.
  bool only_seen = false;
  UnixSeconds label_known_at = 0;
};

/// Rows as read. Ordered by their whole key they come by id, the latest first, of one time events first, then
/// unknown ones.
class SpooledRow {
 public:
  explicit SpooledRow(std::size_t features) : features_(features) {}
  std::size_t record_bytes() const;
  std::size_t key_bytes() const;
  void put(std::byte* record, const ImportRow& row, std::span<const float> features) const;
  /// The id lives as long as the record.
  ImportRow get(const std::byte* record) const;
  const std::byte* features(const std::byte* record) const;

 private:
  std::size_t features_;
};

/// Rows on their way to the file, ordered by night, id as stored and line.
class NightRow {
 public:
  NightRow(IdType id, std::size_t features) : id_(id), features_(features) {}
  std::size_t record_bytes() const;
  std::size_t key_bytes() const;
  /// `features` are the bytes of a spooled row.
  void put(std::byte* record, const ImportRow& row, const std::byte* features) const;
  /// All but the id.
  ImportRow get(const std::byte* record) const;
  UnixSeconds night(const std::byte* record) const;
  /// Writes the id as the scenario file stores it, id.bytes long.
  void stored_id(const std::byte* record, std::byte* out) const;
  /// Night and id, the part of the key that no two rows may share.
  std::string_view identity(const std::byte* record) const;
  const std::byte* features(const std::byte* record) const;

 private:
  IdType id_;
  std::size_t features_;
};

/// Whether an id is a canonical decimal below 2^64: digits without sign or leading zero.
bool is_canonical_number(std::string_view id);

}  // namespace npo
