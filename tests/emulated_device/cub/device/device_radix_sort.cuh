#pragma once
#include <algorithm>
#include <numeric>
#include <vector>

#include "tests/emulated_device/cuda_runtime.h"

/// CUB's radix sort of pairs over the emulated device, done by the host.
namespace cub {

struct DeviceRadixSort {
  /// A stable sort by ascending key. Without `scratch` it only says how many bytes of it are needed.
  template <class Key, class Value, class Count>
  static cudaError_t SortPairs(void* scratch, std::size_t& scratch_bytes, const Key* keys, Key* sorted_keys,
                               const Value* values, Value* sorted_values, Count count) {
    using npo::emulated::bytes_of_device;
    constexpr std::size_t needed = 256;
    if (scratch == nullptr) {
      scratch_bytes = needed;
      return cudaSuccess;
    }
    const auto items = static_cast<std::size_t>(count);
    const auto* key = reinterpret_cast<const Key*>(bytes_of_device(keys, items * sizeof(Key)));
    const auto* value = reinterpret_cast<const Value*>(bytes_of_device(values, items * sizeof(Value)));
    auto* sorted_key = reinterpret_cast<Key*>(bytes_of_device(sorted_keys, items * sizeof(Key)));
    auto* sorted_value = reinterpret_cast<Value*>(bytes_of_device(sorted_values, items * sizeof(Value)));
    if (scratch_bytes < needed || !bytes_of_device(scratch, needed) || !key || !value || !sorted_key ||
        !sorted_value)
      return cudaErrorInvalidValue;
    std::vector<std::size_t> order(items);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key[a] < key[b]; });
    for (std::size_t i = 0; i < items; ++i) {
      sorted_key[i] = key[order[i]];
      sorted_value[i] = value[order[i]];
    }
    return cudaDeviceSynchronize();
  }
};

}  // namespace cub
