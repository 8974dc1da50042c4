#include "host/flat_yaml.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "kernels/error.hpp"

namespace npo {
namespace {

using Json = nlohmann::json;

struct Line {
  std::size_t number, indent;
  std::string_view text;
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\r')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

class Parser {
 public:
  Parser(const std::string& text, const std::string& origin) : origin_(origin) {
    std::size_t number = 0;
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      take(++number, std::string_view(text).substr(from, end - from));
      from = end + 1;
    }
  }

  Json document() {
    if (lines_.empty())
      throw Error(ErrorKind::bad_data, fmt::format("{} is empty", origin_), "write alpha: and beta: lists");
    Json json = block(lines_.front().indent);
    if (at_ < lines_.size()) refuse(lines_[at_], "is indented less than the line before it");
    return json;
  }

 private:
  void take(std::size_t number, std::string_view line) {
    const std::size_t comment = line.find(" #");
    if (comment != std::string_view::npos) line = line.substr(0, comment);
    if (line.find('\t') != std::string_view::npos)
      refuse({number, 0, line}, "holds a tab; YAML indents with blanks");
    const std::string_view text = trim(line);
    if (text.empty() || text.front() == '#' || text == "---") return;
    lines_.push_back({number, line.find_first_not_of(' '), text});
  }

  [[noreturn]] void refuse(const Line& line, const std::string& problem) const {
    throw Error(ErrorKind::bad_data, fmt::format("{}: line {} {}", origin_, line.number, problem),
                "write mappings and lists of numbers, or use JSON");
  }

  bool here(std::size_t indent) const { return at_ < lines_.size() && lines_[at_].indent == indent; }

  Json block(std::size_t indent) {
    return lines_[at_].text.starts_with("- ") ? sequence(indent) : mapping(indent);
  }

  Json sequence(std::size_t indent) {
    Json list = Json::array();
    for (; here(indent) && lines_[at_].text.starts_with("- "); ++at_)
      list.push_back(scalar(lines_[at_], trim(lines_[at_].text.substr(2))));
    return list;
  }

  Json mapping(std::size_t indent) {
    Json object = Json::object();
    while (here(indent)) {
      const Line line = lines_[at_];
      const std::size_t colon = line.text.find(':');
      if (colon == std::string_view::npos) refuse(line, "is neither `key: value` nor `- value`");
      const Json key = scalar(line, trim(line.text.substr(0, colon)));
      const std::string name =
          key.is_string() ? key.get<std::string>() : std::string(trim(line.text.substr(0, colon)));
      if (object.contains(name)) refuse(line, fmt::format("holds the key `{}` again", name));
      const std::string_view rest = trim(line.text.substr(colon + 1));
      ++at_;
      object[name] = rest.empty() ? below(line) : value(line, rest);
    }
    return object;
  }

  /// What stands under a key: deeper, or a list at its own depth.
  Json below(const Line& key) {
    if (at_ < lines_.size()) {
      const Line& next = lines_[at_];
      if (next.indent > key.indent || (next.indent == key.indent && next.text.starts_with("- ")))
        return block(next.indent);
    }
    refuse(key, "has nothing under it");
  }

  Json value(const Line& line, std::string_view text) const {
    if (text.front() != '[') return scalar(line, text);
    if (text.back() != ']') refuse(line, "opens a list that does not end on it");
    Json list = Json::array();
    text = trim(text.substr(1, text.size() - 2));
    while (!text.empty()) {
      const std::size_t comma = std::min(text.find(','), text.size());
      list.push_back(scalar(line, trim(text.substr(0, comma))));
      text = comma == text.size() ? std::string_view() : trim(text.substr(comma + 1));
    }
    return list;
  }

  Json scalar(const Line& line, std::string_view text) const {
    if (text.empty()) refuse(line, "has an empty value");
    if (text.front() == '"' || text.front() == '\'') {
      if (text.size() < 2 || text.back() != text.front()) refuse(line, "has a quote that is never closed");
      return std::string(text.substr(1, text.size() - 2));
    }
    if (text.front() == '{' || text.front() == '&' || text.front() == '*' || text.front() == '|' ||
        text.front() == '>')
      refuse(line, "uses a part of YAML that is not read here");
    double number = 0.0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc{} && end == text.data() + text.size()) return number;
    return std::string(text);
  }

  std::string origin_;
  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

}  // namespace

Json flat_yaml_to_json(const std::string& text, const std::string& origin) {
  return Parser(text, origin).document();
}

}  // namespace npo
