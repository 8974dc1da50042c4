#pragma once
#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

/// JSON documents with long lists, such as the metrics of thousands of fleets: elements are made and written
/// one by one, on several threads, instead of all standing in memory as one tree first.
namespace npo {

/// A list of a document: `place` leads through objects to where it stands, and `element` makes its elements;
/// it is called from several threads, and must own all that it reads.
struct JsonList {
  std::vector<std::string> place;
  std::size_t count = 0;
  std::function<nlohmann::json(std::size_t)> element;
};

/// The text of `document`, indented by two, with the lists at their places: to the letter what
/// dump(2) says of a document that holds them.
std::string write_with_lists(const nlohmann::json& document, const std::vector<JsonList>& lists, int threads);

}  // namespace npo
