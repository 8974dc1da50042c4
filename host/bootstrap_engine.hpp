#pragma once
#include "host/run_context.hpp"
#include "kernels/poisson_bootstrap.hpp"

namespace npo {

/// Where the replicates of a bootstrap are summed; the totals are the same everywhere.
class BootstrapEngine {
 public:
  /// The CUDA device of the run, or else all of its threads: for one bootstrap at a time.
  explicit BootstrapEngine(const RunContext& context);
  /// The calling thread, for work that itself runs on many.
  static BootstrapEngine on_this_thread(SimdLevel level);

  /// Adds a batch, with the errors of BootstrapSums; Error(device) when the device cannot be used.
  void add(BootstrapSums& sums, const BootstrapUnits& units) const;

 private:
  explicit BootstrapEngine(SimdLevel level) : level_(level), parallel_(serial_for) {}

  SimdLevel level_;
  ParallelFor parallel_;
  DeviceKind device_ = DeviceKind::cpu;
  int device_index_ = 0;
};

}  // namespace npo
