# The numeric contract in flags: no contraction the source does not ask for, no fast-math; the flags that let the
# compiler vectorise do not change a result. Lane objects for AVX2 and AVX-512 add their -march on top.
set(NPO_NUMERIC_FLAGS -ffp-contract=off -fno-math-errno -fno-trapping-math)
add_library(npo_flags INTERFACE)
target_include_directories(npo_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(npo_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-march=x86-64-v3;${NPO_NUMERIC_FLAGS};-Wall;-Wextra;-Wconversion;-Wno-maybe-uninitialized>"
  "$<$<COMPILE_LANGUAGE:CUDA>:-fmad=false;--expt-relaxed-constexpr;-Xcompiler=-Wall,-Wextra,-ffp-contract=off,-march=x86-64-v3>")
if(NPO_WERROR)
  target_compile_options(npo_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Werror>
    "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Werror all-warnings>"
    "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Xptxas -v,-Werror,-warn-spills,-warn-lmem-usage>")
endif()

# Sources that end in _avx2 or _avx512 are one lane type each and get that instruction set. The AVX-512 headers of g++ 12
# leave registers undefined on purpose, which its own warning then reports.
function(npo_set_lane_flags)
  foreach(source IN LISTS ARGN)
    if(source MATCHES "_avx512\\.cpp$")
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-march=x86-64-v4;-Wno-uninitialized")
    endif()
  endforeach()
endfunction()

# What a Release build spends on optimising a target other than kernels/, whose loops repay -O3: io/ and host/ wait for memory
# and disks, the commands only read options and print.
function(npo_optimise target level)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${level}>)
endfunction()

# The same for files of kernels/ that were measured to be as fast with less, or that nobody waits for
# (docs/decisions/0013-fast-build.md).
function(npo_optimise_sources level)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:${level}>)
endfunction()

# Where the address sanitizer keeps book of scopes, a file of unrolled lanes takes minutes to compile; without, seconds.
set(NPO_LANE_SANITIZER "")
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=address")
  set(NPO_LANE_SANITIZER -fno-sanitize-address-use-after-scope)
endif()
