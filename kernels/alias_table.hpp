#pragma once
#include <cstdint>
#include <span>
#include <vector>

/// Drawing from a finite law in constant time (Walker 1977, in the form of Vose 1991).
namespace npo {

/// Draw i uniformly below the size and u uniformly in (0, 1): the item is u < keep[i] ? i : alias[i].
struct AliasTable {
  std::vector<float> keep;
  std::vector<std::uint32_t> alias;
};

/// The table of weights >= 0 with a positive sum. Pure + - * /: the same on every machine.
AliasTable alias_table(std::span<const double> weight);

}  // namespace npo
