#pragma once
#include <string>
#include <vector>

namespace npo {

/// Rows of text under headings, in columns as wide as their longest cell; a column of numbers is set to the
/// right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings);
  void add(std::vector<std::string> cells);  ///< as many as there are headings
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  ///< the headings first
};

}  // namespace npo
