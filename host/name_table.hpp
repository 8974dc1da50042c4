#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace npo {

/// Gives names codes in order of appearance.
class NameTable {
 public:
  /// `what` names the column in the error that more than `most` different names raise.
  NameTable(std::string what, std::size_t most) : what_(std::move(what)), most_(most) {}

  /// The code of a name, new or known; Error(bad_data) when there are too many.
  std::uint32_t code(std::string_view name);
  /// Names by code.
  const std::vector<std::string>& names() const { return names_; }
  /// The new code of each old one after sorting the names.
  std::vector<std::uint32_t> sort();

 private:
  /// A place of the table: part of the name's hash, and its code, or none.
  struct Place {
    std::uint32_t tag = 0, code = none;
  };
  static constexpr std::uint32_t none = 0xffffffffu;

  /// Where the name stands, or the free place where it would.
  Place& find(std::string_view name, std::size_t hash);
  /// Makes `places` places (a power of two) of the present names.
  void lay_out(std::size_t places);

  std::string what_;
  std::size_t most_;
  std::vector<std::string> names_;
  std::vector<Place> places_;  ///< open addressing, at most half full: one line of the cache for a row
};

}  // namespace npo
