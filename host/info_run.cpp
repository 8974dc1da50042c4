#include "host/info_run.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/file_facts.hpp"
#include "host/file_kind.hpp"

namespace npo {
namespace {

using Facts = nlohmann::ordered_json;

std::string scalar_text(const Facts& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Lists of plain values stand on one line, the first few and how many there are.
std::string list_text(const Facts& list) {
  constexpr std::size_t shown = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(list.size(), shown); ++i)
    text += (i ? ", " : "") + scalar_text(list[i]);
  if (list.size() > shown) text += fmt::format(", ... ({} in all)", list.size());
  return text;
}

bool nested(const Facts& value) {
  return value.is_object() || (value.is_array() && !value.empty() && value.front().is_structured());
}

void append_facts(const Facts& facts, const std::string& indent, std::string& text) {
  for (const auto& [key, value] : facts.items()) {
    if (!nested(value)) {
      text +=
          fmt::format("{}{}: {}\n", indent, key, value.is_array() ? list_text(value) : scalar_text(value));
      continue;
    }
    text += fmt::format("{}{}:\n", indent, key);
    append_facts(value, indent + "  ", text);
  }
}

}  // namespace

Facts info_run(const std::filesystem::path& path) {
  const FileKind kind = file_kind(path);
  Facts facts{{"path", path.string()}, {"kind", name_of(kind)}};
  facts.update(facts_of(kind, path));
  return facts;
}

std::string facts_text(const Facts& facts) {
  std::string text;
  append_facts(facts, "", text);
  return text;
}

}  // namespace npo
