#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace npo::bench {

/// Runs a program (searched in PATH) to its end, without its output. Returns its processor seconds, start and
/// end included; says on stderr which program failed and exits where it does.
double run_program(const std::vector<std::string>& words);

/// The npo binary that was built together with the benchmark that is running.
std::filesystem::path npo_program();

/// An empty folder `name`, in NPO_BENCH_FOLDER or here.
std::filesystem::path fresh_folder(const std::string& name);

}  // namespace npo::bench
