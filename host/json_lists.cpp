#include "host/json_lists.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/run_context.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

constexpr int indent = 2;
constexpr std::size_t elements_at_once = 64;

/// Appends the value's text; lines after the first are moved in by `depth` levels.
void append(const Json& value, std::size_t depth, std::string& text) {
  const std::string lines = value.dump(indent);  // strings hold no raw line breaks
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size() - 1) + 1;
    text.append(lines, begin, end - begin);
    if (end < lines.size()) text.append(indent * depth, ' ');
    begin = end;
  }
}

class Writer {
 public:
  Writer(const std::vector<JsonList>& lists, int threads) : lists_(lists), threads_(threads) {}

  std::string write(const Json& document) {
    value(document);
    return std::move(text_);
  }

 private:
  void value(const Json& json) {
    if (const JsonList* list = list_here())
      elements(*list);
    else if (json.is_object() && leads_to_a_list())
      members(json);
    else
      append(json, place_.size(), text_);
  }

  void members(const Json& object) {
    const std::size_t depth = place_.size();
    text_ += '{';
    const char* separator = "\n";
    for (const auto& [key, member] : object.items()) {
      text_ += std::exchange(separator, ",\n");
      text_.append(indent * (depth + 1), ' ');
      text_ += Json(key).dump() + ": ";
      place_.push_back(key);
      value(member);
      place_.pop_back();
    }
    text_ += '\n';
    text_.append(indent * depth, ' ');
    text_ += '}';
  }

  void elements(const JsonList& list) {
    if (list.count == 0) {
      text_ += "[]";
      return;
    }
    const std::size_t depth = place_.size();
    std::vector<std::string> parts((list.count + elements_at_once - 1) / elements_at_once);
    parallel_for(threads_, parts.size(), [&](std::uint64_t p) {
      const std::size_t end = std::min(list.count, (p + 1) * elements_at_once);
      for (std::size_t i = p * elements_at_once; i < end; ++i) {
        parts[p] += i == 0 ? "\n" : ",\n";
        parts[p].append(indent * (depth + 1), ' ');
        append(list.element(i), depth + 1, parts[p]);
      }
    });
    text_ += '[';
    for (const std::string& part : parts) text_ += part;
    text_ += '\n';
    text_.append(indent * depth, ' ');
    text_ += ']';
  }

  const JsonList* list_here() const {
    const auto found = std::ranges::find(lists_, place_, &JsonList::place);
    return found == lists_.end() ? nullptr : &*found;
  }
  bool leads_to_a_list() const {
    return std::ranges::any_of(lists_, [&](const JsonList& list) {
      return list.place.size() > place_.size() &&
             std::equal(place_.begin(), place_.end(), list.place.begin());
    });
  }

  const std::vector<JsonList>& lists_;
  int threads_;
  std::vector<std::string> place_;  ///< of what is written now
  std::string text_;
};

}  // namespace

std::string write_with_lists(const Json& document, const std::vector<JsonList>& lists, int threads) {
  return Writer(lists, threads).write(document);
}

}  // namespace npo
