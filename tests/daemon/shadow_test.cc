// SPDX-License-Identifier: Apache-2.0
// Which inputs a new graph is tried on, and what is expected of it.
#include "daemon/reload/shadow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "tests/support/packed_models.h"

namespace glimpse::daemon {
namespace {

namespace fs = std::filesystem;

// TinyCnn: 6 x 6 grey to 3 classes.
class ShadowTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "glimpse-shadow-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    settings_.name = "p";
    settings_.model = (folder_ / "tiny.tflite").string();
    settings_.preprocess = {config::GreyStep{}, config::ResizeStep{}};
    ASSERT_TRUE(WriteFile(settings_.model, testkit::TinyCnn().Build()));
    auto plugins = PluginHost::Load({}, CpuInfo::Detect());
    ASSERT_TRUE(plugins) << plugins.error().message;
    plugins_ = *plugins;
    config_.files = {"c.yaml"};
  }
  void TearDown() override { fs::remove_all(folder_); }

  GraphPlan Plan(const Graph* before = nullptr) {
    auto plan = PlanGraph(config_, settings_, before);
    EXPECT_TRUE(plan) << plan.error().message;
    return std::move(*plan);
  }
  std::shared_ptr<Graph> Build() {
    auto graph = BuildGraph(Plan(), plugins_);
    EXPECT_TRUE(graph) << graph.error().message;
    return *graph;
  }
  static media::Frame Picture(int width, int height, uint8_t level) {
    std::vector<uint8_t> pixels(static_cast<size_t>(width * height), level);
    return media::MakeFrame(media::PixelFormat::kGrey8, width, height, std::move(pixels));
  }

  fs::path folder_;
  std::shared_ptr<PluginHost> plugins_;
  config::Config config_;
  config::Pipeline settings_;
};

TEST_F(ShadowTest, EveryRegionOfEveryFrameIsASample) {
  settings_.regions = {{"a", 0, 0, 6, 6}, {"b", 6, 6, 6, 6}};
  const auto inputs = ShadowInputs(Plan(), settings_, {Picture(12, 12, 10), Picture(12, 12, 20)});
  ASSERT_TRUE(inputs) << inputs.error().message;
  EXPECT_FALSE(inputs->seeded);
  ASSERT_EQ(inputs->samples, 4u);
  // pixel - 128 as a byte, with a scale of 1/255 and a zero point of -128.
  EXPECT_EQ(inputs->data[0][0], std::vector<std::byte>(36, std::byte{138}));
  EXPECT_EQ(inputs->data[3][0], std::vector<std::byte>(36, std::byte{148}));
}

TEST_F(ShadowTest, WithoutAFrameThatFitsInputsAreMadeUp) {
  settings_.regions = {{"far", 10, 10, 6, 6}};
  for (const auto& frames : {std::vector<media::Frame>{}, std::vector<media::Frame>{Picture(12, 12, 10)}}) {
    const auto inputs = ShadowInputs(Plan(), settings_, frames);
    ASSERT_TRUE(inputs) << inputs.error().message;
    EXPECT_TRUE(inputs->seeded);
    EXPECT_GT(inputs->samples, 0u);
  }
}

TEST_F(ShadowTest, ManyFramesAreBounded) {
  const auto inputs = ShadowInputs(Plan(), settings_, std::vector<media::Frame>(200, Picture(6, 6, 1)));
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->samples, golden::kMaxSamples);
}

TEST_F(ShadowTest, TheOldGraphTellsWhatIsExpectedUnderTheSameModelAndProfile) {
  const auto old = Build();
  Deadline deadline(60, {});
  const std::vector<media::Frame> frames{Picture(6, 6, 50)};
  const auto same = ShadowVectors(Plan(old.get()), settings_, frames, old.get(), plugins_, deadline);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->operators.size(), 5u);
  WrongKernel wrong;
  const auto graph = Build();
  const auto proved = Prove(*graph, *same, "frames", "", nullptr, &wrong);
  ASSERT_TRUE(proved) << proved.error().message;
  // What one kernel computes together with the next is compared by what comes out of that.
  uint64_t fused = 0;
  for (const PlannedOperator& op : graph->interpreter->plan()) fused += static_cast<uint64_t>(op.fused);
  EXPECT_EQ(proved->operators, 5u - fused);

  settings_.numerics = "litert-xnnpack";
  const auto other = ShadowVectors(Plan(), settings_, frames, old.get(), plugins_, deadline);
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_TRUE(other->operators.empty());
  const auto none = ShadowVectors(Plan(), settings_, frames, nullptr, plugins_, deadline);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->operators.empty());
}

TEST_F(ShadowTest, ADifferenceIsAPluginErrorThatNamesTheLayer) {
  const auto old = Build();
  Deadline deadline(60, {});
  auto vectors = ShadowVectors(Plan(), settings_, {Picture(6, 6, 50)}, old.get(), plugins_, deadline);
  ASSERT_TRUE(vectors);
  (*vectors->operators[1].outputs[0].samples[0])[0] ^= 1;
  WrongKernel wrong;
  const auto proved = Prove(*old, *vectors, "the last frames", "choose another one", nullptr, &wrong);
  ASSERT_FALSE(proved);
  EXPECT_EQ(proved.error().code, ErrorCode::kPlugin);
  EXPECT_THAT(
      proved.error().message,
      ::testing::StartsWith("pipeline 'p', the last frames: operator 1, MAX_POOL_2D 'pool', computed by kernel "));
  EXPECT_EQ(wrong.op, 1);
  EXPECT_EQ(wrong.layer, "MAX_POOL_2D 'pool'");
  EXPECT_EQ(wrong.plugin, old->interpreter->plan()[1].plugin);
}

TEST_F(ShadowTest, AModelThatDidNotChangeIsHeldOnce) {
  const auto old = Build();
  EXPECT_EQ(Plan(old.get()).model, old->plan.model);
  EXPECT_TRUE(IsSame(*old, Plan(old.get()), ImagesOf(*plugins_)));
  settings_.kernels.overrides = {{"CONV_2D", "reference"}};
  EXPECT_EQ(Plan(old.get()).model, old->plan.model);
  EXPECT_FALSE(IsSame(*old, Plan(old.get()), ImagesOf(*plugins_)));
  settings_.kernels.overrides.clear();
  settings_.limits.work = 1'000'000;
  EXPECT_FALSE(IsSame(*old, Plan(old.get()), ImagesOf(*plugins_)));
  settings_.limits = {};
  auto changed = testkit::TinyCnn();
  changed.raw().description = "another";
  ASSERT_TRUE(WriteFile(settings_.model, changed.Build()));
  EXPECT_NE(Plan(old.get()).model, old->plan.model);
  EXPECT_FALSE(IsSame(*old, Plan(old.get()), ImagesOf(*plugins_)));
}

}  // namespace
}  // namespace glimpse::daemon
