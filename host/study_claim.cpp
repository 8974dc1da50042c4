#include "host/study_claim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/error.hpp"
#include "kernels/study_point.hpp"

namespace npo {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<std::string_view, ClaimKind>, 8> kinds{{{"equals", ClaimKind::equals},
                                                                       {"below", ClaimKind::below},
                                                                       {"above", ClaimKind::above},
                                                                       {"within", ClaimKind::within},
                                                                       {"order", ClaimKind::order},
                                                                       {"slope", ClaimKind::slope},
                                                                       {"lag", ClaimKind::lag},
                                                                       {"rebound", ClaimKind::rebound}}};

/// Takes the keys of one claim, those of its kind included.
class ClaimReader {
 public:
  ClaimReader(const json& given, const std::string& origin, const std::string& path)
      : object_(given, origin, path) {
    claim_.definition = given;
  }

  StudyClaim read() {
    for (const auto& [key, text] : {std::pair{"name", &claim_.name}, std::pair{"metric", &claim_.metric}}) {
      object_.text(key, *text);
      if (text->empty()) object_.refuse(key, "is missing", "every claim has a name, a kind and a metric");
    }
    object_.text("statement", claim_.statement);
    object_.text("source", claim_.source);
    if (!object_.has("kind")) object_.refuse("kind", "is missing", "see docs/formats/study.md");
    object_.choice<ClaimKind>("kind", kinds, claim_.kind);
    std::string statistic = "mean";
    object_.word("statistic", {"mean", "variance"}, statistic);
    claim_.variance = statistic == "variance";
    object_.number("level", open(0, 1), claim_.level);
    table("where", claim_.where);
    read_kind();
    if (claim_.kind != ClaimKind::lag && claim_.kind != ClaimKind::rebound) read_checkpoints();
    object_.finish();
    return std::move(claim_);
  }

 private:
  void read_kind() {
    switch (claim_.kind) {
      case ClaimKind::equals:
        formula("value", claim_.value, true);
        formula("tolerance", claim_.tolerance, false);
        formula("resolution", claim_.resolution, false);
        break;
      case ClaimKind::order: {
        table("than", claim_.than);
        if (claim_.than.empty()) object_.refuse("than", "is missing", "name the points to compare with");
        std::string relation = "less";
        object_.word("relation", {"less", "greater"}, relation);
        claim_.greater = relation == "greater";
        formula("margin", claim_.margin, false);
        break;
      }
      case ClaimKind::lag:
        read_after();
        formula("margin", claim_.margin, true);
        formula("high", claim_.high, true);
        break;
      case ClaimKind::rebound:
        read_after();
        read_bounds(false, false);
        break;
      case ClaimKind::slope:
        object_.toggle("log", claim_.log);
        read_bounds(false, false);
        break;
      default:
        read_bounds(claim_.kind != ClaimKind::below, claim_.kind != ClaimKind::above);
    }
  }

  /// `low` and `high`, as far as the kind knows them; at least one must be there.
  void read_bounds(bool needs_low, bool needs_high) {
    if (claim_.kind != ClaimKind::below) formula("low", claim_.low, needs_low);
    if (claim_.kind != ClaimKind::above) formula("high", claim_.high, needs_high);
    if (!claim_.low && !claim_.high)
      object_.refuse("high", "and low are missing", "give at least one of them");
  }

  void read_after() {
    std::int64_t after = 0;
    object_.whole("after", closed(1, max_horizon), after);
    if (after == 0) object_.refuse("after", "is missing", "give the episode of the drift");
    claim_.after = static_cast<std::uint32_t>(after);
  }

  void formula(const char* key, std::optional<Expression>& slot, bool needed) {
    const json* given = object_.child(key);
    if (!given && needed) object_.refuse(key, "is missing", "give a number or a formula in quotes");
    if (!given) return;
    if (given->is_number()) {
      slot.emplace(given->get<double>());
    } else if (given->is_string()) {
      try {
        slot.emplace(given->get<std::string>());
      } catch (const Error& error) {
        throw Error(ErrorKind::usage,
                    fmt::format("{}: {}: {}", object_.origin(), object_.full(key), error.what()));
      }
    } else {
      object_.refuse(key, "is neither a number nor a text", "give a number or a formula in quotes");
    }
  }

  void table(const char* key, json& slot) {
    const json* given = object_.child(key);
    if (!given) return;
    if (!given->is_object())
      object_.refuse(key, "is not a table of parameters", "write { eta = 0.1, policy = \"ucb1\" }");
    slot = *given;
  }

  void read_checkpoints() {
    const json* given = object_.child("at");
    if (!given || *given == "last") return;
    const std::string remedy =
        "give an episode, a list of them, \"last\", \"all\", or { from = 10, to = 100 }";
    const auto episode = [&](const json& value) {
      if (!value.is_number_integer() || !closed(1, max_horizon).holds(value.get<double>()))
        object_.refuse("at", fmt::format("= {} is no episode", value.dump()), remedy);
      return value.get<std::uint32_t>();
    };
    if (*given == "all") {
      claim_.at.kind = CheckpointChoice::Kind::all;
    } else if (given->is_object()) {
      claim_.at.kind = CheckpointChoice::Kind::span;
      StrictObject span(*given, object_.origin(), object_.full("at"));
      std::int64_t from = 1, to = max_horizon;
      span.whole("from", closed(1, max_horizon), from);
      span.whole("to", closed(1, max_horizon), to);
      span.finish();
      claim_.at.from = static_cast<std::uint32_t>(from);
      claim_.at.to = static_cast<std::uint32_t>(to);
    } else {
      claim_.at.kind = CheckpointChoice::Kind::list;
      if (!given->is_array()) {
        claim_.at.list = {episode(*given)};
        return;
      }
      for (const json& value : *given) claim_.at.list.push_back(episode(value));
    }
  }

  StrictObject object_;
  StudyClaim claim_;
};

}  // namespace

std::string_view name_of(ClaimKind kind) {
  return name_in<ClaimKind>(kinds, kind);
}

std::vector<std::size_t> CheckpointChoice::positions(const std::vector<std::uint32_t>& checkpoints) const {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < checkpoints.size(); ++i) {
    const std::uint32_t t = checkpoints[i];
    if (kind == Kind::all || (kind == Kind::last && i + 1 == checkpoints.size()) ||
        (kind == Kind::list && std::ranges::find(list, t) != list.end()) ||
        (kind == Kind::span && t >= from && t <= to))
      chosen.push_back(i);
  }
  return chosen;
}

StudyClaim read_claim(const json& given, const std::string& origin, const std::string& path) {
  return ClaimReader(given, origin, path).read();
}

}  // namespace npo
