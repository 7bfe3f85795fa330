// SPDX-License-Identifier: Apache-2.0
// The example plugin, as built out of the tree by the test example_builds_out_of_tree, computes what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "engine/run/interpreter.h"
#include "tests/plugins/plugin_folder.h"
#include "tests/support/model_builder.h"

namespace glimpse {
namespace {

using testing::HasSubstr;
using testkit::ModelBuilder;

// The out-of-tree build, with the plugins of this build tree beside it when `both`.
std::shared_ptr<PluginHost> Plugins(bool both = false) {
  std::vector<std::string> folders = {GLIMPSE_EXAMPLE_FOLDER};
  if (both) folders.push_back(GLIMPSE_TREE_FOLDER);
  auto host = PluginHost::Load(folders, CpuInfo::Detect());
  if (!host || (*host)->Find("example") == nullptr) {
    ADD_FAILURE() << (host ? "no plugin named example in " GLIMPSE_EXAMPLE_FOLDER : host.error().message);
    return nullptr;
  }
  return std::move(host).value();
}

Result<std::vector<int8_t>> RunModel(const std::shared_ptr<const Model>& model,
                                     const std::shared_ptr<PluginHost>& plugins, const std::string& kernels,
                                     const std::vector<int8_t>& input) {
  InterpreterOptions options;
  options.kernels = *KernelSpec::Parse(kernels);
  GLIMPSE_ASSIGN_OR_RETURN(const auto run, Interpreter::Create(model, plugins, options));
  EXPECT_EQ(run->inputs()[0].data.size(), input.size());
  std::memcpy(run->inputs()[0].data.data(), input.data(), input.size());
  GLIMPSE_RETURN_IF_ERROR(run->Invoke());
  std::vector<int8_t> output(run->outputs()[0].data.size());
  std::memcpy(output.data(), run->outputs()[0].data.data(), output.size());
  return output;
}

std::vector<uint8_t> Bounds(float low, float high) {
  std::vector<uint8_t> bytes(8);
  std::memcpy(bytes.data(), &low, 4);
  std::memcpy(bytes.data() + 4, &high, 4);
  return bytes;
}

std::shared_ptr<const Model> ClampModel(const std::vector<uint8_t>& options) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {2, 3}, .scales = {0.5f}, .zero_points = {-3}});
  const int y = b.Tensor({.name = "y", .shape = {2, 3}, .scales = {0.5f}, .zero_points = {-3}});
  b.CustomOperator("ExampleClamp", {x}, {y}, options);
  b.Output(y);
  return b.Model();
}

TEST(ExampleClamp, ClampsToTheStoredValuesOfItsBounds) {
  // -1 / 0.5 - 3 = -5; 2.3 / 0.5 = 4.6, rounded 5, - 3 = 2.
  const auto output = RunModel(ClampModel(Bounds(-1.0f, 2.3f)), Plugins(), "auto", {-128, -6, -5, 0, 2, 127});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(*output, (std::vector<int8_t>{-5, -5, -5, 0, 2, 2}));
}

TEST(ExampleClamp, RefusesOptionsThatAreNoBounds) {
  const auto message = [](const std::vector<uint8_t>& options) {
    const auto output = RunModel(ClampModel(options), Plugins(), "auto", std::vector<int8_t>(6));
    return output ? "ran" : output.error().message;
  };
  EXPECT_THAT(message({}), HasSubstr("custom_options has 0 bytes, not 8"));
  EXPECT_THAT(message({1, 2, 3}), HasSubstr("custom_options has 3 bytes, not 8"));
  EXPECT_THAT(message(std::vector<uint8_t>(9)), HasSubstr("custom_options has 9 bytes, not 8"));
  EXPECT_THAT(message(Bounds(2.0f, 1.0f)), HasSubstr("no range of finite numbers"));
  EXPECT_THAT(message(std::vector<uint8_t>(8, 0xff)), HasSubstr("no range of finite numbers"));
}

struct PoolCase {
  std::vector<int32_t> input, output;
  int filter, stride;
  wire::Padding padding;
  wire::ActivationFunctionType activation = wire::ActivationFunctionType::NONE;
};

std::shared_ptr<const Model> PoolModel(const PoolCase& c) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = c.input, .scales = {0.05f}, .zero_points = {-7}});
  const int y = b.Tensor({.name = "y", .shape = c.output, .scales = {0.05f}, .zero_points = {-7}});
  auto options = testkit::Pool2DOptions(c.filter, c.stride, c.padding);
  options.fused_activation_function = c.activation;
  b.Operator(wire::BuiltinOperator::MAX_POOL_2D, {x}, {y}, options);
  b.Output(y);
  return b.Model();
}

std::vector<int8_t> Random(size_t count, std::mt19937& random) {
  std::vector<int8_t> values(count);
  for (int8_t& value : values) value = static_cast<int8_t>(random());
  return values;
}

TEST(ExampleMaxPool, TakesTheLargestOfEachWindow) {
  // 3 x 3, filter 2, stride 1, SAME: windows at the right and lower edge have fewer elements.
  const PoolCase c{{1, 3, 3, 1}, {1, 3, 3, 1}, 2, 1, wire::Padding::SAME};
  const auto output = RunModel(PoolModel(c), Plugins(), "auto", {1, 2, 3, -9, 5, -6, -7, -128, -8});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(*output, (std::vector<int8_t>{5, 5, 3, 5, 5, -6, -7, -8, -8}));
}

TEST(ExampleMaxPool, EqualsTheReferencePluginBitForBit) {
  using wire::ActivationFunctionType;
  using wire::Padding;
  const auto plugins = Plugins(true);
  if (plugins->Find("reference") == nullptr) GTEST_SKIP() << "the plugin reference is not built";
  const PoolCase cases[] = {
      {{1, 26, 26, 32}, {1, 13, 13, 32}, 2, 2, Padding::VALID},
      {{1, 11, 11, 5}, {1, 5, 5, 5}, 2, 2, Padding::VALID},
      {{2, 7, 5, 3}, {2, 4, 3, 3}, 3, 2, Padding::SAME},
      {{1, 7, 5, 1}, {1, 7, 5, 1}, 4, 1, Padding::SAME},
      {{1, 3, 3, 2}, {1, 1, 1, 2}, 9, 3, Padding::SAME},
      {{1, 8, 8, 3}, {1, 4, 4, 3}, 2, 2, Padding::VALID, ActivationFunctionType::RELU},
      {{1, 8, 8, 3}, {1, 4, 4, 3}, 2, 2, Padding::VALID, ActivationFunctionType::RELU6},
      {{1, 8, 8, 3}, {1, 4, 4, 3}, 2, 2, Padding::VALID, ActivationFunctionType::RELU_N1_TO_1},
  };
  std::mt19937 random(7);
  for (const PoolCase& c : cases) {
    const auto model = PoolModel(c);
    size_t count = 1;
    for (const int32_t d : c.input) count *= static_cast<size_t>(d);
    for (int round = 0; round < 20; ++round) {
      const auto input = Random(count, random);
      const auto ours = RunModel(model, plugins, "MAX_POOL_2D=example", input);
      const auto theirs = RunModel(model, plugins, "MAX_POOL_2D=reference", input);
      ASSERT_TRUE(ours && theirs) << (ours ? theirs.error().message : ours.error().message);
      ASSERT_EQ(*ours, *theirs) << "filter " << c.filter << " stride " << c.stride << " round " << round;
    }
  }
}

TEST(ExampleMaxPool, IsTakenOnlyWhenSomebodyAsks) {
  const auto plugins = Plugins(true);
  if (plugins->Find("reference") == nullptr) GTEST_SKIP() << "the plugin reference is not built";
  const auto planned = [&](const std::string& kernels) {
    InterpreterOptions options;
    options.kernels = *KernelSpec::Parse(kernels);
    const auto run =
        Interpreter::Create(PoolModel({{1, 4, 4, 1}, {1, 2, 2, 1}, 2, 2, wire::Padding::VALID}), plugins, options);
    return run ? (*run)->plan()[0].plugin : run.error().message;
  };
  EXPECT_NE(planned("auto"), "example");
  EXPECT_EQ(planned("MAX_POOL_2D=example"), "example");
  EXPECT_EQ(planned("example"), "example");
}

}  // namespace
}  // namespace glimpse
