# What makes a build from nothing fast: the files of io, host and host/cli are compiled a group at a time, as the paragraphs of
# compiled_together.txt say (most of a file's time is reading the same headers and instantiating the same templates), and
# precompiled headers do the rest. A compiler cache gains more and can share neither, so a compiler launcher switches this off.
# Both only save time: every file includes what it uses (builds with a launcher and scripts/check_headers hold it to that), and
# no two files of a group have helpers of the same name (scripts/check_names). A file that is not listed compiles alone.
set(_npo_fast ON)
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(_npo_fast OFF)
endif()
option(NPO_FAST_BUILD "Compile several files at once and precompile headers" ${_npo_fast})

function(npo_compile_together target)
  if(NPO_FAST_BUILD)
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS cmake/compiled_together.txt)
    file(READ ${PROJECT_SOURCE_DIR}/cmake/compiled_together.txt groups)
    string(REGEX REPLACE "\n\n+" ";" groups "${groups}")
    set(number 0)
    foreach(group IN LISTS groups)
      string(REGEX MATCHALL "[^\n]+" files "${group}")
      list(TRANSFORM files PREPEND ${PROJECT_SOURCE_DIR}/)
      set_source_files_properties(${files} PROPERTIES UNITY_GROUP group_${number})
      math(EXPR number "${number} + 1")
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    # An Impl may hold types of its file's unnamed namespace: to the compiler the whole looks like a header.
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
  endif()
endfunction()

# The standard headers that most files include, and those given.
function(npo_precompile target)
  if(NPO_FAST_BUILD)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <atomic> <chrono> <cstdint> <filesystem> <functional> <map>
      <memory> <mutex> <optional> <span> <string> <string_view> <vector> <fmt/format.h> <nlohmann/json.hpp> ${ARGN})
  endif()
endfunction()

# Read from precompiled headers, the standard library is no longer a system header to g++ 12, whose checks of bounds are wrong
# about std::string and std::vector (GCC bug 105651 and its kin). A build without them keeps these warnings.
set(npo_precompiled_warnings -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)

# Takes the precompiled headers of `owner`, which is compiled with the same flags.
function(npo_reuse_precompiled target owner)
  if(NPO_FAST_BUILD)
    target_compile_options(${target} PRIVATE ${npo_precompiled_warnings})
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()
