#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include "io/csv/byte_source.hpp"
#include "io/csv/csv_reader.hpp"

/// CSV given as a text.
namespace npo::csv {

/// Gives a text in pieces of a chosen size, so that every boundary falls everywhere once.
class TextSource final : public ByteSource {
 public:
  TextSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  std::size_t read(std::span<char> out) override {
    const std::size_t count = std::min({piece_, out.size(), text_.size() - given_});
    std::memcpy(out.data(), text_.data() + given_, count);
    given_ += count;
    return count;
  }
  std::uint64_t bytes_taken() const override { return given_; }

 private:
  std::string text_;
  std::size_t piece_, given_ = 0;
};

/// A reader of `text`, which it calls t.csv.
inline Reader read_csv(const std::string& text, std::size_t piece = 1 << 20) {
  return Reader(std::make_unique<TextSource>(text, piece), "t.csv");
}

/// What the Exception that `work` throws says; "no error" when it throws none.
template <class Exception, class Work>
std::string message_of(Work work) {
  try {
    work();
  } catch (const Exception& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace npo::csv
