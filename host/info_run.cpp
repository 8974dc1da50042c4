#include "host/info_run.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/file_kind.hpp"
#include "host/policy.hpp"
#include "io/model_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using Facts = nlohmann::ordered_json;

Facts model_facts(const std::filesystem::path& path) {
  const LogisticModel model = read_model(path);
  Facts features = Facts::array();
  for (const ModelFeature& feature : model.features) features.push_back(feature.name);
  return {{"format_version", model_format_version},
          {"features", features},
          {"digest", to_hex(model_digest(model))},
          {"fit", Facts::parse(model.fit_json)}};
}

Facts policy_facts(const std::filesystem::path& path) {
  const Policy policy = read_policy(path);
  return {{"digest", to_hex(policy_digest(policy))}, {"settings", Facts::parse(policy_to_json(policy))}};
}

Facts facts_of(FileKind kind, const std::filesystem::path& path) {
  switch (kind) {
    case FileKind::model:
      return model_facts(path);
    case FileKind::policy:
      return policy_facts(path);
    default:
      return Facts::object();
  }
}

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
