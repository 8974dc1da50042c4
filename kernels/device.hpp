#pragma once
#include <string>

/// The CUDA devices of this machine, as far as this build can use them.
namespace npo {

/// Whether the CUDA drivers are part of this build.
bool cuda_built_in();

/// Number of usable devices; 0 without CUDA in the build, without a driver and without a device.
int device_count();

/// Name of device `device`, for instance "NVIDIA H100 80GB HBM3"; throws as `require_device` does.
std::string device_name(int device);

/// Throws Error(ErrorKind::device) that says why device `device` cannot be used and what to do.
void require_device(int device);

}  // namespace npo
