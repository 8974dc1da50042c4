// Reading scenario features: ColumnReader against loops of H5Dread and read(2), every byte summed, files in
// the page cache.
#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/harness.hpp"
#include "io/column_reader.hpp"

namespace {

namespace fs = std::filesystem;
using namespace npo::bench;

constexpr std::uint64_t batch_rows = 8192;
std::atomic<float> sink;  // keeps the sums from being optimised away

float sum_of(std::span<const float> values) {
  std::array<float, 32> lanes{};
  const std::size_t whole = values.size() / lanes.size() * lanes.size();
  for (std::size_t i = 0; i < whole; i += lanes.size())
    for (std::size_t k = 0; k < lanes.size(); ++k) lanes[k] += values[i + k];
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

/// Half of the columns are counters, half are measurements with three digits: about what drives report.
void write_features(const fs::path& path, std::uint64_t rows, std::size_t dim, int level) {
  std::mt19937_64 random(1);
  std::vector<float> piece(batch_rows * dim);
  npo::h5::WriteFile file(path, {level, true});
  file.create({.name = "x", .type = npo::h5::Type::f32, .width = dim}, rows);
  for (std::uint64_t row = 0; row < rows; row += batch_rows) {
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const auto draw = static_cast<float>(random() >> 40) * 0x1p-24f;
      piece[i] = i % 2 == 0 ? std::floor(draw * draw * draw * 1000) : std::round(draw * 1000) / 1000;
    }
    const std::uint64_t count = std::min(batch_rows, rows - row);
    file.write("x", row, count, std::as_bytes(std::span(piece).first(count * dim)));
  }
  file.close();
}

void read_with_library(const fs::path& path, std::size_t dim) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT),
              data = H5Dopen2(file, "x", H5P_DEFAULT);
  const hid_t space = H5Dget_space(data);
  hsize_t dims[2];
  H5Sget_simple_extent_dims(space, dims, nullptr);
  std::vector<float> batch(batch_rows * dim);
  float sum = 0;
  for (hsize_t row = 0; row < dims[0]; row += batch_rows) {
    const hsize_t start[2] = {row, 0}, count[2] = {std::min<hsize_t>(batch_rows, dims[0] - row), dim};
    const hid_t memory = H5Screate_simple(2, count, nullptr);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
    if (H5Dread(data, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, batch.data()) < 0)
      throw std::runtime_error("H5Dread");
    H5Sclose(memory);
    sum += sum_of(std::span(batch).first(count[0] * dim));
  }
  H5Sclose(space);
  H5Dclose(data);
  H5Fclose(file);
  sink = sum;
}

void read_with_column_reader(const fs::path& path, int threads) {
  const npo::ColumnReader column(npo::h5::ReadFile(path), "x");
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    float sum = 0;
    for (std::uint64_t row = next.fetch_add(batch_rows); row < column.rows();
         row = next.fetch_add(batch_rows))
      sum += sum_of(column.read(row, std::min(batch_rows, column.rows() - row)).as<float>());
    sink = sum;
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (auto& other : others) other.join();
}

void read_plain(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY);
  std::vector<float> block(std::size_t{1} << 18);
  float sum = 0;
  for (ssize_t got; (got = ::read(file, block.data(), block.size() * 4)) > 0;)
    sum += sum_of(std::span(block).first(static_cast<std::size_t>(got) / 4));
  ::close(file);
  sink = sum;
}

/// A folder that goes away with everything in it.
struct ScratchFolder {
  fs::path path;
  ScratchFolder() {
    const char* chosen = std::getenv("NPO_BENCH_FOLDER");
    path = (chosen ? fs::path(chosen) : fs::temp_directory_path()) /
           fmt::format("npo-h5-read-bench-{}", ::getpid());
    fs::create_directories(path);
  }
  ~ScratchFolder() { fs::remove_all(path); }
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv, {.n = 4'000'000, .d = 32, .repeat = 5, .filter = {}});
  const ScratchFolder folder;
  const fs::path gzip = folder.path / "gzip.h5", contiguous = folder.path / "contiguous.h5";
  write_features(gzip, options.n, options.d, 1);
  write_features(contiguous, options.n, options.d, 0);
  const double bytes = static_cast<double>(options.n * options.d) * sizeof(float);

  InterleavedRun run(options.repeat);
  const auto gzip_library = run.add([&] { read_with_library(gzip, options.d); });
  const auto gzip_one = run.add([&] { read_with_column_reader(gzip, 1); });
  const auto gzip_two = run.add([&] { read_with_column_reader(gzip, 2); });
  const auto plain_library = run.add([&] { read_with_library(contiguous, options.d); });
  const auto plain_read = run.add([&] { read_plain(contiguous); });
  const auto plain_one = run.add([&] { read_with_column_reader(contiguous, 1); });
  const auto plain_two = run.add([&] { read_with_column_reader(contiguous, 2); });
  run.measure();

  Report report(options);
  const auto compare = [&](const char* name, std::size_t ours, const char* peer, std::size_t theirs,
                           std::optional<double> goal) {
    report.print({.name = name,
                  .ours = rate_of(run.seconds(ours), bytes) * 1e-9,
                  .unit = "GB/s",
                  .peer = peer,
                  .peer_value = rate_of(run.seconds(theirs), bytes) * 1e-9,
                  .ratio = ratio_of(run.seconds(theirs), run.seconds(ours)),
                  .goal = goal});
  };
  compare("h5 gzip-1 shuffle, 1 thread", gzip_one, "H5Dread", gzip_library, {});
  compare("h5 gzip-1 shuffle, 2 threads", gzip_two, "H5Dread", gzip_library, 3.5);
  compare("h5 contiguous, 1 thread", plain_one, "H5Dread", plain_library, {});
  compare("h5 contiguous, 1 thread", plain_one, "read(2)", plain_read, 1.0);
  compare("h5 contiguous, 2 threads", plain_two, "read(2)", plain_read, {});
}
