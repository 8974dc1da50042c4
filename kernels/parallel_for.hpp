#pragma once
#include <cstddef>
#include <functional>

namespace npo {

/// Calls work(i) for every i below `count`, on as many threads as the caller likes. Kernels that take one
/// give the same bits for every number of threads.
using ParallelFor = std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;

/// All on the calling thread, in order.
inline void serial_for(std::size_t count, const std::function<void(std::size_t)>& work) {
  for (std::size_t i = 0; i < count; ++i) work(i);
}

}  // namespace npo
