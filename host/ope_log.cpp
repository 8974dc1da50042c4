#include "host/ope_log.hpp"

#include <fmt/format.h>

#include "kernels/error.hpp"

namespace npo {
namespace {

class StoredLog final : public OpeLog {
 public:
  explicit StoredLog(const std::filesystem::path& path) : file_(path) {}
  std::string name() const override { return file_.path().string(); }
  const LogHeader& header() const override { return file_.header(); }
  std::uint64_t rows() const override { return file_.rows(); }
  LogRows read(std::uint64_t first, std::uint64_t count) const override {
    LogRows rows = file_.read(first, count);
    if (const auto bad = find_bad_row(rows, header()))
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: {} of row {} {}", name(), bad->dataset, first + bad->row, bad->problem),
                  bad->remedy);
    return rows;
  }
  std::optional<double> chance_of(const LogRow& row, std::uint32_t action) const override {
    return row.action() == action ? std::optional(row.rows.propensity[row.i]) : std::nullopt;
  }

 private:
  LogFile file_;
};

}  // namespace

std::unique_ptr<OpeLog> open_log(const std::filesystem::path& path) {
  return std::make_unique<StoredLog>(path);
}

}  // namespace npo
