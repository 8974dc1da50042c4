#pragma once
#include <cstddef>

/// A CUDA device that the processor of this machine plays, so that the CUDA drivers are run, not only
/// compiled, where there is no GPU. It is strict rather than fast:
/// - Host and device memory are apart. A kernel runs in a process of its own that sees device memory but
/// neither the
///   heap nor the stacks of the host, and the host sees device memory through copies only.
/// - Each array ends at a page that nobody may touch (to 16 bytes), and starts as 0xCB bytes.
/// - Blocks run one after the other, the threads of a block by turns: at its basic blocks a thread may be
/// stopped and
///   another go on. The order is scrambled, differs from launch to launch and is the same in every run. A
///   barrier must be reached by all threads of a block.
/// - A kernel that fails makes every later call fail, and says on stderr where it was.
/// What it cannot show: rounding and flags of GPU code (scripts/check_ptx reads them), registers and shared
/// memory (the CUDA build refuses spills), races between threads that run at once, speed.
namespace npo::emulated {

/// A kernel and its parameters, as bytes that can be copied.
struct KernelCall {
  const void* bytes;
  std::size_t size;
  void (*invoke)(const void* copy);
};

/// The bytes at a device address as the host may touch them; null unless `size` bytes from there on belong to
/// one array. For what the toolkit's libraries do on the device, which is emulated on the host.
std::byte* bytes_of_device(const void* data, std::size_t size);

/// __syncthreads().
void wait_for_block();

}  // namespace npo::emulated
