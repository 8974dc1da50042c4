#include "host/nightly_config.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/strict_object.hpp"
#include "host/time_text.hpp"
#include "host/toml_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : folder_(file.parent_path()), document_(read_toml(file)), root_(document_, file.string(), "") {}

  NightlyConfig read() {
    NightlyConfig config;
    config.scenarios = required("scenarios");
    config.labels = config.scenarios;
    if (root_.has("labels")) config.labels = required("labels");
    config.model = required("model");
    config.policy = required("policy");
    config.state = required("state");
    config.output = required("output");
    std::int64_t seed = 0;
    root_.whole("seed", closed(0, 9007199254740992.0), seed);
    config.seed = static_cast<std::uint64_t>(seed);
    if (root_.has("alert_budget")) {
      std::int64_t budget = 0;
      root_.whole("alert_budget", at_least(0), budget);
      config.alert_budget = budget;
    }
    root_.toggle("retrain", config.retrain);
    read_feedback(config);
    read_nights(config);
    read_gates(config);
    root_.finish();
    return config;
  }

 private:
  std::string in_folder(const std::string& path) const {
    return std::filesystem::path(path).is_absolute() ? path : (folder_ / path).string();
  }

  std::string required(const std::string& key) {
    std::string path;
    root_.text(key, path);
    if (path.empty()) root_.refuse(key, "is missing", "give it as a path relative to this file");
    return in_folder(path);
  }

  /// Calls `read` with the table of this name, where there is one.
  template <class Read>
  void table(const std::string& name, const Read& read) {
    const nlohmann::json* child = root_.child(name);
    if (!child) return;
    StrictObject object(*child, root_.origin(), name);
    read(object);
    object.finish();
  }

  void read_feedback(NightlyConfig& config) {
    table("feedback", [&](StrictObject& object) {
      object.toggle("hindsight", config.hindsight);
      std::string truth;
      object.text("operators", truth);
      if (!truth.empty()) config.operators = in_folder(truth);
    });
  }

  void read_nights(NightlyConfig& config) {
    table("nights", [&](StrictObject& object) {
      for (const auto& [key, slot] : {std::pair{"first", &config.first}, std::pair{"last", &config.last}}) {
        std::string text;
        object.text(key, text);
        if (!text.empty()) *slot = parse_time(text);
      }
    });
  }

  void read_gates(NightlyConfig& config) {
    table("gates", [&](StrictObject& object) {
      for (const auto& [key, slot] :
           {std::pair{"override_rate", &config.gates.override_rate}, std::pair{"loss", &config.gates.loss},
            std::pair{"drift", &config.gates.drift}}) {
        if (!object.has(key)) continue;
        double value = 0.0;
        object.number(key, closed(0.0, 1.0), value);
        *slot = value;
      }
    });
  }

  std::filesystem::path folder_;
  nlohmann::json document_;
  StrictObject root_;
};

std::filesystem::path with_date(std::string path, UnixSeconds night) {
  const auto at = path.find("{date}");
  if (at != std::string::npos) path.replace(at, 6, format_time(night - night % seconds_per_day));
  return path;
}

}  // namespace

std::filesystem::path NightlyConfig::scenarios_of(UnixSeconds night) const {
  return with_date(scenarios, night);
}
std::filesystem::path NightlyConfig::labels_of(UnixSeconds night) const {
  return with_date(labels, night);
}

NightlyConfig read_nightly_config(const std::filesystem::path& path) {
  return Reader(path).read();
}

}  // namespace npo
