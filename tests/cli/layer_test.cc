// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "cli/explain.h"
#include "cli/linear_layer.h"
#include "tests/support/model_builder.h"

namespace glimpse::cli {
namespace {

using testing::HasSubstr;
using testkit::ModelBuilder;
using Op = wire::BuiltinOperator;

// 1x3x3x1 input, SAME, one 3x3 filter of 1..9, bias 10: worked out by hand below.
ModelBuilder HandWorked() {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 3, 3, 1}, .scales = {0.5f}, .zero_points = {-1}});
  const int w = b.Constant({.name = "w", .shape = {1, 3, 3, 1}, .scales = {0.25f}},
                           std::vector<int8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
  const int bias =
      b.Constant({.name = "b", .type = DType::kInt32, .shape = {1}, .scales = {0.125f}}, std::vector<int32_t>{10});
  const int y = b.Tensor({.name = "y", .shape = {1, 3, 3, 1}, .scales = {1.0f}, .zero_points = {3}});
  b.Operator(Op::CONV_2D, {x, w, bias}, {y}, testkit::Conv2DOptions(1, wire::Padding::SAME));
  b.Output(y);
  return b;
}

TEST(LinearLayer, SumsWhatTheWindowCoversAndNothingForPadding) {
  const auto model = HandWorked().Model();
  const auto layer = LinearLayer::Create(*model, model->main().operators[0]);
  ASSERT_TRUE(layer) << layer.error().message;
  const std::vector<int8_t> x{0, 1, 2, 3, 4, 5, 6, 7, 8};  // minus the zero point -1: 1 to 9
  const auto w = Elements<int8_t>(layer->weights().data);
  const auto bias = Elements<int32_t>(layer->bias()->data);
  // Middle: 1*1 + 2*2 + ... + 9*9 = 285. Top left sees taps 5, 6, 8, 9 on 1, 2, 4, 5: 5 + 12 + 32 + 45 = 94.
  EXPECT_EQ(layer->Accumulate(4, x, w, bias), 295);
  EXPECT_EQ(layer->Accumulate(0, x, w, bias), 104);
  int inside = 0;
  int all = 0;
  layer->ForEachTerm(0, [&](const LinearLayer::Term& term) {
    ++all;
    inside += term.inside;
  });
  EXPECT_EQ(all, 9);
  EXPECT_EQ(inside, 4);
  // 0.5 * 0.25 / 1 = 2^-3 = 2^30 / 2^31 * 2^-2
  const kernels::OutputScale scale = layer->ScaleUnder("litert-reference", 0);
  EXPECT_EQ(scale.real, 0.125);
  EXPECT_EQ(scale.fixed.multiplier, 1 << 30);
  EXPECT_EQ(scale.fixed.shift, -2);
}

TEST(LinearLayer, RefusesWhatIsNoInt8SumOfProducts) {
  const auto model = testkit::TinyCnn().Model();
  const auto& operators = model->main().operators;
  EXPECT_TRUE(LinearLayer::Create(*model, operators[0]));
  EXPECT_TRUE(LinearLayer::Create(*model, operators[3]));
  const auto pool = LinearLayer::Create(*model, operators[1]);
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(pool.error().message, HasSubstr("MAX_POOL_2D"));
}

TEST(LinearLayer, RefusesShapesThatContradictEachOther) {
  ModelBuilder b = HandWorked();
  b.tensor(3).shape = {1, 3, 3, 2};
  const auto model = b.Parse();
  if (!model) return;  // refused by the reader already
  EXPECT_FALSE(LinearLayer::Create(**model, (*model)->main().operators[0]));
}

// The printed steps are not a second arithmetic: the last is what the kernels' function gives.
TEST(RescaleSteps, EndInWhatRequantizeGives) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int32_t> any(INT32_MIN, INT32_MAX);
  std::uniform_real_distribution<float> scales(1e-6f, 3.0f);
  for (int i = 0; i < 2000; ++i) {
    const int32_t acc = any(random) >> (i % 24);
    for (const auto rule : {kernels::Rounding::kDouble, kernels::Rounding::kHalfUp, kernels::Rounding::kRealHalfAway,
                            kernels::Rounding::kFloatHalfEven}) {
      const kernels::OutputScale scale = kernels::OutputScaleFor(rule, scales(random), 0.01f, 0.7f);
      const std::vector<RescaleStep> steps = RescaleSteps(acc, scale);
      ASSERT_FALSE(steps.empty());
      EXPECT_EQ(steps.back().value, std::to_string(kernels::Requantize(acc, scale)));
    }
  }
}

TEST(RescaleSteps, ShowTheProductAndTheFirstRounding) {
  const kernels::OutputScale scale = kernels::OutputScaleFor(kernels::Rounding::kDouble, 0.1f, 0.2f, 0.7f);
  const std::vector<RescaleStep> steps = RescaleSteps(1000, scale);
  EXPECT_THAT(steps[0].what, HasSubstr("1000 * multiplier"));
  EXPECT_EQ(steps[0].value, std::to_string(int64_t{1000} * scale.fixed.multiplier));
  EXPECT_EQ(steps[2].value, std::to_string(kernels::SaturatingRoundingDoublingHighMul(1000, scale.fixed.multiplier)));
}

}  // namespace
}  // namespace glimpse::cli
