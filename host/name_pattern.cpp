#include "host/name_pattern.hpp"

namespace npo {

NamePattern::NamePattern(std::string_view text) {
  const std::size_t star = text.find('*');
  open_ = star != std::string_view::npos;
  before_ = std::string(text.substr(0, star));
  if (open_) behind_ = std::string(text.substr(star + 1));
}

std::optional<std::string> NamePattern::match(std::string_view name) const {
  if (!open_) return name == before_ ? std::optional(before_) : std::nullopt;
  if (name.size() <= before_.size() + behind_.size() || !name.starts_with(before_) ||
      !name.ends_with(behind_))
    return std::nullopt;
  return std::string(name.substr(before_.size(), name.size() - before_.size() - behind_.size()));
}

std::vector<std::string> NamePattern::among(const std::vector<std::string>& names) const {
  std::vector<std::string> fitting;
  for (const std::string& name : names)
    if (match(name)) fitting.push_back(name);
  return fitting;
}

std::string NamePattern::with(std::string_view text) const {
  return open_ ? before_ + std::string(text) + behind_ : before_;
}

}  // namespace npo
