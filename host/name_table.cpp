#include "host/name_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "kernels/error.hpp"

namespace npo {

std::uint32_t NameTable::code(std::string_view name) {
  const auto known = codes_.find(name);
  if (known != codes_.end()) return known->second;
  if (names_.size() == most_)
    throw Error(ErrorKind::bad_data,
                fmt::format("there are more than {} different names of a {}", most_, what_),
                "name a column that groups rows, not one that tells them apart");
  const auto code = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  codes_.emplace(name, code);
  return code;
}

std::vector<std::uint32_t> NameTable::sort() {
  std::vector<std::uint32_t> order(names_.size()), code(names_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return names_[a] < names_[b]; });
  std::vector<std::string> sorted;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    code[order[i]] = i;
    sorted.push_back(names_[order[i]]);
    codes_[names_[order[i]]] = i;
  }
  names_ = std::move(sorted);
  return code;
}

}  // namespace npo
