#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace npo {

/// A name in which one `*` stands for any text that is not empty; without a star, the name itself.
class NamePattern {
 public:
  explicit NamePattern(std::string_view text);
  bool open() const { return open_; }  ///< whether there is a star
  /// What the star stands for in `name` (the whole name where there is no star), or nothing where it does not
  /// fit.
  std::optional<std::string> match(std::string_view name) const;
  /// The names that fit, in their order.
  std::vector<std::string> among(const std::vector<std::string>& names) const;
  /// The name with `text` for the star.
  std::string with(std::string_view text) const;

 private:
  bool open_;
  std::string before_, behind_;
};

}  // namespace npo
