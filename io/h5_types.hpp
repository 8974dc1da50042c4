#pragma once
#include <concepts>
#include <optional>
#include <string>

#include "io/h5_file.hpp"
#include "io/h5_handle.hpp"

/// Private to io/: the few HDF5 types our files hold.
namespace npo::h5 {

/// The stored type, little-endian; text is fixed-length, null-padded UTF-8.
Handle stored_type(Type type, std::size_t text_bytes);

struct FoundType {
  Type type;
  std::size_t text_bytes;
};
/// Which of ours a stored type is; nothing for any other, variable-length and big-endian ones included.
std::optional<FoundType> find_type(hid_t type);

/// For messages: "float32", "uint8", "text of 16 bytes".
std::string type_name(Type type, std::size_t text_bytes = 0);
/// For messages: what a type that is not one of ours looks like.
std::string describe_foreign(hid_t type);

template <class T>
constexpr Type type_for() {
  if constexpr (std::same_as<T, std::uint8_t>)
    return Type::u8;
  else if constexpr (std::same_as<T, std::uint16_t>)
    return Type::u16;
  else if constexpr (std::same_as<T, std::uint32_t>)
    return Type::u32;
  else if constexpr (std::same_as<T, std::uint64_t>)
    return Type::u64;
  else if constexpr (std::same_as<T, std::int64_t>)
    return Type::i64;
  else if constexpr (std::same_as<T, float>)
    return Type::f32;
  else {
    static_assert(std::same_as<T, double>, "not a type of our files");
    return Type::f64;
  }
}

}  // namespace npo::h5
