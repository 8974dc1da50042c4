#include "host/flat_yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kernels/error.hpp"

namespace npo {
namespace {

nlohmann::json read(const std::string& text) {
  return flat_yaml_to_json(text, "f.yaml");
}

TEST(FlatYaml, ReadsMappingsAndLists) {
  EXPECT_EQ(
      read("all:\n  alpha:\n    - 47.0\n    - 8\n  beta: [1, 2.5]\nmen:\n  alpha:\n  - 3\n  beta: []\n"),
      nlohmann::json::parse(
          R"({"all": {"alpha": [47.0, 8.0], "beta": [1.0, 2.5]}, "men": {"alpha": [3.0], "beta": []}})"));
  EXPECT_EQ(read("---\n# head\n\na: 1 # one\n'b c': \"x\"\r\n"),
            nlohmann::json::parse(R"({"a": 1.0, "b c": "x"})"));
  EXPECT_EQ(read("- 1\n- two\n"), nlohmann::json::parse(R"([1.0, "two"])"));
}

void expect_refused(const std::string& text, const std::string& phrase) {
  try {
    read(text);
    ADD_FAILURE() << "was read: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_data);
    EXPECT_THAT(error.what(), testing::HasSubstr(phrase));
  }
}

TEST(FlatYaml, NamesTheLineOfWhatItDoesNotRead) {
  expect_refused("", "f.yaml is empty");
  expect_refused("a:\n", "line 1 has nothing under it");
  expect_refused("a: 1\nb\n", "line 2 is neither `key: value` nor `- value`");
  expect_refused("a: 1\na: 2\n", "line 2 holds the key `a` again");
  expect_refused("a:\n\t- 1\n", "line 2 holds a tab");
  expect_refused("a: [1, 2\n", "line 1 opens a list that does not end on it");
  expect_refused("a: {b: 1}\n", "line 1 uses a part of YAML that is not read here");
  expect_refused("a: 'x\n", "line 1 has a quote that is never closed");
  expect_refused("  a: 1\nb: 2\n", "line 2 is indented less than the line before it");
}

}  // namespace
}  // namespace npo
