#include "host/bootstrap_engine.hpp"

namespace npo {

BootstrapEngine::BootstrapEngine(const RunContext& context)
    : level_(context.simd),
      parallel_(parallel_over(context)),
      device_(context.device),
      device_index_(context.device_index) {}

BootstrapEngine BootstrapEngine::on_this_thread(SimdLevel level) {
  return BootstrapEngine(level);
}

void BootstrapEngine::add(BootstrapSums& sums, const BootstrapUnits& units) const {
  if (device_ == DeviceKind::cuda) return sums.add_on_device(units, device_index_);
  sums.add(units, level_, parallel_);
}

}  // namespace npo
