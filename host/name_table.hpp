#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
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
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  std::string what_;
  std::size_t most_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> codes_;
};

}  // namespace npo
