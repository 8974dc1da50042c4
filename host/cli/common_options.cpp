#include "host/cli/common_options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "kernels/device.hpp"
#include "kernels/error.hpp"

namespace npo::cli {
namespace {

int digits_after(const std::string& text, const std::string& prefix, int most, const std::string& remedy) {
  int value = -1;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + prefix.size(), end, value);
  if (failure != std::errc{} || stop != end || value < 0 || value > most)
    throw Error(ErrorKind::usage, fmt::format("= {} is unknown", text), remedy);
  return value;
}

h5::Compression parse_compression(const std::string& text) {
  const std::string remedy = "write none, gzip or gzip:1 to gzip:9";
  if (text == "none") return {.gzip_level = 0, .shuffle = false};
  if (text == "gzip") return {};
  if (!text.starts_with("gzip:")) throw Error(ErrorKind::usage, fmt::format("= {} is unknown", text), remedy);
  const int level = digits_after(text, "gzip:", 9, remedy);
  if (level == 0) throw Error(ErrorKind::usage, "= gzip:0 does not compress", "write none");
  return {.gzip_level = level};
}

/// Device and index of "cpu", "cuda" and "cuda:I".
std::pair<DeviceKind, int> parse_device(const std::string& text) {
  const std::string remedy = "write auto, cpu, cuda or cuda:0";
  if (text == "auto" || text == "cpu") return {DeviceKind::cpu, 0};
  if (text == "cuda") return {DeviceKind::cuda, 0};
  if (!text.starts_with("cuda:")) throw Error(ErrorKind::usage, fmt::format("= {} is unknown", text), remedy);
  if (text.find(',') != std::string::npos)
    throw Error(
        ErrorKind::usage, fmt::format("= {} names several GPUs, and one run uses one", text),
        "name one of them; several share a study when each runs a part of it (npo study --shard I/N)");
  return {DeviceKind::cuda, digits_after(text, "cuda:", 1023, remedy)};
}

SimdLevel level_named(const std::string& name) {
  for (const SimdLevel level : {SimdLevel::scalar, SimdLevel::avx2, SimdLevel::avx512})
    if (name_of(level) == name) return level;
  return widest_simd_level();
}

}  // namespace

CommonOptions::CommonOptions() {
  how_.threads = available_threads();
}

void CommonOptions::declare(OptionSet& options) {
  options.toggle("json", json, "print the report as JSON on stdout");
  options.choice("progress", progress, {"auto", "bar", "json", "none"}, "how to show progress on stderr");
  options.toggle("quiet", quiet, "print nothing but errors and what was asked for");
  options.count("threads", how_.threads, 1, "threads to use", 4096);
  options.count("seed", how_.seed, 0, "seed of every random draw; part of the question");
  options.custom({.name = "device",
                  .meta = "auto|cpu|cuda[:I]",
                  .help = "where to compute; the results are the same bits",
                  .assign = [this](const auto& values) { parse_device(device_ = values.front()); },
                  .value = [this] { return device_; }});
  options.choice("simd", simd_, {"auto", "scalar", "avx2", "avx512"},
                 "lanes of the CPU; the results are the same bits");
  options.count("batch-rows", how_.batch_rows, 1, "rows scored at a time", std::uint64_t{1} << 32);
  options.custom({.name = "shard-rows",
                  .meta = "N",
                  .help = "rows of an output shard, a multiple of 4096",
                  .assign =
                      [this](const auto& values) {
                        OptionSet plain;
                        plain.count("", how_.shard_rows, 4096, "").assign(values);
                        if (how_.shard_rows % tile_rows != 0)
                          throw Error(ErrorKind::usage, fmt::format("= {} is not a multiple of {}",
                                                                    how_.shard_rows, tile_rows));
                      },
                  .value = [this] { return how_.shard_rows; }});
  options.custom({.name = "compress",
                  .meta = "none|gzip[:LEVEL]",
                  .help = "compression of output files",
                  .assign =
                      [this](const auto& values) {
                        how_.compression = parse_compression(values.front());
                        compress_ = values.front();
                      },
                  .value = [this] { return compress_; }});
  options.toggle("overwrite", how_.overwrite, "replace an output that exists");
  options.toggle("resume", how_.resume, "go on with an interrupted run of the same command");
  options.toggle("dry-run", how_.dry_run, "say what would be done, write nothing");
  options.path("config", config, "TOML file with values for these flags").flag_only = true;
  options
      .toggle("dump-config", dump_config, "print the resolved configuration and where each value came from")
      .flag_only = true;
  Option& show_help = options.toggle("help", help, "print this page");
  show_help.flag_only = true;
  show_help.letter = 'h';
  for (Option& option : options.options()) option.common = true;
}

RunContext CommonOptions::context() const {
  RunContext context = how_;
  context.simd = level_named(simd_);
  if (!supports(context.simd))
    throw Error(ErrorKind::device, fmt::format("--simd {}: this machine has no {}", simd_, simd_),
                fmt::format("use --simd auto, which is {} here", name_of(widest_simd_level())));
  std::tie(context.device, context.device_index) = parse_device(device_);
  if (device_ == "auto" && device_count() > 0) context.device = DeviceKind::cuda;
  if (context.device == DeviceKind::cuda) require_device(context.device_index);
  return context;
}

}  // namespace npo::cli
