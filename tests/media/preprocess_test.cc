// SPDX-License-Identifier: Apache-2.0
#include "media/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "media/centre.h"
#include "media/ink.h"
#include "tests/media/support.h"

namespace glimpse::media {
namespace {

using config::CentreStep;
using config::GreyStep;
using config::InvertStep;
using config::NormaliseStep;
using config::PreprocessStep;
using config::ResizeStep;
using testing::HasSubstr;

const std::vector<PreprocessStep>& DefaultSteps() {
  static const std::vector<PreprocessStep> steps = config::Pipeline().preprocess;
  return steps;
}

struct Outcome {
  PreprocessReport report;
  std::vector<uint8_t> pixels;
  std::vector<NamedPicture> pictures;
};

Outcome RunSteps(const std::vector<PreprocessStep>& steps, const Frame& frame, const InputSpec& spec,
                 std::optional<config::Region> region = std::nullopt) {
  Outcome outcome;
  auto preprocessor = Preprocessor::Create(steps, region, spec);
  EXPECT_TRUE(preprocessor) << preprocessor.error().message;
  // Two poisons: every byte must be written.
  std::vector<std::byte> first(spec.Bytes(), std::byte{0x11});
  std::vector<std::byte> second(spec.Bytes(), std::byte{0xee});
  const auto report = preprocessor->Run(frame, first, &outcome.pictures);
  EXPECT_TRUE(report) << report.error().message;
  EXPECT_TRUE(preprocessor->Run(frame, second));
  EXPECT_EQ(first, second);
  outcome.report = *report;
  outcome.pixels.resize(first.size());
  std::memcpy(outcome.pixels.data(), first.data(), first.size());
  return outcome;
}

std::string CreateError(const std::vector<PreprocessStep>& steps, const InputSpec& spec, ErrorCode code,
                        std::optional<config::Region> region = std::nullopt) {
  const auto preprocessor = Preprocessor::Create(steps, region, spec);
  EXPECT_FALSE(preprocessor);
  if (preprocessor) return "";
  EXPECT_EQ(preprocessor.error().code, code);
  return preprocessor.error().message;
}

TEST(Preprocess, GreyAloneAtTheInputsSizeChangesNothing) {
  std::vector<uint8_t> pixels(784);
  std::iota(pixels.begin(), pixels.end(), uint8_t{0});
  EXPECT_EQ(RunSteps({GreyStep{}}, GreyFrame(28, 28, pixels), Pixels(28, 28)).pixels, pixels);
}

TEST(Preprocess, WithoutStepsTheFrameIsMadeGreyAndResized) {
  const Frame rgb = MakeFrame(PixelFormat::kRgb24, 2, 1, {255, 0, 0, 255, 0, 0});
  EXPECT_EQ(RunSteps({}, rgb, Pixels(1, 1)).pixels, (std::vector<uint8_t>{76}));
}

TEST(Preprocess, AColourInputKeepsItsChannelsUnlessGreyIsAsked) {
  const Frame rgb = MakeFrame(PixelFormat::kBgr24, 1, 1, {30, 20, 10});
  EXPECT_EQ(RunSteps({}, rgb, Pixels(1, 1, 3)).pixels, (std::vector<uint8_t>{10, 20, 30}));
  const uint8_t luma = Luma(10, 20, 30);
  EXPECT_EQ(RunSteps({GreyStep{}}, rgb, Pixels(1, 1, 3)).pixels, (std::vector<uint8_t>{luma, luma, luma}));
  EXPECT_EQ(RunSteps({InvertStep{InvertStep::Mode::kYes}}, rgb, Pixels(1, 1, 3)).pixels,
            (std::vector<uint8_t>{245, 235, 225}));
}

TEST(Preprocess, ARegionIsCutBeforeAnythingElse) {
  const Frame frame = GreyFrame(3, 2, {1, 2, 3, 4, 5, 6});
  const config::Region region{"d1", 1, 1, 2, 1};
  EXPECT_EQ(RunSteps({}, frame, Pixels(2, 1), region).pixels, (std::vector<uint8_t>{5, 6}));
}

TEST(Preprocess, ARegionOutsideTheFrameIsAnErrorNamingBothSizes) {
  for (const config::Region& region : {config::Region{"d1", 2, 0, 2, 1}, config::Region{"d1", 0, 1, 1, 2},
                                       config::Region{"d1", 2147483647, 0, 2147483647, 1}}) {
    auto preprocessor = Preprocessor::Create({}, region, Pixels(1, 1));
    ASSERT_TRUE(preprocessor) << preprocessor.error().message;
    std::byte out{};
    const auto report = preprocessor->Run(GreyFrame(3, 2, {1, 2, 3, 4, 5, 6}), {&out, 1});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(report.error().message, HasSubstr("region 'd1'"));
    EXPECT_THAT(report.error().message, HasSubstr("frame of 3x2"));
  }
}

TEST(Preprocess, RefusesWrongBuffersAndFrames) {
  auto preprocessor = Preprocessor::Create({}, std::nullopt, Pixels(2, 2));
  ASSERT_TRUE(preprocessor);
  std::vector<std::byte> out(3);
  EXPECT_EQ(preprocessor->Run(GreyFrame(1, 1, {0}), out).error().code, ErrorCode::kInvalidArgument);
  out.resize(4);
  EXPECT_EQ(preprocessor->Run(Frame(), out).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(preprocessor->Run(GreyFrame(1, 1, {0}), out));
}

TEST(Preprocess, CreateRefusesWhatCannotWork) {
  EXPECT_THAT(CreateError({GreyStep{}, GreyStep{}}, Pixels(1, 1), ErrorCode::kInvalidConfig), HasSubstr("'grey'"));
  EXPECT_THAT(CreateError({CentreStep{}}, Pixels(9, 9, 3), ErrorCode::kInvalidConfig), HasSubstr("'grey' before"));
  EXPECT_THAT(CreateError({CentreStep{}, GreyStep{}}, Pixels(9, 9, 3), ErrorCode::kInvalidConfig),
              HasSubstr("'grey' before"));
  EXPECT_THAT(CreateError({}, Pixels(0, 5), ErrorCode::kUnsupported), HasSubstr("0x5"));
  EXPECT_THAT(CreateError({}, Pixels(5, 5, 2), ErrorCode::kUnsupported), HasSubstr("2 channels"));
  EXPECT_THAT(CreateError({}, Pixels(5, 5), ErrorCode::kInvalidConfig, config::Region{"r", 0, 0, 0, 4}),
              HasSubstr("region 'r'"));
  EXPECT_THAT(CreateError({}, Pixels(5, 5), ErrorCode::kInvalidConfig, config::Region{"r", -1, 0, 4, 4}),
              HasSubstr("region 'r'"));
}

TEST(Preprocess, FloatInputsGetTheRealsThemselves) {
  InputSpec spec = Pixels(2, 1);
  spec.type = InputType::kFloat32;
  NormaliseStep normalise;
  normalise.range = {-1.0, 1.0};
  const auto bytes = RunSteps({normalise}, GreyFrame(2, 1, {0, 255}), spec).pixels;
  float reals[2];
  ASSERT_EQ(bytes.size(), sizeof(reals));
  std::memcpy(reals, bytes.data(), sizeof(reals));
  EXPECT_EQ(reals[0], -1.0f);
  EXPECT_EQ(reals[1], 1.0f);
}

TEST(Invert, YesAndNoDoAsTheySay) {
  const Frame frame = GreyFrame(2, 1, {0, 200});
  EXPECT_EQ(RunSteps({InvertStep{InvertStep::Mode::kYes}}, frame, Pixels(2, 1)).pixels,
            (std::vector<uint8_t>{255, 55}));
  EXPECT_EQ(RunSteps({InvertStep{InvertStep::Mode::kNo}}, frame, Pixels(2, 1)).pixels, (std::vector<uint8_t>{0, 200}));
}

TEST(InvertAuto, FollowsTheInkNotTheMeanLevel) {
  const std::vector<PreprocessStep> steps = {InvertStep{InvertStep::Mode::kAuto}};
  for (const auto& [paper, ink, inverted] :
       {std::tuple{230, 40, true}, {90, 30, true}, {20, 250, false}, {150, 220, false}}) {
    const Image image = RingOnPaper(60, 50, 30, 25, 15, 5, paper, ink);
    const Outcome outcome = RunSteps(steps, ToFrame(image), Pixels(60, 50));
    EXPECT_EQ(outcome.report.inverted, inverted) << paper << " " << ink;
    EXPECT_FALSE(outcome.report.blank) << paper << " " << ink;
  }
}

TEST(InvertAuto, AGradientAcrossThePaperIsNoInk) {
  Image image = RingOnPaper(120, 90, 60, 45, 26, 6, 0, 1);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      uint8_t& pixel = image.Row(y)[x];
      const int paper = 120 + x;  // 120 to 239
      pixel = static_cast<uint8_t>(pixel == 1 ? paper - 70 : paper);
    }
  }
  const Outcome outcome = RunSteps(DefaultSteps(), ToFrame(image), Pixels(28, 28));
  EXPECT_TRUE(outcome.report.inverted);
  EXPECT_TRUE(outcome.report.centred);
  EXPECT_NEAR(outcome.report.ink_x, 34, 1);
  EXPECT_NEAR(outcome.report.ink_y, 19, 1);
  EXPECT_NEAR(outcome.report.ink_width, 53, 2);
  EXPECT_NEAR(outcome.report.ink_height, 53, 2);
}

TEST(Blank, IsSaidOfPlainPaperAndOfFaintGrain) {
  const Outcome plain = RunSteps(DefaultSteps(), GreyFrame(50, 40, std::vector<uint8_t>(2000, 200)), Pixels(28, 28));
  EXPECT_TRUE(plain.report.blank);
  EXPECT_FALSE(plain.report.centred);
  std::vector<uint8_t> grain(2000);
  for (size_t i = 0; i < grain.size(); ++i) grain[i] = static_cast<uint8_t>(195 + (i * 2654435761u >> 13) % 11);
  EXPECT_TRUE(RunSteps(DefaultSteps(), GreyFrame(50, 40, grain), Pixels(28, 28)).report.blank);
  EXPECT_TRUE(RunSteps(DefaultSteps(), GreyFrame(1, 1, {7}), Pixels(28, 28)).report.blank);
}

TEST(Centre, PutsTheInkInto20Of28WithItsMassInTheMiddle) {
  // A ring far from the middle, of 41 pixels across.
  const Image image = RingOnPaper(160, 120, 40, 80, 20, 6, 210, 50);
  const Outcome outcome = RunSteps(DefaultSteps(), ToFrame(image), Pixels(28, 28));
  ASSERT_TRUE(outcome.report.centred);
  int left = 28, right = -1, top = 28, bottom = -1;
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      if (outcome.pixels[static_cast<size_t>(y * 28 + x)] == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  EXPECT_EQ(right - left + 1, 20);
  EXPECT_EQ(bottom - top + 1, 20);
  EXPECT_TRUE(IsPlaced(GreyImage(28, 28, outcome.pixels)));
  EXPECT_EQ(*std::max_element(outcome.pixels.begin(), outcome.pixels.end()), 255);
}

TEST(Centre, DoesNothingToWhatItMadeItself) {
  const Image image = RingOnPaper(100, 80, 50, 40, 25, 6, 220, 60);
  const auto once = RunSteps(DefaultSteps(), ToFrame(image), Pixels(28, 28)).pixels;
  EXPECT_EQ(RunSteps(DefaultSteps(), GreyFrame(28, 28, once), Pixels(28, 28)).pixels, once);
}

TEST(Centre, IsTheSameWhereverTheInkLies) {
  const auto at = [](int x, int y) {
    return RunSteps(DefaultSteps(), ToFrame(RingOnPaper(150, 120, x, y, 20, 5, 220, 60)), Pixels(28, 28)).pixels;
  };
  const auto middle = at(75, 60);
  EXPECT_EQ(at(40, 40), middle);
  EXPECT_EQ(at(110, 75), middle);
}

TEST(Centre, LeavesOutDustAndANeighbourAtTheBorder) {
  Image image = RingOnPaper(120, 120, 60, 60, 25, 6, 220, 60);
  const auto alone = RunSteps(DefaultSteps(), ToFrame(image), Pixels(28, 28)).pixels;
  for (int y = 4; y < 7; ++y) std::fill_n(image.Row(y) + 5, 3, uint8_t{70});       // dust
  for (int y = 20; y < 100; ++y) std::fill_n(image.Row(y) + 112, 8, uint8_t{60});  // another digit's stroke
  const Outcome outcome = RunSteps(DefaultSteps(), ToFrame(image), Pixels(28, 28));
  EXPECT_EQ(outcome.pixels, alone);
}

TEST(Centre, KeepsADetachedStrokeNearby) {
  Image image = RingOnPaper(120, 120, 60, 70, 20, 6, 220, 60);
  for (int y = 38; y < 44; ++y) std::fill_n(image.Row(y) + 45, 30, uint8_t{60});  // 6 pixels above the ring
  const Outcome outcome = RunSteps(DefaultSteps(), ToFrame(image), Pixels(28, 28));
  EXPECT_EQ(outcome.report.ink_y, 38);
}

TEST(Centre, ResizeBeforeItThrowsNothingAway) {
  const Image image = RingOnPaper(200, 150, 100, 75, 30, 7, 220, 60);
  const InvertStep invert{InvertStep::Mode::kAuto};
  EXPECT_EQ(RunSteps({GreyStep{}, ResizeStep{}, invert, CentreStep{}}, ToFrame(image), Pixels(28, 28)).pixels,
            RunSteps({GreyStep{}, invert, CentreStep{}}, ToFrame(image), Pixels(28, 28)).pixels);
}

TEST(Centre, WorksForOtherInputSizes) {
  const Image image = RingOnPaper(200, 150, 100, 75, 30, 7, 220, 60);
  for (const auto& [width, height] : {std::pair{32, 20}, {96, 96}, {1, 1}, {3, 200}}) {
    const Outcome outcome = RunSteps(DefaultSteps(), ToFrame(image), Pixels(width, height));
    EXPECT_TRUE(outcome.report.centred) << width << "x" << height;
  }
}

TEST(PlaceDigit, TheCentreOfMassRoundsToTheNearestPixel) {
  // A bar of 20 x 4 pixels, heavier at its left: mass (3 * 255 + 1 * 51) / ... worked for 28 x 28 below.
  Image ink = GreyImage(20, 4, {});
  ink.Reshape(20, 4, 1);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 20; ++x) ink.Row(y)[x] = x < 10 ? 255 : 51;
  }
  // x: (255 * 45 + 51 * 145) / (255 * 10 + 51 * 10) = 18870 / 3060 = 6.17; 14 - 6.17 = 7.83 -> 8, and 8 + 20 fits 28.
  // y: (0 + 1 + 2 + 3) / 4 = 1.5; 14 - 1.5 = 12.5 -> 13.
  Resampler resampler;
  Image digit;
  Image out;
  PlaceDigit(ink, {0, 0, 20, 4}, 28, 28, Filter::kArea, resampler, digit, out);
  EXPECT_EQ(out.Row(13)[8], 255);
  EXPECT_EQ(out.Row(13)[7], 0);
  EXPECT_EQ(out.Row(12)[8], 0);
  EXPECT_EQ(out.Row(16)[27], 51);
  EXPECT_EQ(out.Row(17)[8], 0);
}

TEST(PlaceDigit, NeverLeavesThePicture) {
  // All mass in the first column: the middle would need an offset of 14, 8 is the most that 20 pixels allow.
  Image ink = GreyImage(20, 20, {});
  ink.Reshape(20, 20, 1);
  std::fill(ink.pixels.begin(), ink.pixels.end(), uint8_t{0});
  for (int y = 0; y < 20; ++y) ink.Row(y)[0] = 255;
  Resampler resampler;
  Image digit;
  Image out;
  PlaceDigit(ink, {0, 0, 20, 20}, 28, 28, Filter::kArea, resampler, digit, out);
  EXPECT_EQ(out.Row(14)[8], 255);
}

TEST(FitSide, IsTwentyOfTwentyEight) {
  EXPECT_EQ(FitSide(28), 20);
  EXPECT_EQ(FitSide(96), 69);  // 68.57
  EXPECT_EQ(FitSide(1), 1);
}

TEST(Preprocess, StepsCanBeLookedAt) {
  const Image image = RingOnPaper(60, 50, 30, 25, 15, 5, 220, 60);
  std::vector<std::string> names;
  for (const NamedPicture& picture : RunSteps(DefaultSteps(), ToFrame(image), Pixels(28, 28)).pictures) {
    names.push_back(picture.name);
    EXPECT_TRUE(picture.picture.IsConsistent());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"region", "grey", "invert", "paper", "centre", "input"}));
}

TEST(Preprocessor, NormalisationOfTheInputWinsOverTheStepChannelByChannel) {
  InputSpec spec = Pixels(2, 1, 3);
  spec.type = InputType::kFloat32;
  spec.normalisation = {{10, 1}, {0, 2}, {0, 10}};
  auto preprocessor = Preprocessor::Create({NormaliseStep{std::pair{-1.0, 1.0}, std::nullopt}}, std::nullopt, spec);
  ASSERT_TRUE(preprocessor) << preprocessor.error().message;
  const Frame frame = MakeFrame(PixelFormat::kRgb24, 2, 1, {10, 20, 30, 40, 50, 60});
  std::vector<float> real(6);
  ASSERT_TRUE(preprocessor->Run(frame, std::as_writable_bytes(std::span(real))));
  EXPECT_EQ(real, (std::vector<float>{0, 10, 3, 30, 25, 6}));
  spec.normalisation.pop_back();
  EXPECT_EQ(Preprocessor::Create({}, std::nullopt, spec).error().code, ErrorCode::kUnsupported);
  spec.normalisation = {{0, 0}};
  EXPECT_EQ(Preprocessor::Create({}, std::nullopt, spec).error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace glimpse::media
