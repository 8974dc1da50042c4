#include "tests/emulated_device/kernel_process.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

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
constexpr int fault_status = 3, barrier_status = 4;

struct Range {
  std::uintptr_t begin, end;
};

/// Runs the threads of a block in turn, on the stack of a fiber; a thread that waits at a barrier keeps its
/// fiber, and the next one gets another.
struct Fiber {
  ucontext_t context;
  unsigned thread;
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
  unsigned fibers, waiting;
  ucontext_t outside, scheduler;
  Fiber* current;
  Fiber fiber[most_threads];
  Fiber* waits[most_threads];
  alignas(64) std::byte stack[most_threads + 1][stack_bytes];
};

Arena* arena = nullptr;

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

void become(Fiber* fiber, unsigned thread) {
  arena->current = fiber;
  fiber->thread = thread;
  threadIdx = {thread, 0, 0};
}

void run_fiber() {
  Fiber* self = arena->current;
  for (;;) {
    while (arena->started < arena->threads) {
      become(self, scrambled(arena->started++, arena->threads, arena->launch));
      arena->invoke(arena->parameters);
      ++arena->finished;
    }
    swapcontext(&self->context, &arena->scheduler);
  }
}

void start_fiber() {
  Fiber* fiber = &arena->fiber[arena->fibers];
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp = arena->stack[arena->fibers];
  fiber->context.uc_stack.ss_size = stack_bytes;
  fiber->context.uc_link = nullptr;
  makecontext(&fiber->context, run_fiber, 0);
  ++arena->fibers;
  arena->current = fiber;
  swapcontext(&arena->scheduler, &fiber->context);
}

void run_block() {
  arena->started = arena->finished = arena->fibers = arena->waiting = 0;
  while (arena->started < arena->threads) start_fiber();
  while (arena->waiting > 0) {
    if (arena->finished > 0) say_and_exit("a barrier is missed by some threads", nullptr, barrier_status);
    const unsigned released = arena->waiting;
    Fiber* fibers[most_threads];
    std::memcpy(fibers, arena->waits, sizeof fibers);
    arena->waiting = 0;
    for (unsigned k = 0; k < released; ++k) {
      become(fibers[k], fibers[k]->thread);
      swapcontext(&arena->scheduler, &fibers[k]->context);
    }
  }
}

/// The kernel's process, on a stack of the arena.
void run_blocks() {
  arena->memory->open_arrays();
  for (std::size_t k = 0; k < arena->host_ranges; ++k)
    mprotect(reinterpret_cast<void*>(arena->host[k].begin), arena->host[k].end - arena->host[k].begin,
             PROT_NONE);
  const std::uint64_t blocks = std::uint64_t{gridDim.x} * gridDim.y;
  for (std::uint64_t k = 0; k < blocks; ++k) {
    const unsigned column = scrambled(static_cast<unsigned>(k % gridDim.x), gridDim.x, arena->launch);
    blockIdx = {column, scrambled(static_cast<unsigned>(k / gridDim.x), gridDim.y, arena->launch), 0};
    run_block();
  }
  _exit(0);
}

/// Heap and stacks of this process: its writable pages that no file backs, but for zeroed data of libraries,
/// which lies behind their files, and the thread's own variables.
void list_host_memory() {
  const auto own = reinterpret_cast<std::uintptr_t>(&errno);
  std::ifstream maps("/proc/self/maps");
  std::string line;
  std::uintptr_t end_of_file_pages = 0;
  arena->host_ranges = 0;
  while (std::getline(maps, line) && arena->host_ranges < most_ranges) {
    Range range{};
    char mode[5] = "";
    unsigned long file = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx %4s %*x %*s %lu", &range.begin, &range.end, mode, &file) != 4)
      continue;
    const bool zeroed_data = range.begin == end_of_file_pages;
    if (file != 0) end_of_file_pages = range.end;
    const bool own_pages = range.begin <= own && own < range.end;
    if (file == 0 && !zeroed_data && !own_pages && std::strcmp(mode, "rw-p") == 0)
      arena->host[arena->host_ranges++] = range;
  }
}

[[noreturn]] void enter_kernel() {
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
  Fiber* self = arena->current;
  arena->waits[arena->waiting++] = self;
  swapcontext(&self->context, &arena->scheduler);
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
