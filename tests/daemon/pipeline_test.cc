// SPDX-License-Identifier: Apache-2.0
// A pipeline on a small model with the reference plugin of this build.
#include "daemon/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/file.h"
#include "tests/support/packed_models.h"

namespace glimpse::daemon {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// TinyCnn: 6 x 6 grey to 3 classes.
class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "glimpse-pipeline-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    const std::string model = (folder_ / "tiny.tflite").string();
    ASSERT_TRUE(WriteFile(model, testkit::TinyCnn().Build()));
    auto plugins = PluginHost::Load({}, CpuInfo::Detect());
    ASSERT_TRUE(plugins) << plugins.error().message;
    plugins_ = *plugins;
    config_.files = {"c.yaml"};
    config_.cameras["c"].fps = 100;
    settings_.name = "p";
    settings_.camera = "c";
    settings_.model = model;
    settings_.preprocess = {config::GreyStep{}, config::ResizeStep{}};
    settings_.decide.stale_s = 1;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Pipeline> Make() {
    auto pipeline = Pipeline::Create(config_, settings_, plugins_);
    EXPECT_TRUE(pipeline) << pipeline.error().message;
    return pipeline ? std::move(*pipeline) : nullptr;
  }
  Error ErrorOf() {
    const auto pipeline = Pipeline::Create(config_, settings_, plugins_);
    EXPECT_FALSE(pipeline);
    return pipeline ? Error{} : pipeline.error();
  }
  void WriteLabels(const std::string& text) {
    settings_.labels = (folder_ / "labels.txt").string();
    ASSERT_TRUE(WriteFile(settings_.labels, std::as_bytes(std::span(text))));
  }
  static media::Frame Picture(int width, int height) {
    std::vector<uint8_t> pixels(static_cast<size_t>(width * height));
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 37);
    media::Frame frame = media::MakeFrame(media::PixelFormat::kGrey8, width, height, std::move(pixels));
    frame.sequence = 5;
    frame.captured = std::chrono::steady_clock::now();
    return frame;
  }

  fs::path folder_;
  std::shared_ptr<PluginHost> plugins_;
  config::Config config_;
  config::Pipeline settings_;
};

TEST_F(PipelineTest, GivesAPredictionForEachRegionInOrder) {
  settings_.regions = {{"z", 0, 0, 6, 6}, {"a", 6, 6, 6, 6}};
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  std::vector<Prediction> predictions;
  ASSERT_FALSE(pipeline->Process(Picture(12, 12), &predictions));
  ASSERT_EQ(predictions.size(), 2u);
  EXPECT_EQ(predictions[0].region, "z");
  EXPECT_EQ(predictions[1].region, "a");
  EXPECT_EQ(predictions[0].scores.size(), 3u);
  EXPECT_EQ(predictions[0].frame, 5u);
  EXPECT_EQ(pipeline->stats().Snapshot(std::chrono::steady_clock::now()).predictions, 2u);
}

TEST_F(PipelineTest, SameFrameGivesTheSameScoresAndSoDoesClassify) {
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  std::vector<Prediction> first, second;
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &first));
  const auto asked = pipeline->ClassifyPicture(Picture(6, 6), "");
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &second));
  ASSERT_TRUE(asked);
  EXPECT_EQ(first[0].scores, second[0].scores);
  EXPECT_EQ(first[0].scores, asked->scores);
}

TEST_F(PipelineTest, RegionOutsideTheFrameFailsThatFrameAndIsNewsOnce) {
  settings_.regions = {{"in", 0, 0, 6, 6}, {"out", 8, 8, 6, 6}};
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  std::vector<Prediction> predictions;
  const auto first = pipeline->Process(Picture(12, 12), &predictions);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->news);
  EXPECT_THAT(first->error.message, HasSubstr("out"));
  EXPECT_TRUE(predictions.empty()) << "half a frame's predictions would mislead";
  EXPECT_FALSE(pipeline->Process(Picture(12, 12), &predictions)->news);
  EXPECT_FALSE(pipeline->Process(Picture(14, 14), &predictions));
  EXPECT_EQ(predictions.size(), 2u);
}

TEST_F(PipelineTest, LooksAtWhatItsTriggerWantsAndAtWhatIsAskedForByItOrItsSuccessor) {
  settings_.trigger = {config::Trigger::Kind::kOnRequest};
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  std::vector<Prediction> predictions;
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  EXPECT_TRUE(predictions.empty());
  pipeline->Request();
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  EXPECT_EQ(predictions.size(), 1u);
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  EXPECT_EQ(predictions.size(), 1u);
  // A reload between the request and the next frame loses nothing.
  pipeline->Request();
  const auto next = Make();
  ASSERT_NE(next, nullptr);
  next->TakeOver(*pipeline);
  ASSERT_FALSE(next->Process(Picture(6, 6), &predictions));
  EXPECT_EQ(predictions.size(), 2u);
}

TEST_F(PipelineTest, AFrameThatIsNotWantedIsNoSilenceAndAfterSilenceThereIsAnAnswer) {
  settings_.trigger = {config::Trigger::Kind::kOnChange};
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  std::vector<Prediction> predictions;
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  EXPECT_EQ(predictions.size(), 1u) << "the same picture";
  pipeline->CheckStale(std::chrono::steady_clock::now(), &predictions);
  EXPECT_EQ(predictions.size(), 1u);
  pipeline->CheckStale(std::chrono::steady_clock::now() + std::chrono::seconds(5), &predictions);
  ASSERT_EQ(predictions.size(), 2u);
  EXPECT_EQ(predictions[1].decision.reason, "stale");
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  EXPECT_EQ(predictions.size(), 3u) << "the picture is as before, but the answer was that it is not known";
}

TEST_F(PipelineTest, WhatIsBlurredIsUnknownWhenTheConfigurationSaysHowMuchThatIs) {
  const auto picture = [](bool sharp) {
    std::vector<uint8_t> pixels(40 * 40);
    for (size_t i = 0; i < pixels.size(); ++i) {
      const int x = static_cast<int>(i % 40);
      pixels[i] = static_cast<uint8_t>(sharp ? (x < 20 ? 20 : 220) : 20 + 5 * x);
    }
    return media::MakeFrame(media::PixelFormat::kGrey8, 40, 40, std::move(pixels));
  };
  for (const double limit : {0.0, 8.0}) {
    settings_.decide.blur_px = limit;
    const auto pipeline = Make();
    ASSERT_NE(pipeline, nullptr);
    std::vector<Prediction> predictions;
    ASSERT_FALSE(pipeline->Process(picture(true), &predictions));
    ASSERT_FALSE(pipeline->Process(picture(false), &predictions));
    ASSERT_EQ(predictions.size(), 2u);
    EXPECT_NE(predictions[0].decision.reason, "blurred");
    EXPECT_EQ(predictions[1].decision.reason == "blurred", limit > 0);
  }
}

TEST_F(PipelineTest, SilenceIsStaleOnceAndEndsWithTheNextFrame) {
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  std::vector<Prediction> predictions;
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  predictions.clear();
  const auto now = std::chrono::steady_clock::now();
  pipeline->CheckStale(now, &predictions);
  EXPECT_TRUE(predictions.empty());
  pipeline->CheckStale(now + std::chrono::seconds(2), &predictions);
  pipeline->CheckStale(now + std::chrono::seconds(9), &predictions);
  ASSERT_EQ(predictions.size(), 1u);
  EXPECT_EQ(predictions[0].decision.reason, "stale");
  EXPECT_EQ(predictions[0].frame, 5u);
  ASSERT_FALSE(pipeline->Process(Picture(6, 6), &predictions));
  predictions.clear();
  pipeline->CheckStale(now + std::chrono::hours(1), &predictions);
  EXPECT_EQ(predictions.size(), 1u);
}

TEST_F(PipelineTest, StaleWaitsForThreeFramesOfASlowCamera) {
  config_.cameras["c"].fps = 0.1;
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  std::vector<Prediction> predictions;
  pipeline->CheckStale(std::chrono::steady_clock::now() + std::chrono::seconds(29), &predictions);
  EXPECT_TRUE(predictions.empty());
  pipeline->CheckStale(std::chrono::steady_clock::now() + std::chrono::seconds(31), &predictions);
  EXPECT_EQ(predictions.size(), 1u);
}

TEST_F(PipelineTest, LabelsNameTheClassesAndMustBeAsMany) {
  WriteLabels("nought\n one \r\ntwo\n\n");
  EXPECT_EQ(Make()->info()->labels, (std::vector<std::string>{"nought", "one", "two"}));
  WriteLabels("a\nb\n");
  EXPECT_EQ(ErrorOf().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(ErrorOf().message, HasSubstr("2 labels, the model tells 3 classes apart"));
  WriteLabels("a\n\nc\n");
  EXPECT_THAT(ErrorOf().message, HasSubstr("labels.txt:2: is empty"));
  WriteLabels("a\nb\xff\nc\n");
  EXPECT_THAT(ErrorOf().message, HasSubstr("labels.txt:2: a label must be UTF-8"));
}

TEST_F(PipelineTest, NamesThatDoNotExistAreTheConfigurationsFault) {
  config_.places["pipelines.p"] = "c.yaml:3:1";
  config_.places["pipelines.p.numerics"] = "c.yaml:4:9";
  settings_.numerics = "litert-refrence";
  EXPECT_EQ(ErrorOf().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(ErrorOf().message, ::testing::StartsWith("c.yaml:4:9: "));
  settings_.numerics = "litert-reference";
  settings_.kernels.overrides = {{"CONV_2D", "nosuch"}};
  EXPECT_EQ(ErrorOf().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(ErrorOf().message, ::testing::StartsWith("c.yaml:3:1: "));
}

TEST_F(PipelineTest, LimitsOfTheConfigurationHoldForTheModel) {
  settings_.limits.operators = 2;
  EXPECT_EQ(ErrorOf().code, ErrorCode::kExhausted);
  EXPECT_THAT(ErrorOf().message, HasSubstr("has 5 operators, the limit (operators) is 2"));
  settings_.limits.operators = 5;
  settings_.limits.work = 10;
  EXPECT_EQ(ErrorOf().code, ErrorCode::kExhausted);
  EXPECT_THAT(ErrorOf().message, HasSubstr("the limit of 10 steps"));
}

TEST(ModelLimits, DefaultsAreThoseOfTheEngine) {
  const auto all = [](const Limits& l) {
    return std::tie(l.file_bytes, l.tensors, l.operators, l.tensor_bytes, l.arena_bytes, l.work, l.loop_iterations,
                    l.seconds);
  };
  const Limits configured = LimitsOf(config::ModelLimits{});
  const Limits engine;
  EXPECT_EQ(all(configured), all(engine));
}

TEST_F(PipelineTest, NormalisationAndLabelsOfTheModelAreUsedAndSaid) {
  const auto described = [this] { return nlohmann::json::parse(Make()->info()->description); };
  EXPECT_EQ(described()["normalisation"]["from"], "default");
  EXPECT_EQ(described()["labels_from"], "numbers");
  EXPECT_TRUE(Make()->info()->notes.empty());
  // (pixel - 255) / 255 is 1 less than pixel / 255: every input is at the bottom of the range.
  ASSERT_TRUE(WriteFile(settings_.model, testkit::TinyCnnPacked(testkit::Describe({255}, {255}, "names.txt"),
                                                                {{"names.txt", "x\ny\nz\n"}})));
  settings_.preprocess.push_back(config::NormaliseStep{std::nullopt, std::pair{0.0, 255.0}});
  const auto pipeline = Make();
  ASSERT_NE(pipeline, nullptr);
  EXPECT_EQ(pipeline->info()->labels, (std::vector<std::string>{"x", "y", "z"}));
  EXPECT_EQ(described()["normalisation"], nlohmann::json::parse(R"({"from":"model","mean":[255.0],"std":[255.0]})"));
  EXPECT_EQ(described()["labels_from"], "model");
  EXPECT_THAT(pipeline->info()->notes, ::testing::Contains(HasSubstr("instead of the configuration's")));
  EXPECT_THAT(pipeline->info()->notes, ::testing::Contains(HasSubstr("'names.txt'")));
  const auto seen = pipeline->ClassifyPicture(Picture(6, 6), "");
  const auto dark = pipeline->ClassifyTensor(std::vector<std::byte>(36, std::byte{0x80}));
  ASSERT_TRUE(seen && dark);
  EXPECT_EQ(seen->scores, dark->scores);
  WriteLabels("a\nb\nc\n");
  EXPECT_EQ(described()["labels_from"], "file");
}

TEST_F(PipelineTest, PackedLabelsMustFitTheModel) {
  ASSERT_TRUE(WriteFile(settings_.model,
                        testkit::TinyCnnPacked(testkit::Describe({}, {}, "names.txt"), {{"names.txt", "x\ny\n"}})));
  EXPECT_EQ(ErrorOf().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(ErrorOf().message, HasSubstr("'names.txt' has 2 labels, the model tells 3 classes apart"));
}

TEST_F(PipelineTest, DescriptionNamesThePluginOfEachOperator) {
  const auto description = nlohmann::json::parse(Make()->info()->description);
  ASSERT_EQ(description["operators"].size(), 5u);
  EXPECT_EQ(description["operators"][0]["op"], "CONV_2D");
  EXPECT_THAT(description["operators"][0]["plugin_path"].get<std::string>(), HasSubstr("glimpse-ops-"));
  EXPECT_EQ(description["scores"], "probabilities");
  EXPECT_EQ(description["preprocess"], nlohmann::json::parse(R"([{"grey":true},{"resize":"area"}])"));
}

TEST_F(PipelineTest, TensorOfTheWrongLengthIsRefused) {
  const auto pipeline = Make();
  EXPECT_TRUE(pipeline->ClassifyTensor(std::vector<std::byte>(36)));
  EXPECT_EQ(pipeline->ClassifyTensor(std::vector<std::byte>(35)).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace glimpse::daemon
