#include "tests/kernels/device_probe.cu"  // as C++: a CUDA build compiles the file itself, for the device
