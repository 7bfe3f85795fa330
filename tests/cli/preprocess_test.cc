// SPDX-License-Identifier: Apache-2.0
// `glimpse preprocess --steps`: every picture on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/strings.h"
#include "media/picture.h"
#include "tests/cli/program.h"

namespace glimpse::cli {
namespace {

std::string Digit() { return std::string(GLIMPSE_SOURCE_DIR) + "/tests/data/digits/0001_7.png"; }

std::set<std::string> NamesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

std::string WriteConfig(const Folder& folder, const std::string& steps) {
  std::filesystem::create_directories(folder / "pictures");
  std::ofstream(folder / "c.yaml")
      << "cameras: {c: {source: files, path: pictures}}\npipelines: {p: {camera: c, model: " << DigitsModel()
      << ", preprocess: " << steps << "}}\n";
  return folder / "c.yaml";
}

TEST(PreprocessSteps, WritesThePictureAfterEachOfThem) {
  const Folder folder;
  const std::string config = WriteConfig(folder, "[grey, {rotate: 90}, {threshold: auto}, {resize: letterbox}]");
  const Ended ended = Glimpse({"preprocess", Digit(), "--config", config, "--steps", folder / "steps"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(NamesIn(folder / "steps"),
              testing::ElementsAre("0001_7-00-region.png", "0001_7-01-grey.png", "0001_7-02-rotate.png",
                                   "0001_7-03-threshold.png", "0001_7-04-resize.png", "0001_7-05-input.png"));
  const auto grey = media::ReadPicture(folder / "steps/0001_7-01-grey.png");
  const auto turned = media::ReadPicture(folder / "steps/0001_7-02-rotate.png");
  const auto input = media::ReadPicture(folder / "steps/0001_7-05-input.png");
  ASSERT_TRUE(grey && turned && input);
  EXPECT_EQ(turned->width, grey->height);
  // The first row of the turned picture is the last column of the one before.
  for (int i = 0; i < turned->width; ++i) ASSERT_EQ(turned->Row(0, 0)[i], grey->Row(0, i)[grey->width - 1]);
  EXPECT_EQ(input->width, 28);
  EXPECT_EQ(input->height, 28);
}

TEST(PreprocessSteps, LookingOnChangesNothing) {
  const Folder folder;
  const std::string config = WriteConfig(folder, "[{crop: [1, 1, 20, 20]}, grey, {invert: auto}, centre]");
  const Ended plain = Glimpse({"preprocess", Digit(), "--config", config, "--output", folder / "a.npy"});
  const Ended seen =
      Glimpse({"preprocess", Digit(), "--config", config, "--output", folder / "b.npy", "--steps", folder / "steps"});
  ASSERT_EQ(plain.status, 0) << plain.err;
  ASSERT_EQ(seen.status, 0) << seen.err;
  EXPECT_EQ(plain.out, seen.out);
  EXPECT_EQ(ReadInt8Npy(folder / "a.npy"), ReadInt8Npy(folder / "b.npy"));
  EXPECT_EQ(ReadInt8Npy(folder / "a.npy").size(), 784u);
}

TEST(PreprocessSteps, TwoPicturesOfOneNameAreRefusedBeforeAnythingIsWritten) {
  const Folder folder;
  std::filesystem::copy_file(Digit(), folder / "0001_7.png");
  const Ended ended =
      Glimpse({"preprocess", Digit(), folder / "0001_7.png", "--model", DigitsModel(), "--steps", folder / "steps"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, testing::HasSubstr("would be written under one name"));
  EXPECT_FALSE(std::filesystem::exists(folder / "steps"));
}

}  // namespace
}  // namespace glimpse::cli
