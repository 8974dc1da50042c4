#pragma once
/// Spelling of "inline everywhere" for the host compiler and for nvcc; the only two macros of the numeric
/// code.
///
/// NPO_HD      a function of host and device. It is always inlined: a file compiled for a wider instruction
/// set must
///             not leave a shared inline function behind, or the linker may pick the wide one for every
///             caller.
/// NPO_UNROLL  unroll the loop that follows; a runtime index would pin lane state to memory.
#if defined(__CUDACC__)
#define NPO_HD __host__ __device__ __forceinline__
#else
#define NPO_HD inline __attribute__((always_inline))
#endif

#if defined(__CUDA_ARCH__)
#define NPO_UNROLL _Pragma("unroll")
#elif defined(__CUDACC__)
#define NPO_UNROLL
#else
#define NPO_UNROLL _Pragma("GCC unroll 64")
#endif
