#include "io/model_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "io/atomic_file.hpp"
#include "kernels/error.hpp"

namespace npo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LogisticModel example() {
  return {.features = {{"smart_1_raw", Transform::log1p, 17.25, 0.1, -0.3},
                       {"smart_5_raw", Transform::none, 1.0 / 3.0, 2.0, 4.0},
                       {"odd \"name\"", Transform::positive, 0.0, 1.0, 0.0}},
          .intercept = -1e-300,
          .fit_json = R"({"alpha":1.0,"rows":10})"};
}

std::string problem_of(const std::string& text) {
  try {
    model_from_json(text, "m.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_data);
    return error.what();
  }
  return "accepted";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(ModelFile, EveryDoubleComesBackBitForBit) {
  auto model = example();
  model.features[0].mean = 0.1 + 0.2;
  model.features[0].weight = std::numeric_limits<double>::denorm_min();
  model.features[1].mean = std::numeric_limits<double>::max();
  const auto back = model_from_json(model_to_json(model), "m.json");
  ASSERT_EQ(back.features.size(), model.features.size());
  for (std::size_t i = 0; i < model.features.size(); ++i) {
    EXPECT_EQ(back.features[i].name, model.features[i].name);
    EXPECT_EQ(back.features[i].transform, model.features[i].transform);
    EXPECT_EQ(back.features[i].mean, model.features[i].mean);
    EXPECT_EQ(back.features[i].scale, model.features[i].scale);
    EXPECT_EQ(back.features[i].weight, model.features[i].weight);
  }
  EXPECT_EQ(back.intercept, model.intercept);
  EXPECT_EQ(model_to_json(back), model_to_json(model));
}

TEST(ModelFile, WritesAtomicallyAndReads) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("model_file_test_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  write_model(folder / "model.json", example(), false);
  EXPECT_EQ(model_to_json(read_model(folder / "model.json")), model_to_json(example()));
  EXPECT_THROW(write_model(folder / "model.json", example(), false), Error);
  EXPECT_NO_THROW(write_model(folder / "model.json", example(), true));
  std::filesystem::remove_all(folder);
}

TEST(ModelFile, DigestIsOfWhatDecidesScores) {
  auto other = example();
  other.fit_json = R"({"rows":11})";
  EXPECT_EQ(model_digest(example()), model_digest(other));
  other.features[2].weight = 1e-9;
  EXPECT_NE(model_digest(example()), model_digest(other));
  auto renamed = example();
  renamed.features[0].transform = Transform::sqrt;
  EXPECT_NE(model_digest(example()), model_digest(renamed));
  auto negative_zero = example();
  negative_zero.features[2].weight = -0.0;
  EXPECT_EQ(model_digest(example()), model_digest(negative_zero));
}

TEST(ModelFile, RefusesWhatItDoesNotKnow) {
  const auto text = model_to_json(example());
  EXPECT_THAT(problem_of("{"), HasSubstr("m.json: not valid JSON"));
  EXPECT_THAT(problem_of("[]"), HasSubstr("`format` is missing"));
  EXPECT_THAT(problem_of(replaced(text, "npo.model", "npo.state")), HasSubstr("not `npo.model`"));
  EXPECT_THAT(problem_of(replaced(text, "\"format_version\": 1", "\"format_version\": 2")),
              HasSubstr("reads 1"));
  EXPECT_THAT(problem_of(replaced(text, "\"logistic\"", "\"forest\"")), HasSubstr("only `logistic`"));
  EXPECT_THAT(problem_of(replaced(text, "\"intercept\"", "\"intercepts\"")),
              HasSubstr("did you mean `intercept`?"));
  EXPECT_THAT(problem_of(replaced(text, "\"weight\"", "\"wieght\"")),
              HasSubstr("features[0]: unknown key `wieght`"));
  EXPECT_THAT(problem_of(replaced(text, "\"log1p\"", "\"log2\"")),
              HasSubstr("known are none, log1p, sqrt, positive"));
  EXPECT_THAT(problem_of(replaced(text, "\"scale\": 2", "\"scale\": 0")), HasSubstr("must be above 0"));
  EXPECT_THAT(problem_of(replaced(text, "\"scale\": 2", "\"scale\": \"2\"")), HasSubstr("finite number"));
  EXPECT_THAT(problem_of(replaced(text, "\"scale\": 2", "\"scale\": 1e999")), HasSubstr("not valid JSON"));
  EXPECT_THAT(problem_of(replaced(text, "\"mean\"", "\"scale\"")), HasSubstr("occurs twice"));
  EXPECT_THAT(problem_of(replaced(text, "smart_5_raw", "smart_1_raw")),
              HasSubstr("`smart_1_raw` occurs twice"));
}

TEST(ModelFile, RefusesToWriteNonsense) {
  auto model = example();
  model.features[0].weight = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(model_to_json(model), Error);
  EXPECT_THROW(model_to_json(LogisticModel{}), Error);
}

TEST(PlanModel, FoldsStandardisationInTheOrderOfTheFile) {
  const auto plan = plan_model(example(), {"odd \"name\"", "smart_5_raw", "smart_1_raw"}, "f.h5");
  EXPECT_THAT(plan.weights, ElementsAre(0.0f, 2.0f, static_cast<float>(-0.3 / 0.1)));
  EXPECT_THAT(plan.transforms, ElementsAre(Transform::positive, Transform::none, Transform::log1p));
  // -0.3/0.1*17.25 comes off, 4/2/3 too: one rounding to float32 is all that is allowed.
  EXPECT_FLOAT_EQ(plan.bias, static_cast<float>(0.3 / 0.1 * 17.25 - 2.0 / 3.0));
}

TEST(PlanModel, TransformsAreEmptyWhenNoneIsUsed) {
  const LogisticModel plain{.features = {{"a", Transform::none, 0.0, 1.0, 1.0}}};
  EXPECT_TRUE(plan_model(plain, {"a"}, "f.h5").transforms.empty());
}

TEST(PlanModel, NamesTheColumnThatDoesNotFit) {
  const auto problem = [](const LogisticModel& model,
                          const std::vector<std::string>& columns) -> std::string {
    try {
      plan_model(model, columns, "f.h5");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(problem(example(), {"smart_1_raw", "smart_5_row", "odd \"name\""}),
            "f.h5: column `smart_5_raw` of the model is missing; did you mean `smart_5_row`?");
  EXPECT_THAT(problem(example(), {"smart_1_raw", "smart_5_raw", "odd \"name\"", "extra"}),
              HasSubstr("f.h5: column `extra` is not in the model; fit the model"));
  LogisticModel steep{.features = {{"a", Transform::none, 0.0, 1e-30, 1e30}}};
  EXPECT_THAT(problem(steep, {"a"}), HasSubstr("does not fit a float32"));
}

}  // namespace
}  // namespace npo
