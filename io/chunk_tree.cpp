#include "io/chunk_tree.hpp"

#include <array>
#include <cstring>
#include <vector>

namespace npo::h5 {
namespace {

template <class T>
T number_at(std::span<const std::byte> bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// Messages of an object header (IV.A.1, versions 1 and 2): the blocks they lie in, and the layout message
/// among them.
class HeaderWalk {
 public:
  HeaderWalk(const RawFile& raw, int rank) : raw_(raw), rank_(rank) {}

  std::optional<std::uint64_t> find(std::uint64_t header) {
    if (!start_version_1(header) && !start_version_2(header)) return std::nullopt;
    for (std::size_t i = 0; i < blocks_.size() && i < most_blocks && !tree_; ++i) read_block(blocks_[i]);
    return tree_;
  }

 private:
  struct Block {
    std::uint64_t offset, bytes;
  };
  /// How a message begins: its type, its size, flags, and what else the version puts there.
  struct MessageHeader {
    std::size_t type_bytes = 2, bytes = 8;
  };
  static constexpr std::size_t most_blocks = 64;
  static constexpr std::uint64_t most_block_bytes = 1 << 20;
  static constexpr int layout_message = 0x08, continuation_message = 0x10;

  bool start_version_1(std::uint64_t header) {
    std::array<std::byte, 16> prefix;
    if (!raw_.read(header, prefix) || number_at<std::uint8_t>(prefix, 0) != 1) return false;
    blocks_.push_back({header + prefix.size(), number_at<std::uint32_t>(prefix, 8)});
    return true;
  }

  bool start_version_2(std::uint64_t header) {
    std::array<std::byte, 34> prefix{};
    if (!raw_.read(header, prefix) || std::memcmp(prefix.data(), "OHDR\2", 5) != 0) return false;
    const int flags = number_at<std::uint8_t>(prefix, 5);
    const std::size_t at = 6 + (flags & 0x20 ? 16u : 0u) + (flags & 0x10 ? 4u : 0u);
    const std::size_t size_bytes = std::size_t{1} << (flags & 3);
    std::uint64_t size = 0;
    std::memcpy(&size, prefix.data() + at, size_bytes);
    blocks_.push_back({header + at + size_bytes, size});
    message_ = {1, flags & 0x04 ? 6u : 4u};
    continuation_extra_ = 4;
    return true;
  }

  void read_block(Block block) {
    if (block.bytes > most_block_bytes) return;
    std::vector<std::byte> bytes(block.bytes);
    if (!raw_.read(block.offset, bytes)) return;
    std::span<const std::byte> rest(bytes);
    while (rest.size() >= message_.bytes && !tree_) {
      const int type =
          message_.type_bytes == 1 ? number_at<std::uint8_t>(rest, 0) : number_at<std::uint16_t>(rest, 0);
      const std::size_t size = number_at<std::uint16_t>(rest, message_.type_bytes);
      rest = rest.subspan(message_.bytes);
      if (size > rest.size()) return;
      read_message(type, rest.first(size));
      rest = rest.subspan(size);
    }
  }

  void read_message(int type, std::span<const std::byte> body) {
    if (type == continuation_message && body.size() >= 16) add_continuation(body);
    if (type != layout_message || body.size() < 11) return;
    constexpr int version = 3, chunked = 2;
    const bool matches = number_at<std::uint8_t>(body, 0) == version &&
                         number_at<std::uint8_t>(body, 1) == chunked &&
                         number_at<std::uint8_t>(body, 2) == rank_ + 1;
    if (matches) tree_ = number_at<std::uint64_t>(body, 3);
  }

  /// In version 2 a block is framed by a signature and a checksum.
  void add_continuation(std::span<const std::byte> body) {
    const auto offset = number_at<std::uint64_t>(body, 0), bytes = number_at<std::uint64_t>(body, 8);
    if (bytes >= 2 * continuation_extra_)
      blocks_.push_back({offset + continuation_extra_, bytes - 2 * continuation_extra_});
  }

  const RawFile& raw_;
  int rank_;
  MessageHeader message_;
  std::uint64_t continuation_extra_ = 0;
  std::vector<Block> blocks_;
  std::optional<std::uint64_t> tree_;
};

class TreeWalk {
 public:
  TreeWalk(const RawFile& raw, int rank, const std::function<bool(const TreeEntry&)>& visit)
      : raw_(raw), rank_(static_cast<std::size_t>(rank)), visit_(visit), budget_(raw.size()) {}

  /// Levels fall by one at each step and no byte is read twice in a sound tree, so that a hostile one ends
  /// too.
  bool walk(std::uint64_t node, int level_above) {
    std::array<std::byte, node_header> header;
    if (!raw_.read(node, header) || std::memcmp(header.data(), "TREE", 4) != 0) return false;
    const int type = number_at<std::uint8_t>(header, 4), level = number_at<std::uint8_t>(header, 5);
    const std::size_t entries = number_at<std::uint16_t>(header, 6);
    if (type != 1 || (level_above >= 0 && level != level_above - 1)) return false;
    const std::size_t key = 8 + 8 * (rank_ + 1), step = key + 8;
    std::vector<std::byte> body(entries * step);
    if (node_header + body.size() > budget_) return false;
    budget_ -= node_header + body.size();
    if (!raw_.read(node + node_header, body)) return false;
    for (std::size_t i = 0; i < entries; ++i) {
      const auto entry = std::span<const std::byte>(body).subspan(i * step, step);
      const auto child = number_at<std::uint64_t>(entry, key);
      if (level > 0 ? !walk(child, level) : !visit_(leaf(entry, child))) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t node_header = 24;

  TreeEntry leaf(std::span<const std::byte> key, std::uint64_t child) const {
    TreeEntry entry{child, number_at<std::uint32_t>(key, 0), number_at<std::uint32_t>(key, 4), {0, 0}};
    for (std::size_t i = 0; i < rank_; ++i) entry.coordinates[i] = number_at<std::uint64_t>(key, 8 + 8 * i);
    return entry;
  }

  const RawFile& raw_;
  std::size_t rank_;
  const std::function<bool(const TreeEntry&)>& visit_;
  std::uint64_t budget_;
};

}  // namespace

std::optional<std::uint64_t> find_chunk_tree(const RawFile& raw, std::uint64_t header, int rank) {
  return HeaderWalk(raw, rank).find(header);
}

bool visit_chunk_tree(const RawFile& raw, std::uint64_t root, int rank,
                      const std::function<bool(const TreeEntry&)>& visit) {
  return TreeWalk(raw, rank, visit).walk(root, -1);
}

}  // namespace npo::h5
