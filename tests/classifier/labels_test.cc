// SPDX-License-Identifier: Apache-2.0
#include "classifier/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "tests/support/packed_models.h"

namespace glimpse::classifier {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const Model> WithLabels(const std::string& text) {
  return *Model::Parse(testkit::TinyCnnPacked(testkit::Describe({}, {}, "names.txt"), {{"names.txt", text}}),
                       "m.tflite");
}

TEST(Labels, AreNumbersWithoutAnyFile) {
  const auto labels = FindLabels("", *testkit::TinyCnn().Model(), 3);
  ASSERT_TRUE(labels);
  EXPECT_EQ(labels->names, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(labels->source, LabelSource::kNumbers);
}

TEST(Labels, PackedInTheModelAreUsedUnlessAFileIsNamed) {
  const auto model = WithLabels("one\r\n zw\xC3\xB6lf \nthree\n\n");
  const auto packed = FindLabels("", *model, 3);
  ASSERT_TRUE(packed) << packed.error().message;
  EXPECT_EQ(packed->names, (std::vector<std::string>{"one", "zw\xC3\xB6lf", "three"}));
  EXPECT_EQ(packed->source, LabelSource::kModel);
  EXPECT_EQ(packed->origin, "names.txt");
  const std::string file = (std::filesystem::path(testing::TempDir()) / "glimpse-labels.txt").string();
  ASSERT_TRUE(WriteFile(file, std::as_bytes(std::span("a\nb\nc", 5))));
  EXPECT_EQ(FindLabels(file, *model, 3)->names[2], "c");
  EXPECT_EQ(FindLabels(file, *model, 4).error().code, ErrorCode::kInvalidConfig);
  std::filesystem::remove(file);
  EXPECT_EQ(FindLabels(file, *model, 3).error().code, ErrorCode::kIo);
}

TEST(Labels, PackedOnesMustBeTextAndAsManyAsClasses) {
  EXPECT_THAT(FindLabels("", *WithLabels("a\nb\n"), 3).error().message, HasSubstr("has 2 labels"));
  EXPECT_THAT(FindLabels("", *WithLabels("a\n\nb\n"), 3).error().message, HasSubstr("'names.txt':2: is empty"));
  // A lone continuation, a sequence cut off, an overlong form, a surrogate, beyond U+10FFFF, a control character.
  for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\x01"}) {
    const auto labels = FindLabels("", *WithLabels(bad), 1);
    ASSERT_FALSE(labels) << bad;
    EXPECT_EQ(labels.error().code, ErrorCode::kInvalidModel);
    EXPECT_THAT(labels.error().message, HasSubstr(":1: a label must be UTF-8"));
  }
  EXPECT_EQ(FindLabels("", *WithLabels(std::string(257, 'x')), 1).error().code, ErrorCode::kInvalidModel);
  EXPECT_TRUE(FindLabels("", *WithLabels("\xF4\x8F\xBF\xBF"), 1));
}

}  // namespace
}  // namespace glimpse::classifier
