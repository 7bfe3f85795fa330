// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"

#include <gtest/gtest.h>

namespace glimpse {
namespace {

TEST(Strings, NearestWordForgivesTyposAndNothingMore) {
  const std::vector<std::string> keys{"cameras", "pipelines", "plugins", "log"};
  EXPECT_EQ(NearestWord("camera", keys), "cameras");
  EXPECT_EQ(NearestWord("piplines", keys), "pipelines");
  EXPECT_EQ(NearestWord("lgo", keys), "log");
  EXPECT_EQ(NearestWord("plguins", keys), "plugins");
  EXPECT_EQ(NearestWord("gol", keys), "");
  EXPECT_EQ(NearestWord("lg", keys), "log");
  EXPECT_EQ(NearestWord("weather", keys), "");
}

TEST(Strings, PrintableEscapesWhatATerminalWouldObey) {
  EXPECT_EQ(Printable("a\x1b[31m\n"), "a\\x1b[31m\\x0a");
  EXPECT_EQ(Printable("abcdef", 3), "abc...");
}

TEST(Strings, SplitKeepsEmptyParts) {
  EXPECT_EQ(StrSplit("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(StrSplit("", ','), (std::vector<std::string>{""}));
  EXPECT_EQ(StrJoin(std::vector<int>{1, 2, 3}, "-"), "1-2-3");
}

}  // namespace
}  // namespace glimpse
