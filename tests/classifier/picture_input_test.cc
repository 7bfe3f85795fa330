// SPDX-License-Identifier: Apache-2.0
#include "classifier/picture_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/packed_models.h"

namespace glimpse::classifier {
namespace {

// A model of nothing but its input.
std::shared_ptr<const Model> InputOnly(std::vector<int32_t> shape, DType type = DType::kInt8,
                                       std::vector<float> scales = {0.5f}, const std::vector<uint8_t>& metadata = {}) {
  testkit::ModelBuilder b;
  b.Output(b.Input(
      {.name = "x", .type = type, .shape = std::move(shape), .scales = std::move(scales), .zero_points = {-3}}));
  if (!metadata.empty()) b.Metadata("TFLITE_METADATA", metadata);
  return b.Model();
}

TEST(PictureInput, TakesPicturesAndRefusesOtherTensors) {
  const auto picture = PictureInputOf(*InputOnly({1, 4, 5, 3}));
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->height, 4);
  EXPECT_EQ(picture->width, 5);
  EXPECT_EQ(picture->channels, 3);
  EXPECT_EQ(picture->zero_point, -3);
  EXPECT_TRUE(picture->normalisation.empty());
  EXPECT_EQ(PictureInputOf(*InputOnly({1, 784}))->width, 28);
  EXPECT_EQ(PictureInputOf(*InputOnly({1, 6, 7}))->width, 7);
  for (const auto& shape : {std::vector<int32_t>{}, {7}, {2, 4, 4, 1}, {1, 783}, {1, 2, 3, 4, 5}})
    EXPECT_EQ(PictureInputOf(*InputOnly(shape)).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(PictureInputOf(*InputOnly({1, 4, 4, 1}, DType::kInt32)).error().code, ErrorCode::kUnsupported);
}

TEST(PictureInput, BringsTheNormalisationOfTheMetadata) {
  const auto one = testkit::PackMetadata(testkit::Describe({127.5f}, {64}, ""));
  const auto three = testkit::PackMetadata(testkit::Describe({1, 2, 3}, {4, 5, 6}, ""));
  const std::vector<float> scale{0.5f};
  const auto spec = PictureInputOf(*InputOnly({1, 4, 4, 3}, DType::kInt8, scale, one));
  ASSERT_TRUE(spec) << spec.error().message;
  ASSERT_EQ(spec->normalisation.size(), 1u);
  EXPECT_EQ(spec->normalisation[0].mean, 127.5);
  EXPECT_EQ(PictureInputOf(*InputOnly({1, 4, 4, 3}, DType::kInt8, scale, three))->normalisation[2].std, 6);
  EXPECT_EQ(PictureInputOf(*InputOnly({1, 4, 4, 1}, DType::kInt8, scale, three)).error().code,
            ErrorCode::kInvalidModel);
}

// Of a published model: scale 0.007874016, zero point 128, mean 0 and std 1, which taken at their word give 255 for
// every pixel above 1.
TEST(PictureInput, AUint8InputWithMetadataGetsThePixelsAsTheyAre) {
  const auto metadata = testkit::PackMetadata(testkit::Describe({0}, {1}, ""));
  testkit::ModelBuilder b;
  b.Output(b.Input(
      {.name = "x", .type = DType::kUint8, .shape = {1, 16, 16, 1}, .scales = {0.007874016f}, .zero_points = {128}}));
  b.Metadata("TFLITE_METADATA", metadata);
  const auto spec = PictureInputOf(*b.Model());
  ASSERT_TRUE(spec) << spec.error().message;
  auto preprocessor = media::Preprocessor::Create({}, std::nullopt, *spec);
  ASSERT_TRUE(preprocessor) << preprocessor.error().message;
  std::vector<uint8_t> pixels(256);
  std::iota(pixels.begin(), pixels.end(), uint8_t{0});
  std::vector<uint8_t> filled(256);
  ASSERT_TRUE(preprocessor->Run(media::MakeFrame(media::PixelFormat::kGrey8, 16, 16, pixels),
                                std::as_writable_bytes(std::span(filled))));
  EXPECT_EQ(filled, pixels);
}

}  // namespace
}  // namespace glimpse::classifier
