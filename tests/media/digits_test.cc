// SPDX-License-Identifier: Apache-2.0
// The default preprocessing on pictures of digits: those of the repository, and MNIST's own where it is at hand.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "media/centre.h"
#include "media/idx.h"
#include "media/picture.h"
#include "media/preprocess.h"
#include "tests/media/support.h"

namespace glimpse::media {
namespace {

InputSpec Pixels28() {
  InputSpec spec;
  spec.type = InputType::kUint8;
  spec.zero_point = 0;
  return spec;
}

TEST(Digits, EveryPictureOfTheRepositoryBecomesAPlacedDigit) {
  std::ifstream labels(std::string(GLIMPSE_TEST_DATA) + "/digits/labels.tsv");
  auto preprocessor = Preprocessor::Create(config::Pipeline().preprocess, std::nullopt, Pixels28());
  ASSERT_TRUE(preprocessor);
  std::string name;
  int label = 0;
  int count = 0;
  while (labels >> name >> label) {
    const auto frame = ReadPicture(std::string(GLIMPSE_TEST_DATA) + "/digits/" + name);
    ASSERT_TRUE(frame) << frame.error().message;
    Image out = GreyImage(28, 28, std::vector<uint8_t>(784));
    const auto report = preprocessor->Run(*frame, std::as_writable_bytes(std::span(out.pixels)));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->inverted) << name;
    EXPECT_FALSE(report->blank) << name;
    EXPECT_TRUE(report->centred) << name;
    // The renderer's digits are 46 to 74 % of the picture high before jitter; paper taken for ink would pass that.
    EXPECT_GE(report->ink_height, frame->height * 2 / 5) << name;
    EXPECT_LE(report->ink_height, frame->height * 9 / 10) << name;
    EXPECT_LE(report->ink_width, frame->width * 8 / 10) << name;
    EXPECT_TRUE(IsPlaced(out)) << name;
    ++count;
  }
  EXPECT_EQ(count, 200);
}

TEST(Digits, MnistImagesPassUnchanged) {
  const char* zoo = std::getenv("GLIMPSE_ZOO");
  if (zoo == nullptr) GTEST_SKIP() << "GLIMPSE_ZOO names no folder with mnist/t10k-images-idx3-ubyte.gz";
  const auto images = ReadIdxImages(std::string(zoo) + "/mnist/t10k-images-idx3-ubyte.gz");
  if (!images) GTEST_SKIP() << images.error().message;
  auto preprocessor = Preprocessor::Create(config::Pipeline().preprocess, std::nullopt, Pixels28());
  ASSERT_TRUE(preprocessor);
  int changed = 0;
  for (size_t i = 0; i < images->count; ++i) {
    const auto image = images->Image(i);
    std::vector<uint8_t> out(784);
    const auto report =
        preprocessor->Run(GreyFrame(28, 28, {image.begin(), image.end()}), std::as_writable_bytes(std::span(out)));
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->blank) << i;
    if (std::memcmp(out.data(), image.data(), 784) != 0) ++changed;
  }
  EXPECT_EQ(changed, 0);
}

}  // namespace
}  // namespace glimpse::media
