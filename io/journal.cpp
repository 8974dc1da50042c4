#include "io/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>

#include "io/atomic_file.hpp"
#include "io/write_all.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

constexpr std::size_t checksum_digits = 16;

std::string checksum_of(std::string_view text) {
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

std::string line_of(const nlohmann::json& record) {
  const std::string text = record.dump();
  return text + ' ' + checksum_of(text) + '\n';
}

/// The record of a line without its end, or nothing when the checksum does not fit.
std::optional<nlohmann::json> parse_line(std::string_view line) {
  if (line.size() < checksum_digits + 1 || line[line.size() - checksum_digits - 1] != ' ')
    return std::nullopt;
  const std::string_view text = line.substr(0, line.size() - checksum_digits - 1);
  if (line.substr(text.size() + 1) != checksum_of(text)) return std::nullopt;
  nlohmann::json record = nlohmann::json::parse(text, nullptr, false);
  if (!record.is_object()) return std::nullopt;
  return record;
}

[[noreturn]] void throw_system(const std::filesystem::path& path, const char* what) {
  throw Error(ErrorKind::environment,
              fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)),
              "check the free space and the permissions of its folder");
}

}  // namespace

Journal read_journal(const std::filesystem::path& path) {
  Journal journal;
  if (!std::filesystem::exists(path)) return journal;
  const std::string text = read_text(path);
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       end = text.find('\n', journal.whole_bytes)) {
    const auto line = std::string_view(text).substr(journal.whole_bytes, end - journal.whole_bytes);
    std::optional<nlohmann::json> record = parse_line(line);
    if (!record)
      throw Error(ErrorKind::bad_data,
                  fmt::format("{}: line {} is damaged, its checksum does not fit", path.string(),
                              journal.records.size() + 1),
                  "restore the file, or make the folder anew with --overwrite");
    journal.records.push_back(std::move(*record));
    journal.whole_bytes = end + 1;
  }
  return journal;
}

JournalWriter::JournalWriter(const std::filesystem::path& path, std::uint64_t whole_bytes)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)), bytes_(whole_bytes) {
  if (file_ < 0) throw_system(path_, "open");
  if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0 || ::fsync(file_) != 0) {
    const int code = errno;
    ::close(file_);
    errno = code;
    throw_system(path_, "write to");
  }
  sync_path(std::filesystem::absolute(path_).parent_path());
}

JournalWriter::~JournalWriter() {
  ::close(file_);
}

void JournalWriter::append(const nlohmann::json& record) {
  const std::string line = line_of(record);
  if (!write_all(file_, std::as_bytes(std::span(line)), bytes_) || ::fsync(file_) != 0) {
    const int code = errno;
    // A torn line is harmless to a reader; cutting it off only keeps the file tidy, so a failure here is
    // ignored.
    [[maybe_unused]] const int ignored = ::ftruncate(file_, static_cast<off_t>(bytes_));
    errno = code;
    throw_system(path_, "append to");
  }
  bytes_ += line.size();
}

}  // namespace npo
