// SPDX-License-Identifier: Apache-2.0
// Steps of preprocessing together: order, places, refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "media/preprocess.h"
#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using config::PreprocessStep;
using testing::HasSubstr;
using Steps = std::vector<PreprocessStep>;

std::vector<uint8_t> RunSteps(const Steps& steps, const Frame& frame, const InputSpec& spec,
                              std::optional<config::Region> region = std::nullopt,
                              std::vector<NamedPicture>* pictures = nullptr) {
  auto preprocessor = Preprocessor::Create(steps, std::move(region), spec);
  EXPECT_TRUE(preprocessor) << preprocessor.error().message;
  std::vector<std::byte> bytes(spec.Bytes());
  const auto report = preprocessor->Run(frame, bytes, pictures);
  EXPECT_TRUE(report) << report.error().message;
  std::vector<uint8_t> pixels(bytes.size());
  std::memcpy(pixels.data(), bytes.data(), bytes.size());
  return pixels;
}

// 0 1 2 3 / 4 5 6 7 / 8 9 10 11
Frame Counted() {
  std::vector<uint8_t> pixels(12);
  std::iota(pixels.begin(), pixels.end(), uint8_t{0});
  return GreyFrame(4, 3, pixels);
}

TEST(Chain, ACropCountsFromTheRegion) {
  const std::vector<uint8_t> expected = {6, 7, 10, 11};
  const Steps steps = {config::CropStep{1, 1, 2, 2}};
  const config::Region region{"r", 1, 0, 3, 3};
  EXPECT_EQ(RunSteps(steps, Counted(), Pixels(2, 2), region), expected);
  // Whoever looks at the steps gets the same outcome, and sees the whole region, too.
  std::vector<NamedPicture> pictures;
  EXPECT_EQ(RunSteps(steps, Counted(), Pixels(2, 2), region, &pictures), expected);
  ASSERT_EQ(pictures.size(), 3u);
  EXPECT_EQ(pictures[0].name, "region");
  EXPECT_EQ(pictures[0].picture.width, 3);
  EXPECT_EQ(pictures[1].name, "crop");
  EXPECT_EQ(pictures[1].picture.width, 2);
}

TEST(Chain, StepsAreDoneInTheOrderOfTheList) {
  // Turned left, 3 7 11 / 2 6 10 / 1 5 9 / 0 4 8, then the upper left; or the upper left, then turned.
  const config::RotateStep rotate{90};
  const config::CropStep crop{0, 0, 2, 2};
  EXPECT_EQ(RunSteps({rotate, crop}, Counted(), Pixels(2, 2)), (std::vector<uint8_t>{3, 7, 2, 6}));
  EXPECT_EQ(RunSteps({crop, rotate}, Counted(), Pixels(2, 2)), (std::vector<uint8_t>{1, 5, 0, 4}));
}

TEST(Chain, PerspectiveMakesTheAreaARectangle) {
  const config::PerspectiveStep step{{{{1, 1}, {4, 1}, {4, 3}, {1, 3}}}, {}};
  EXPECT_EQ(RunSteps({step}, Counted(), Pixels(3, 2)), (std::vector<uint8_t>{5, 6, 7, 9, 10, 11}))
      << "a rectangle is a crop";
}

TEST(Chain, AMovedRegionOrTurnedPictureStillSaysWhereTheInkIs) {
  const Frame frame = ToFrame(RingOnPaper(200, 150, 120, 80, 30, 7, 220, 60));
  const auto report_of = [&](Steps steps) {
    steps.insert(steps.end(), {config::GreyStep{}, config::InvertStep{}, config::CentreStep{}});
    auto preprocessor = Preprocessor::Create(steps, config::Region{"r", 40, 20, 160, 130}, Pixels(28, 28));
    EXPECT_TRUE(preprocessor);
    std::vector<std::byte> bytes(28 * 28);
    auto report = preprocessor->Run(frame, bytes);
    EXPECT_TRUE(report && report->centred);
    return *report;
  };
  const PreprocessReport plain = report_of({});
  EXPECT_NEAR(plain.ink_x, 90, 3);
  EXPECT_NEAR(plain.ink_y, 50, 3);
  const PreprocessReport cropped = report_of({config::CropStep{30, 10, 130, 120}});
  EXPECT_NEAR(cropped.ink_x, plain.ink_x, 2);
  EXPECT_NEAR(cropped.ink_y, plain.ink_y, 2);
  // Turned upside down the region's 160 x 130 has the ring at the other side, and places are the picture's own.
  const PreprocessReport turned = report_of({config::RotateStep{180}});
  EXPECT_NEAR(turned.ink_x, 160 - (plain.ink_x - 40) - plain.ink_width, 3);
}

TEST(Chain, ALetterboxKeepsTheProportionsInTheMiddle) {
  config::ResizeStep resize;
  resize.fit = config::ResizeStep::Fit::kLetterbox;
  resize.fill = 114;
  EXPECT_EQ(RunSteps({resize}, GreyFrame(4, 2, std::vector<uint8_t>(8, 200)), Pixels(4, 4)),
            (std::vector<uint8_t>{114, 114, 114, 114, 200, 200, 200, 200, 200, 200, 200, 200, 114, 114, 114, 114}));
  EXPECT_EQ(RunSteps({resize}, GreyFrame(1, 3, {200, 200, 200}), Pixels(3, 3)),
            (std::vector<uint8_t>{114, 200, 114, 114, 200, 114, 114, 200, 114}));
}

TEST(Chain, ColourSaysTheOrderThatTheModelWants) {
  const Frame frame = MakeFrame(PixelFormat::kRgb24, 1, 1, {10, 20, 30});
  EXPECT_EQ(RunSteps({config::ColourStep{}}, frame, Pixels(1, 1, 3)), (std::vector<uint8_t>{10, 20, 30}));
  EXPECT_EQ(RunSteps({config::ColourStep{config::ColourStep::Order::kBgr}}, frame, Pixels(1, 1, 3)),
            (std::vector<uint8_t>{30, 20, 10}));
}

TEST(Chain, LevelsAreChangedWhereTheListSaysSo) {
  const Frame frame = GreyFrame(4, 1, {50, 60, 100, 150});
  EXPECT_EQ(RunSteps({config::AutoContrastStep{}, config::ThresholdStep{100}}, frame, Pixels(4, 1)),
            (std::vector<uint8_t>{0, 0, 255, 255}));
  EXPECT_EQ(
      RunSteps({config::ThresholdStep{100}, config::InvertStep{config::InvertStep::Mode::kYes}}, frame, Pixels(4, 1)),
      (std::vector<uint8_t>{255, 255, 0, 0}));
}

TEST(Chain, QuantiseMayBeNamed) {
  EXPECT_EQ(RunSteps({config::GreyStep{}, config::QuantiseStep{}}, Counted(), Pixels(4, 3)),
            RunSteps({config::GreyStep{}}, Counted(), Pixels(4, 3)));
}

TEST(Chain, WhatDoesNotGoTogetherIsRefused) {
  config::ResizeStep letterbox;
  letterbox.fit = config::ResizeStep::Fit::kLetterbox;
  const std::tuple<Steps, int, const char*> cases[] = {
      {{config::ThresholdStep{}}, 3, "'threshold' needs a grey picture"},
      {{config::ColourStep{}}, 1, "'colour' has no meaning"},
      {{config::GreyStep{}, config::ColourStep{}}, 3, "'colour' has no meaning"},
      {{letterbox, config::CentreStep{}}, 1, "'centre' and a letterbox"},
      {{config::CropStep{}, config::CropStep{}}, 1, "'crop' is there twice"},
      {{config::QuantiseStep{}, config::GreyStep{}}, 1, "'grey' comes after 'quantise'"},
      {{config::PerspectiveStep{{{{0, 0}, {0, 1}, {1, 1}, {1, 0}}}, {}}}, 1, "convex area"}};
  for (const auto& [steps, channels, text] : cases) {
    const auto made = Preprocessor::Create(steps, std::nullopt, Pixels(4, 4, channels));
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(made.error().message, HasSubstr(text));
  }
}

TEST(Chain, APlaceOutsideThePictureIsAnErrorThatNamesBoth) {
  const std::tuple<PreprocessStep, const char*> cases[] = {
      {config::CropStep{2, 0, 3, 1}, "3x1 pixels at 2,0 reach outside the picture of 4x3"},
      {config::PerspectiveStep{{{{0, 0}, {5, 0}, {4, 3}, {0, 3}}}, {}},
       "the point 5,0 lies outside the picture of 4x3"}};
  for (const auto& [step, text] : cases) {
    auto made = Preprocessor::Create({step}, std::nullopt, Pixels(4, 4));
    ASSERT_TRUE(made);
    std::vector<std::byte> bytes(16);
    const auto report = made->Run(Counted(), bytes);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(report.error().message, HasSubstr(text));
  }
}

TEST(Chain, ResizedByAreaOrTriangleAPlainPictureStaysPlain) {
  for (const auto filter : {config::ResizeStep::Filter::kArea, config::ResizeStep::Filter::kBilinear}) {
    config::ResizeStep resize;
    resize.filter = filter;
    for (const auto& [width, height] : {std::pair{7, 3}, {28, 28}, {100, 41}}) {
      EXPECT_THAT(RunSteps({resize}, GreyFrame(41, 29, std::vector<uint8_t>(41 * 29, 99)), Pixels(width, height)),
                  testing::Each(uint8_t{99}));
    }
  }
}

TEST(Chain, ATriangleWeighsByDistance) {
  // From 4 pixels to 2: output 0 at 1.0, triangle 2 wide to each side: weights of the centres 0.5, 1.5, 2.5 are 3/4,
  // 3/4, 1/4, and of 3.5 nothing. (100 * 3 + 20 * 3 + 60) / 7 = 60.
  config::ResizeStep resize;
  resize.filter = config::ResizeStep::Filter::kBilinear;
  EXPECT_EQ(RunSteps({resize}, GreyFrame(4, 1, {100, 20, 60, 240}), Pixels(2, 1))[0], 60);
}

}  // namespace
}  // namespace glimpse::media
