#include "host/name_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "kernels/error.hpp"

namespace npo {

NameTable::Place& NameTable::find(std::string_view name, std::size_t hash) {
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  for (std::size_t i = hash & (places_.size() - 1);; i = (i + 1) & (places_.size() - 1)) {
    Place& place = places_[i];
    if (place.code == none || (place.tag == tag && names_[place.code] == name)) {
      place.tag = tag;
      return place;
    }
  }
}

void NameTable::lay_out(std::size_t places) {
  places_.assign(places, {});
  for (std::uint32_t code = 0; code < names_.size(); ++code)
    find(names_[code], std::hash<std::string_view>()(names_[code])).code = code;
}

std::uint32_t NameTable::code(std::string_view name) {
  if (2 * names_.size() >= places_.size()) lay_out(std::max<std::size_t>(16, 2 * places_.size()));
  Place& place = find(name, std::hash<std::string_view>()(name));
  if (place.code != none) return place.code;
  if (names_.size() == most_)
    throw Error(ErrorKind::bad_data,
                fmt::format("there are more than {} different names of a {}", most_, what_),
                "name a column that groups rows, not one that tells them apart");
  place.code = static_cast<std::uint32_t>(names_.size());
  names_.emplace_back(name);
  return place.code;
}

std::vector<std::uint32_t> NameTable::sort() {
  std::vector<std::uint32_t> order(names_.size()), code(names_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return names_[a] < names_[b]; });
  std::vector<std::string> sorted;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    code[order[i]] = i;
    sorted.push_back(std::move(names_[order[i]]));
  }
  names_ = std::move(sorted);
  if (!places_.empty()) lay_out(places_.size());
  return code;
}

}  // namespace npo
