#include "host/beta_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "host/flat_yaml.hpp"
#include "io/atomic_file.hpp"
#include "io/closest_name.hpp"
#include "io/csv/csv_reader.hpp"
#include "io/csv/csv_values.hpp"
#include "io/strict_json.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

constexpr const char* forms =
    "write lists `alpha` and `beta` of one length, or {\"arm\": [a, b], ...} in JSON";

[[noreturn]] void refuse(const std::string& where, const std::string& problem,
                         const std::string& remedy = forms) {
  throw Error(ErrorKind::bad_data, fmt::format("{}: {}", where, problem), remedy);
}

void add(BetaTable& table, const std::string& arm, double a, double b, const std::string& where) {
  for (const double shape : {a, b})
    if (!(shape >= 1.0 && shape <= 1e9))
      refuse(where, fmt::format("arm {} has a Beta shape of {}, outside [1, 1e9]", arm, shape),
             "give shapes with the prior included, which is at least 1");
  table.arms.push_back(arm);
  table.a.push_back(a);
  table.b.push_back(b);
}

bool holds_lists(const Json& json) {
  return json.is_object() && json.contains("alpha") && json.contains("beta");
}

double number(const Json& value, const std::string& where) {
  if (!value.is_number()) refuse(where, fmt::format("{} is not a number", value.dump()));
  return value.get<double>();
}

BetaTable from_lists(const Json& json, const std::string& where) {
  const Json &alpha = json["alpha"], &beta = json["beta"];
  if (!alpha.is_array() || !beta.is_array()) refuse(where, "alpha and beta are not lists");
  if (alpha.size() != beta.size())
    refuse(where, fmt::format("alpha has {} numbers, beta has {}", alpha.size(), beta.size()));
  BetaTable table;
  for (std::size_t k = 0; k < alpha.size(); ++k)
    add(table, std::to_string(k), number(alpha[k], where), number(beta[k], where), where);
  return table;
}

BetaTable from_pairs(const Json& json, const std::string& where) {
  BetaTable table;
  for (const auto& [arm, shapes] : json.items()) {
    if (!shapes.is_array() || shapes.size() != 2) refuse(where, fmt::format("arm {} has no two shapes", arm));
    add(table, arm, number(shapes[0], where), number(shapes[1], where), where);
  }
  return table;
}

BetaTable from_document(const Json& json, const std::string& path, const std::string& table) {
  if (!json.is_object() || json.empty()) refuse(path, "holds no Beta parameters");
  if (holds_lists(json)) return from_lists(json, path);
  if (json.begin()->is_array()) return from_pairs(json, path);
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  const std::string wanted = table.empty() && keys.size() == 1 ? keys.front() : table;
  if (wanted.empty())
    throw Error(ErrorKind::usage, fmt::format("{} holds the tables {}", path, fmt::join(keys, ", ")),
                "say which one with --table");
  if (!json.contains(wanted))
    throw Error(ErrorKind::usage, fmt::format("{} has no table `{}`", path, wanted),
                suggest_name(wanted, keys, fmt::format("it has {}", fmt::join(keys, ", "))));
  const std::string where = fmt::format("{}, table {}", path, wanted);
  const Json& chosen = json[wanted];
  if (holds_lists(chosen)) return from_lists(chosen, where);
  if (chosen.is_object()) return from_pairs(chosen, where);
  refuse(where, "holds no Beta parameters");
}

BetaTable from_csv(const std::filesystem::path& path) {
  csv::Reader csv = csv::open_csv(path);
  const std::size_t arm = csv.column("arm"), a = csv.column("alpha"), b = csv.column("beta");
  BetaTable table;
  std::set<std::string> seen;
  while (csv.next()) {
    const std::string name(csv::read_text(csv, arm, 256));
    if (!seen.insert(name).second) csv.refuse(arm, "comes twice", "give each arm once");
    add(table, name, csv::read_double(csv, a), csv::read_double(csv, b), csv.where());
  }
  return table;
}

}  // namespace

BetaTable read_beta_table(const std::filesystem::path& path, const std::string& table) {
  const std::string ending = path.extension().string();
  BetaTable made;
  if (ending == ".csv") {
    made = from_csv(path);
  } else {
    const std::string text = read_text(path), name = path.string();
    made = from_document(ending == ".json" ? strict_json::parse(text, name) : flat_yaml_to_json(text, name),
                         name, table);
  }
  if (made.arms.size() < 2 || made.arms.size() > 1000)
    refuse(path.string(), fmt::format("there are {} arms", made.arms.size()), "give 2 to 1000 arms");
  return made;
}

}  // namespace npo
