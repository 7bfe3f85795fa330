// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace glimpse::config {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ErrorOf(const std::string& text) {
  const auto tree = ParseYaml(text, "f");
  return tree ? "accepted" : tree.error().message;
}

TEST(ParseYaml, KeepsPlacesAndQuotes) {
  const auto tree = ParseYaml("a:\n  b: 1\n  c: \"2\"\n", "f");
  ASSERT_TRUE(tree) << tree.error().message;
  const Node* b = tree->Find("a")->Find("b");
  EXPECT_EQ(b->place.ToString(), "f:2:6");
  EXPECT_TRUE(b->plain);
  const Node* c = tree->Find("a")->Find("c");
  EXPECT_EQ(c->scalar, "2");
  EXPECT_FALSE(c->plain);
}

TEST(ParseYaml, RefusesAnchorsAliasesTagsAndMergeKeys) {
  EXPECT_THAT(ErrorOf("a: &x 1\nb: *x\n"), StartsWith("f:1:"));
  EXPECT_THAT(ErrorOf("a: &x {k: 1}\n"), HasSubstr("anchors"));
  EXPECT_THAT(ErrorOf("a: !!python/object 1\n"), HasSubstr("tag"));
  EXPECT_THAT(ErrorOf("b: *x\n"), StartsWith("f:1:"));
}

TEST(ParseYaml, RefusesABombOfAliases) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char level = 'b'; level < 'z'; ++level) {
    bomb += std::string(1, level) + ": &" + level + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string(i ? ", *" : "*") + static_cast<char>(level - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(ErrorOf(bomb), HasSubstr("anchors"));
}

TEST(ParseYaml, RefusesDeepNestingInEveryStyle) {
  EXPECT_THAT(ErrorOf("a: " + std::string(100000, '[')), StartsWith("f:"));
  EXPECT_THAT(ErrorOf("a: " + std::string(100, '[') + std::string(100, ']')), HasSubstr("nested deeper than 32"));
  std::string maps;
  for (int depth = 0; depth < 100; ++depth) maps += std::string(static_cast<size_t>(depth), ' ') + "a:\n";
  EXPECT_THAT(ErrorOf(maps + std::string(100, ' ') + "b: 1\n"), HasSubstr("nested deeper than 32"));
  std::string dashes;
  for (int depth = 0; depth < 50000; ++depth) dashes += "- ";
  EXPECT_THAT(ErrorOf(dashes + "x"), StartsWith("f:"));
}

TEST(ParseYaml, RefusesWhatIsNotText) {
  EXPECT_EQ(ErrorOf(std::string("a: 1\n\0b: 2\n", 11)), "f:2:1: has a zero byte: this is no text file");
  EXPECT_THAT(ErrorOf(std::string(kMaxYamlBytes + 1, '#')), HasSubstr("the limit is 1048576"));
}

TEST(ParseYaml, RefusesASecondDocumentAndOddKeys) {
  EXPECT_THAT(ErrorOf("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
  EXPECT_THAT(ErrorOf("? [a, b]\n: 1\n"), HasSubstr("a key must be a single word"));
  EXPECT_THAT(ErrorOf("a: {: 1}\n"), StartsWith("f:1:"));
}

TEST(ParseYaml, SaysWhereBrokenYamlBreaks) {
  EXPECT_THAT(ErrorOf("a: 1\n  b: 2\n"), StartsWith("f:2:"));
  EXPECT_THAT(ErrorOf("a: [1, 2\nb: 3\n"), StartsWith("f:"));
  EXPECT_THAT(ErrorOf("a: ]\n"), HasSubstr("is not YAML"));
  EXPECT_THAT(ErrorOf("a:\tb: c\n\t- x"), StartsWith("f:"));
}

TEST(ParseYaml, RefusesAQuoteThatTheEndOfTheFileWouldClose) {
  EXPECT_EQ(ErrorOf("a: 1\nb: \"2\n"), "f:2:4: the quote that is opened here is not closed");
  EXPECT_THAT(ErrorOf("a: 1\nb: \"2"), StartsWith("f:2:"));
  EXPECT_EQ(ErrorOf("a: '2\n"), "f:1:4: the quote that is opened here is not closed");
  EXPECT_THAT(ErrorOf("a: \"2\\\""), StartsWith("f:1:"));
  EXPECT_THAT(ErrorOf("a: 'it''s"), StartsWith("f:1:"));
  EXPECT_THAT(ErrorOf("a: [\"x\", \"y]\n"), StartsWith("f:1:"));
  EXPECT_THAT(ErrorOf("\"a"), StartsWith("f:1:"));
  for (const char* sound : {"a: \"\"", "a: ''", "a: 'it''s'", "a: \"\\\"\"", "a: |\n  \"x", "\"a\": '1'", "a: x\"",
                            "\xEF\xBB\xBFk: \"v\"\n", "a: \"x\r\n  y\"\r\n", "\xC3\xA4: \"\xC3\xB6\""}) {
    EXPECT_TRUE(ParseYaml(sound, "f")) << sound << ": " << ErrorOf(sound);
  }
}

TEST(MergeYaml, MergesMapsAndReplacesTheRest) {
  Node base = *ParseYaml("m: {a: 1, b: 2}\nl: [1, 2]\n", "f");
  MergeYaml(*ParseYaml("m: {b: 3, c: 4}\nl: [9]\nn:\n", "g"), &base);
  EXPECT_EQ(base.Find("m")->Find("a")->scalar, "1");
  EXPECT_EQ(base.Find("m")->Find("b")->scalar, "3");
  EXPECT_EQ(base.Find("m")->Find("b")->place.file, "g");
  EXPECT_EQ(base.Find("m")->Find("c")->scalar, "4");
  ASSERT_EQ(base.Find("l")->items.size(), 1u);
  EXPECT_EQ(base.Find("l")->items[0].scalar, "9");
}

}  // namespace
}  // namespace glimpse::config
