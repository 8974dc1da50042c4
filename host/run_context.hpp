#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "io/h5_file.hpp"
#include "kernels/parallel_for.hpp"
#include "kernels/simd_level.hpp"

namespace npo {

/// Where long work reports to. Thread-safe. Implementations: a bar, JSON lines, nothing.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void begin(std::string_view stage, std::uint64_t total, std::string_view unit) = 0;
  virtual void advance(std::uint64_t done) = 0;
  virtual void end() = 0;
  /// A line for a person: something found or decided on the way.
  virtual void note(std::string_view text) = 0;
};

/// Reports nothing.
Progress& silent_progress();

enum class DeviceKind { cpu, cuda };

/// How to run, never what to compute: nothing here changes a result, except the seed, which is part of the
/// question.
struct RunContext {
  int threads = 1;
  SimdLevel simd = SimdLevel::scalar;
  DeviceKind device = DeviceKind::cpu;
  int device_index = 0;
  std::uint64_t batch_rows = 8192;
  std::uint64_t shard_rows = 262144;  ///< a multiple of 4096
  h5::Compression compression;
  bool overwrite = false, resume = false, dry_run = false;
  std::uint64_t seed = 0;
  Progress* progress = nullptr;             ///< null: silent
  const std::atomic<bool>* stop = nullptr;  ///< set by SIGINT and SIGTERM

  Progress& report() const { return progress ? *progress : silent_progress(); }
  /// Throws Error(interrupted) when a stop was asked for.
  void check_stop() const;
};

/// All logical CPUs this process may run on.
int available_threads();

/// Calls work(index) for every index in [0, count) on `threads` threads; indices are handed out in order. The
/// first exception stops the handing out and is rethrown on the calling thread.
void parallel_for(int threads, std::uint64_t count, const std::function<void(std::uint64_t)>& work);

/// The same over the context's threads, for kernels.
ParallelFor parallel_over(const RunContext& context);

}  // namespace npo
