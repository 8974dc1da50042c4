#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>

#include "kernels/error.hpp"

namespace npo::test {

/// Runs `act`, which must throw Error of `kind` whose message holds every one of `words`.
inline void expect_error(ErrorKind kind, std::initializer_list<std::string> words,
                         const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    for (const auto& word : words) EXPECT_THAT(error.what(), testing::HasSubstr(word));
    return;
  }
  ADD_FAILURE() << "nothing was thrown, expected an error about " << *words.begin();
}

}  // namespace npo::test
