#include "kernels/device.hpp"
#include "kernels/error.hpp"

namespace npo {

bool cuda_built_in() {
  return false;
}

int device_count() {
  return 0;
}

std::string device_name(int device) {
  require_device(device);
  return {};
}

void require_device(int device) {
  throw Error(ErrorKind::device,
              "CUDA device " + std::to_string(device) + " was asked for, but this build has no CUDA",
              "use --device cpu, or build with the CUDA toolkit installed");
}

}  // namespace npo
