#include "host/json_lists.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <tuple>

namespace npo {
namespace {

using Json = nlohmann::json;

Json element(std::size_t i) {
  return {{"name", "fleet " + std::to_string(i)},
          {"metrics", {{"f1", {{"value", 0.1 * static_cast<double>(i)}, {"reason", "a \"line\"\nbreak"}}}}},
          {"empty", Json::array()}};
}

Json whole_list(std::size_t count) {
  Json list = Json::array();
  for (std::size_t i = 0; i < count; ++i) list.push_back(element(i));
  return list;
}

/// Elements of the list and threads.
class JsonLists : public testing::TestWithParam<std::tuple<std::size_t, int>> {};

/// The text is what the library writes of the whole document, wherever the list stands.
TEST_P(JsonLists, AreWrittenAsTheDocumentThatHoldsThem) {
  const auto [count, threads] = GetParam();
  Json document = {{"before", {1, 2, {{"deep", nullptr}}}},
                   {"groups", {{"fleet", Json::array()}, {"other", {{"x", 1}}}}},
                   {"fleets", Json::array()},
                   {"zone", "\"quoted\"\n"},
                   {"nothing", Json::object()}};
  const std::vector<JsonList> lists{{{"groups", "fleet"}, count, element}, {{"fleets"}, 3, element}};
  const std::string text = write_with_lists(document, lists, threads);
  document["groups"]["fleet"] = whole_list(count);
  document["fleets"] = whole_list(3);
  EXPECT_EQ(text, document.dump(2));
}

INSTANTIATE_TEST_SUITE_P(Sizes, JsonLists,
                         testing::Combine(testing::Values(0, 1, 64, 1000), testing::Values(1, 3)));

TEST(JsonLists, ADocumentWithoutListsIsDumped) {
  for (const Json& document : {element(1), Json(3), Json::array({1, 2}), Json::object(), whole_list(2)})
    EXPECT_EQ(write_with_lists(document, {}, 2), document.dump(2));
}

}  // namespace
}  // namespace npo
