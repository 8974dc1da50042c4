#include "host/run_context.hpp"

#include <sched.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "kernels/error.hpp"

namespace npo {
namespace {

class Silent final : public Progress {
 public:
  void begin(std::string_view, std::uint64_t, std::string_view) override {}
  void advance(std::uint64_t) override {}
  void end() override {}
  void note(std::string_view) override {}
};

}  // namespace

Progress& silent_progress() {
  static Silent silent;
  return silent;
}

void RunContext::check_stop() const {
  if (stop && stop->load(std::memory_order_relaxed))
    throw Error(ErrorKind::interrupted, "interrupted", "run the same command with --resume to go on");
}

int available_threads() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

void parallel_for(int threads, std::uint64_t count, const std::function<void(std::uint64_t)>& work) {
  std::atomic<std::uint64_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto run = [&] {
    for (std::uint64_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        next = count;
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  };
  const auto helpers = std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max(1, threads)), count);
  std::vector<std::thread> pool;
  for (std::uint64_t i = 1; i < helpers; ++i) pool.emplace_back(run);
  run();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

ParallelFor parallel_over(const RunContext& context) {
  return [threads = context.threads](std::size_t count, const std::function<void(std::size_t)>& work) {
    parallel_for(threads, count, [&](std::uint64_t i) { work(static_cast<std::size_t>(i)); });
  };
}

}  // namespace npo
