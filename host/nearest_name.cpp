#include "host/policy.hpp"
#include "io/closest_name.hpp"

namespace npo {

std::string nearest_name(const std::string& word, const std::vector<std::string>& known) {
  return closest_name(word, known);
}

}  // namespace npo
