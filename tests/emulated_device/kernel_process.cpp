#include "tests/emulated_device/kernel_process.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <new>
#include <numeric>
#include <string>

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace npo::emulated {
namespace {

constexpr unsigned most_threads = 1024;
constexpr std::size_t stack_bytes = std::size_t{256} << 10;
constexpr std::size_t most_ranges = 4096;
constexpr std::size_t most_parameter_bytes = 4096;  // what every architecture takes
constexpr unsigned steps_in_turn = 100;             // of a thread, before another one goes on, on average
constexpr int fault_status = 3, barrier_status = 4;

struct Range {
  std::uintptr_t begin, end;
};

/// A stack for one thread at a time; a thread that is stopped keeps it.
struct Fiber {
  ucontext_t context;
  unsigned thread;
};

/// Fibers, in no order.
struct FiberList {
  Fiber* item[most_threads];
  unsigned size;

  void put(Fiber* fiber) { item[size++] = fiber; }
  Fiber* take(unsigned place) {
    Fiber* taken = item[place];
    item[place] = item[--size];
    return taken;
  }
};

/// All that the kernel's process uses lies here, in pages it shares with nobody's heap or stack.
struct Arena {
  alignas(64) std::byte parameters[most_parameter_bytes];
  void (*invoke)(const void*);
  const DeviceMemory* memory;
  std::uint64_t launch;
  Range host[most_ranges];  ///< what the kernel must not see
  std::size_t host_ranges;
  unsigned threads, started, finished;
  std::uint64_t dice;
  unsigned left;  ///< steps that the current thread goes on
  ucontext_t outside, scheduler;
  Fiber* current;  ///< null outside a thread
  Fiber fiber[most_threads];
  FiberList idle, ready, waiting;
  alignas(64) std::byte stack[most_threads + 1][stack_bytes];
};

Arena* arena = nullptr;
bool is_kernel = false;  ///< this process is a kernel's; the host's threads run drivers beside it

void say_and_exit(const char* text, const void* address, int status) {
  char line[256];
  const int length = std::snprintf(line, sizeof line, "emulated device: %s %p in block (%u, %u), thread %u\n",
                                   text, address, blockIdx.x, blockIdx.y, threadIdx.x);
  if (write(STDERR_FILENO, line, static_cast<std::size_t>(length)) < 0) _exit(status + 1);
  _exit(status);
}

void on_fault(int, siginfo_t* info, void*) {
  say_and_exit("a kernel touched", info->si_addr, fault_status);
}

/// Item `i` of `count` in an order that `launch` chooses.
unsigned scrambled(unsigned i, unsigned count, std::uint64_t launch) {
  std::uint64_t step = (launch * 0x9E3779B97F4A7C15u >> 33) % count;
  while (std::gcd(step, std::uint64_t{count}) != 1) ++step;
  return static_cast<unsigned>((launch + i * step) % count);
}

/// A number below `limit` that only the launch and what ran before decide.
unsigned roll(unsigned limit) {
  arena->dice = arena->dice * 6364136223846793005u + 1442695040888963407u;
  return static_cast<unsigned>((arena->dice >> 33) % limit);
}

/// Stops the current thread; the scheduler chooses who goes on.
void stop(FiberList& list) {
  Fiber* self = arena->current;
  arena->current = nullptr;
  list.put(self);
  swapcontext(&self->context, &arena->scheduler);
}

/// A fiber runs threads to their ends, one after the other, until there are none to start.
void run_fiber() {
  Fiber* self = arena->current;
  for (;;) {
    while (arena->started < arena->threads) {
      self->thread = scrambled(arena->started++, arena->threads, arena->launch);
      threadIdx = {self->thread, 0, 0};
      arena->invoke(arena->parameters);
      ++arena->finished;
    }
    stop(arena->idle);
  }
}

void resume(Fiber* fiber) {
  arena->current = fiber;
  threadIdx = {fiber->thread, 0, 0};
  arena->left = 1 + roll(2 * steps_in_turn);
  swapcontext(&arena->scheduler, &fiber->context);
}

void make_fibers() {
  for (unsigned k = arena->threads; k-- > 0;) {
    Fiber& fiber = arena->fiber[k];
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = arena->stack[k];
    fiber.context.uc_stack.ss_size = stack_bytes;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, run_fiber, 0);
    arena->idle.put(&fiber);
  }
}

void run_block() {
  arena->started = arena->finished = 0;
  while (arena->finished < arena->threads) {
    const bool more = arena->started < arena->threads;
    if (more && (arena->ready.size == 0 || roll(2) == 0)) {
      resume(arena->idle.take(arena->idle.size - 1));
    } else if (arena->ready.size > 0) {
      resume(arena->ready.take(roll(arena->ready.size)));
    } else {
      if (arena->finished > 0) say_and_exit("a barrier is missed by some threads", nullptr, barrier_status);
      std::swap(arena->ready, arena->waiting);
    }
  }
}

/// The kernel's process, on a stack of the arena.
void run_blocks() {
  arena->memory->open_arrays();
  for (std::size_t k = 0; k < arena->host_ranges; ++k)
    mprotect(reinterpret_cast<void*>(arena->host[k].begin), arena->host[k].end - arena->host[k].begin,
             PROT_NONE);
  make_fibers();
  const std::uint64_t blocks = std::uint64_t{gridDim.x} * gridDim.y;
  for (std::uint64_t k = 0; k < blocks; ++k) {
    const unsigned column = scrambled(static_cast<unsigned>(k % gridDim.x), gridDim.x, arena->launch);
    blockIdx = {column, scrambled(static_cast<unsigned>(k / gridDim.x), gridDim.y, arena->launch), 0};
    run_block();
  }
  _exit(0);
}

/// Pages around the variables of this thread that libraries need, which may lie amid pages of the heap.
Range thread_variables() {
  constexpr std::uintptr_t page = 4096;
  const auto low = reinterpret_cast<std::uintptr_t>(&errno);
  const auto high = reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
  return {low / page * page - page, high / page * page + 2 * page};
}

/// Heap and stacks of this process: its writable pages that no file backs, but for zeroed data of libraries,
/// which lies behind their files, and the thread's own variables.
void list_host_memory() {
  arena->host_ranges = 0;
  const auto close = [](std::uintptr_t begin, std::uintptr_t end) {
    if (begin < end && arena->host_ranges < most_ranges) arena->host[arena->host_ranges++] = {begin, end};
  };
  const Range keep = thread_variables();
  std::ifstream maps("/proc/self/maps");
  std::string line;
  std::uintptr_t end_of_file_pages = 0;
  while (std::getline(maps, line)) {
    Range range{};
    char mode[5] = "";
    unsigned long file = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %4s %*x %*s %lu", &range.begin, &range.end, mode, &file) != 4)
      continue;
    const bool zeroed_data = range.begin == end_of_file_pages;
    if (file != 0 && mode[3] == 'p') end_of_file_pages = range.end;
    if (file != 0 || zeroed_data || std::strcmp(mode, "rw-p") != 0) continue;
    close(range.begin, std::min(range.end, keep.begin));
    close(std::max(range.begin, keep.end), range.end);
  }
}

[[noreturn]] void enter_kernel() {
  is_kernel = true;
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);
  getcontext(&arena->scheduler);
  arena->scheduler.uc_stack.ss_sp = arena->stack[most_threads];
  arena->scheduler.uc_stack.ss_size = stack_bytes;
  arena->scheduler.uc_link = nullptr;
  makecontext(&arena->scheduler, run_blocks, 0);
  swapcontext(&arena->outside, &arena->scheduler);
  _exit(barrier_status);
}

}  // namespace

void wait_for_block() {
  stop(arena->waiting);
}

bool run_grid(const DeviceMemory& memory, const cudaLaunchConfig_t& config, const KernelCall& call,
              std::uint64_t launch) {
  if (arena == nullptr) {
    void* place = mmap(nullptr, sizeof(Arena), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) return false;
    arena = new (place) Arena;
  }
  if (call.size > most_parameter_bytes) return false;
  std::memcpy(arena->parameters, call.bytes, call.size);
  arena->invoke = call.invoke;
  arena->memory = &memory;
  arena->launch = launch;
  arena->threads = config.blockDim.x;
  arena->dice = launch;
  arena->current = nullptr;
  arena->idle.size = arena->ready.size = arena->waiting.size = 0;
  gridDim = config.gridDim;
  blockDim = config.blockDim;
  list_host_memory();
  const pid_t child = fork();
  if (child == 0) enter_kernel();
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace npo::emulated

/// Called by g++ at every basic block of the drivers (-fsanitize-coverage=trace-pc): where threads take
/// turns.
extern "C" void __sanitizer_cov_trace_pc() {
  using namespace npo::emulated;
  if (!is_kernel || arena->current == nullptr || --arena->left > 0) return;
  stop(arena->ready);
}
