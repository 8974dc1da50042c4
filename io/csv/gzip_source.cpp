#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "io/csv/byte_source.hpp"
#include "kernels/error.hpp"

namespace npo::csv {
namespace {

class GzipSource final : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> compressed, std::string name)
      : compressed_(std::move(compressed)), name_(std::move(name)), input_(std::size_t{1} << 18) {
    constexpr int gzip_only = 15 + 16;
    if (inflateInit2(&stream_, gzip_only) != Z_OK)
      throw Error(ErrorKind::internal, fmt::format("{}: zlib cannot start", name_));
  }
  ~GzipSource() override { inflateEnd(&stream_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  std::uint64_t bytes_taken() const override { return compressed_->bytes_taken(); }

  std::size_t read(std::span<char> out) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), 1u << 30));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room && (inside_ || next_member())) inflate_some();
    return room - stream_.avail_out;
  }

 private:
  void inflate_some() {
    if (stream_.avail_in == 0 && !refill())
      throw Error(ErrorKind::bad_data, fmt::format("{} ends in the middle of its gzip data", name_),
                  "the file was cut off: copy or download it again");
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      inside_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      throw Error(ErrorKind::bad_data,
                  fmt::format("{} has damaged gzip data near byte {} ({})", name_,
                              compressed_->bytes_taken() - stream_.avail_in,
                              stream_.msg ? stream_.msg : "no reason given"),
                  "copy or download it again");
    }
  }

  /// Whether another member follows. Zero bytes after the last one are padding, as gzip itself sees it.
  bool next_member() {
    while (stream_.avail_in > 0 || refill()) {
      const bool padding = members_ > 0 && *stream_.next_in == 0;
      if (!padding) {
        if (members_ > 0 && *stream_.next_in != 0x1f)
          throw Error(ErrorKind::bad_data,
                      fmt::format("{} has bytes after its gzip data that are not gzip", name_),
                      "copy or download it again");
        inflateReset(&stream_);
        ++members_;
        return inside_ = true;
      }
      ++stream_.next_in;
      --stream_.avail_in;
    }
    return false;
  }

  bool refill() {
    const std::size_t came = compressed_->read(input_);
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(came);
    return came > 0;
  }

  std::unique_ptr<ByteSource> compressed_;
  std::string name_;
  std::vector<char> input_;
  z_stream stream_{};
  bool inside_ = false;
  std::uint64_t members_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> inflate(std::unique_ptr<ByteSource> compressed, std::string name) {
  return std::make_unique<GzipSource>(std::move(compressed), std::move(name));
}

}  // namespace npo::csv
