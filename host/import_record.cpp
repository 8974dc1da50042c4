#include "host/import_record.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "io/csv/timestamp.hpp"

namespace npo {
namespace {

static_assert(std::endian::native == std::endian::little);

std::byte* put_bytes(std::byte* at, const void* from, std::size_t count) {
  std::memcpy(at, from, count);
  return at + count;
}

std::byte* put_big_endian(std::byte* at, std::uint64_t value) {
  const std::uint64_t swapped = __builtin_bswap64(value);
  return put_bytes(at, &swapped, sizeof swapped);
}

std::uint64_t get_big_endian(const std::byte* at) {
  std::uint64_t swapped;
  std::memcpy(&swapped, at, sizeof swapped);
  return __builtin_bswap64(swapped);
}

/// Signed times in the order of unsigned numbers.
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
std::uint64_t ordered(UnixSeconds time) {
  return static_cast<std::uint64_t>(time) ^ sign_bit;
}
UnixSeconds unordered(std::uint64_t bits) {
  return static_cast<UnixSeconds>(bits ^ sign_bit);
}

/// What follows the key, the same in both records.
struct Payload {
  UnixSeconds time, label_known_at;
  std::uint64_t line;
  std::uint32_t fleet;
  std::uint8_t label, only_seen;
};

void put_payload(std::byte* at, const ImportRow& row) {
  Payload payload{};
  payload.time = row.time;
  payload.label_known_at = row.label_known_at;
  payload.line = row.line;
  payload.fleet = row.fleet;
  payload.label = static_cast<std::uint8_t>(row.label);
  payload.only_seen = row.only_seen;
  std::memcpy(at, &payload, sizeof payload);
}

ImportRow get_payload(const std::byte* at) {
  Payload payload;
  std::memcpy(&payload, at, sizeof payload);
  ImportRow row;
  row.time = payload.time;
  row.label_known_at = payload.label_known_at;
  row.line = payload.line;
  row.fleet = payload.fleet;
  row.label = static_cast<Label>(payload.label);
  row.only_seen = payload.only_seen != 0;
  return row;
}

std::byte label_rank(Label label) {
  return label == Label::yes ? std::byte{0} : label == Label::unknown ? std::byte{1} : std::byte{2};
}

constexpr std::size_t spool_key = max_id_bytes + 8 + 1 + 8;

}  // namespace

std::size_t SpooledRow::key_bytes() const {
  return spool_key;
}

std::size_t SpooledRow::record_bytes() const {
  return spool_key + sizeof(Payload) + features_ * sizeof(float);
}

void SpooledRow::put(std::byte* record, const ImportRow& row, std::span<const float> features) const {
  std::memset(record, 0, max_id_bytes);
  std::memcpy(record, row.id.data(), row.id.size());
  std::byte* at = put_big_endian(record + max_id_bytes, ~ordered(row.time));
  *at++ = label_rank(row.label);
  at = put_big_endian(at, row.line);
  put_payload(at, row);
  std::memcpy(at + sizeof(Payload), features.data(), features.size_bytes());
}

ImportRow SpooledRow::get(const std::byte* record) const {
  ImportRow row = get_payload(record + spool_key);
  const char* id = reinterpret_cast<const char*>(record);
  row.id = {id, ::strnlen(id, max_id_bytes)};
  return row;
}

const std::byte* SpooledRow::features(const std::byte* record) const {
  return record + spool_key + sizeof(Payload);
}

std::size_t NightRow::key_bytes() const {
  return 8 + id_.bytes + 8;
}

std::size_t NightRow::record_bytes() const {
  return key_bytes() + sizeof(Payload) + features_ * sizeof(float);
}

void NightRow::put(std::byte* record, const ImportRow& row, const std::byte* features) const {
  std::byte* at = put_big_endian(record, ordered(csv::day_of(row.time)));
  if (id_.text) {
    std::memset(at, 0, id_.bytes);
    std::memcpy(at, row.id.data(), row.id.size());
  } else {
    std::uint64_t number = 0;
    std::from_chars(row.id.data(), row.id.data() + row.id.size(), number);
    put_big_endian(at, number);
  }
  at = put_big_endian(at + id_.bytes, row.line);
  put_payload(at, row);
  std::memcpy(at + sizeof(Payload), features, features_ * sizeof(float));
}

ImportRow NightRow::get(const std::byte* record) const {
  return get_payload(record + key_bytes());
}

UnixSeconds NightRow::night(const std::byte* record) const {
  return unordered(get_big_endian(record));
}

void NightRow::stored_id(const std::byte* record, std::byte* out) const {
  if (id_.text) {
    std::memcpy(out, record + 8, id_.bytes);
  } else {
    const std::uint64_t number = get_big_endian(record + 8);
    std::memcpy(out, &number, sizeof number);
  }
}

std::string_view NightRow::identity(const std::byte* record) const {
  return {reinterpret_cast<const char*>(record), 8 + id_.bytes};
}

const std::byte* NightRow::features(const std::byte* record) const {
  return record + key_bytes() + sizeof(Payload);
}

bool is_canonical_number(std::string_view id) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (id.empty() || !std::all_of(id.begin(), id.end(), digit) || (id[0] == '0' && id.size() > 1))
    return false;
  std::uint64_t value = 0;
  return std::from_chars(id.data(), id.data() + id.size(), value).ec == std::errc{};
}

}  // namespace npo
