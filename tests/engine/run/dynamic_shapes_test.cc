// SPDX-License-Identifier: Apache-2.0
// Tensors whose shape is only known when the model runs.
#include <gmock/gmock.h>

#include "tests/engine/run/run_support.h"

namespace glimpse {
namespace {

using testing::HasSubstr;
using testkit::FakeKernel;
using testkit::FakePluginHost;
using testkit::ModelBuilder;

// RANGE: output 0, 1, ... n - 1 where n is the one value of its input.
FakeKernel Range() {
  FakeKernel kernel;
  kernel.op = "tflite.RANGE";
  kernel.impl = "test.range";
  kernel.flags = GLIMPSE_OP_FOLDABLE;
  kernel.prepare = [](const glimpse_node&, const glimpse_prepare& prepare) {
    return prepare.set_dynamic_output(prepare.context, 0);
  };
  kernel.invoke = [](const glimpse_invoke& io) {
    EXPECT_EQ(io.outputs[0], nullptr);
    const int32_t count = *static_cast<const int32_t*>(io.inputs[0]);
    if (count < 0) {
      io.set_error(io.context, "a negative count");
      return glimpse_status{GLIMPSE_INVALID_NODE};
    }
    if (count == 13) return glimpse_status{GLIMPSE_OK};  // a kernel that forgets its duty
    void* data = nullptr;
    const glimpse_status status = io.resize_output(io.context, 0, 1, &count, &data);
    if (status != GLIMPSE_OK) return status;
    for (int32_t i = 0; i < count; ++i) static_cast<int32_t*>(data)[i] = i;
    return glimpse_status{GLIMPSE_OK};
  };
  return kernel;
}

// Reverses a list in the order that a permutation of ones and zeros names: needs its second input in prepare.
FakeKernel Picky() {
  FakeKernel kernel;
  kernel.op = "tflite.TILE";
  kernel.impl = "test.tile";
  auto bytes = std::make_shared<std::pair<size_t, int32_t>>();
  kernel.prepare = [bytes](const glimpse_node& node, const glimpse_prepare& prepare) {
    const glimpse_tensor& x = *node.operators[0]->inputs[0];
    const glimpse_tensor& times = *node.operators[0]->inputs[1];
    if (times.data == nullptr) {
      prepare.set_error(prepare.context, "multiples must be constant");
      return glimpse_status{GLIMPSE_UNSUPPORTED};
    }
    *bytes = {x.size_bytes, *static_cast<const int32_t*>(times.data)};
    const int32_t dims[1] = {x.dims[0] * bytes->second};
    return prepare.set_output_shape(prepare.context, 0, 1, dims);
  };
  kernel.invoke = [bytes](const glimpse_invoke& io) {
    for (int32_t i = 0; i < bytes->second; ++i) {
      std::memcpy(static_cast<std::byte*>(io.outputs[0]) + static_cast<size_t>(i) * bytes->first, io.inputs[0],
                  bytes->first);
    }
    return glimpse_status{GLIMPSE_OK};
  };
  return kernel;
}

std::shared_ptr<FakePluginHost> DynamicPlugins() {
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain",
            {Range(), Picky(), testkit::Elementwise("tflite.ADD", [](int32_t a, int32_t b) { return a + b; })});
  return host;
}

// n -> RANGE -> r [?] -> ADD with itself -> y [?]
ModelBuilder Doubled() {
  ModelBuilder b;
  const int n = b.Input({.name = "n", .type = testkit::kInt, .shape = {1}});
  const int r = b.Tensor({.name = "r", .type = testkit::kInt, .shape = {1}, .shape_signature = {-1}});
  const int y = b.Tensor({.name = "y", .type = testkit::kInt, .shape = {1}, .shape_signature = {-1}});
  b.Operator(wire::BuiltinOperator::RANGE, {n}, {r});
  b.Operator(wire::BuiltinOperator::ADD, {r, r}, {y});
  b.Output(y);
  return b;
}

TEST(DynamicShapes, WhatFollowsIsPreparedWhenTheShapeChanges) {
  const auto run = testkit::Create(Doubled(), DynamicPlugins());
  EXPECT_TRUE(run->outputs()[0].dynamic);
  EXPECT_FALSE(run->inputs()[0].dynamic);
  EXPECT_EQ(run->plan()[1].impl, "chosen at run time");
  for (const int32_t count : {3, 1, 0, 5, 5}) {
    testkit::Write(run->inputs()[0], {count});
    const auto done = run->Invoke();
    ASSERT_TRUE(done) << done.error().message;
    std::vector<int32_t> expected;
    for (int32_t i = 0; i < count; ++i) expected.push_back(2 * i);
    EXPECT_EQ(testkit::Read(run->outputs()[0]), expected);
    EXPECT_EQ(run->outputs()[0].shape, std::vector<int32_t>{count});
    EXPECT_EQ(run->tensor(1).shape, std::vector<int32_t>{count});
  }
}

TEST(DynamicShapes, ValuesThatAreNoShapeAndMemoryAboveTheLimitAreErrorsOfTheRun) {
  InterpreterOptions options;
  options.limits.arena_bytes = 100'000;
  const auto run = testkit::Create(Doubled(), DynamicPlugins(), options);
  testkit::Write(run->inputs()[0], {-1});
  auto error = run->Invoke().error();
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(error.message, "built.tflite: operator 0 (RANGE): kernel test.range failed: a negative count");
  testkit::Write(run->inputs()[0], {1 << 20});
  error = run->Invoke().error();
  EXPECT_EQ(error.code, ErrorCode::kExhausted);
  EXPECT_THAT(error.message, HasSubstr("needs more than the limit of 100000 bytes of memory"));
  testkit::Write(run->inputs()[0], {13});
  error = run->Invoke().error();
  EXPECT_EQ(error.code, ErrorCode::kInternal);
  EXPECT_THAT(error.message, HasSubstr("did not tell the shape of output 0"));
  testkit::Write(run->inputs()[0], {2});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(testkit::Read(run->outputs()[0]), (std::vector<int32_t>{0, 2}));
}

TEST(DynamicShapes, AnOperatorThatOnlyLacksAKernelIsFoundAtSetUp) {
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", {Range()});
  const Error error = testkit::FailsToCreate(Doubled(), host);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("#1 ADD version 1, int32 input"));
}

TEST(DynamicShapes, ConstantsStillFold) {
  ModelBuilder b;
  const int n = b.Constant({.name = "n", .type = testkit::kInt, .shape = {1}}, std::vector<int32_t>{4});
  const int r = b.Tensor({.name = "r", .type = testkit::kInt, .shape = {1}});
  const int y = b.Tensor({.name = "y", .type = testkit::kInt, .shape = {1}});
  b.Operator(wire::BuiltinOperator::RANGE, {n}, {r});
  b.Operator(wire::BuiltinOperator::ADD, {r, r}, {y});
  b.Output(y);
  const auto run = testkit::Create(b, DynamicPlugins());
  EXPECT_TRUE(run->plan()[0].folded);
  EXPECT_FALSE(run->outputs()[0].dynamic);
  EXPECT_EQ(run->outputs()[0].shape, std::vector<int32_t>{4});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(testkit::Read(run->outputs()[0]), (std::vector<int32_t>{0, 2, 4, 6}));
}

TEST(DynamicShapes, AKernelThatNeedsAValueInPrepareGetsIt) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .type = testkit::kInt, .shape = {2}});
  const int times = b.Input({.name = "times", .type = testkit::kInt, .shape = {1}});
  const int y = b.Tensor({.name = "y", .type = testkit::kInt, .shape = {2}});
  b.Operator(wire::BuiltinOperator::TILE, {x, times}, {y});
  b.Output(y);
  const auto run = testkit::Create(b, DynamicPlugins());
  for (const int32_t count : {2, 2, 1}) {
    testkit::Write(run->inputs()[0], {7, 8});
    testkit::Write(run->inputs()[1], {count});
    const auto done = run->Invoke();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(testkit::Read(run->outputs()[0]),
              count == 2 ? (std::vector<int32_t>{7, 8, 7, 8}) : (std::vector<int32_t>{7, 8}));
  }
}

}  // namespace
}  // namespace glimpse
