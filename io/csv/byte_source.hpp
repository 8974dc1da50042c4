#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace npo::csv {

/// A stream of bytes with a name for messages.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the front of `out` and returns how many bytes came; 0 only at the end. Error(environment) when
  /// reading fails, Error(bad_data) when the bytes are damaged.
  virtual std::size_t read(std::span<char> out) = 0;
  /// Bytes taken from the file itself so far, compressed ones where it is compressed.
  virtual std::uint64_t bytes_taken() const = 0;
};

/// Opens a file, or stdin where `path` is "-". Gzip is recognised by its first bytes, whatever the name;
/// other compressions and UTF-16 are refused with the command that turns them into something readable.
std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path);

/// What messages call `path`: "stdin" for "-", else the path.
std::string display_name(const std::filesystem::path& path);

/// Inflates a gzip stream of any number of members. Error(bad_data) when it is damaged or ends too early.
std::unique_ptr<ByteSource> inflate(std::unique_ptr<ByteSource> compressed, std::string name);

/// Reads `source` on a thread of its own, a few blocks ahead of the consumer. Only for sources that never
/// wait for a person: the destructor waits for the block being read.
std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source);

}  // namespace npo::csv
