// SPDX-License-Identifier: Apache-2.0
#include "golden/vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/fake_plugins.h"
#include "tests/support/model_builder.h"

namespace glimpse::golden {
namespace {

using testing::HasSubstr;
using testkit::FakeKernel;
using testkit::FakePluginHost;
using testkit::ModelBuilder;
using Op = wire::BuiltinOperator;

// out = in + amount on int8 of 8 elements; when the first is `odd_for`, the last element is one more.
FakeKernel Adder(const std::string& op, int amount, int odd_for = 1000) {
  FakeKernel kernel;
  kernel.op = op;
  kernel.impl = "test.adder";
  kernel.prepare = testkit::ShapeOfFirstInput;
  kernel.invoke = [=](const glimpse_invoke& io) -> glimpse_status {
    const auto* in = static_cast<const int8_t*>(io.inputs[0]);
    auto* out = static_cast<int8_t*>(io.outputs[0]);
    const bool odd = in[0] == odd_for;
    for (int i = 0; i < 8; ++i) out[i] = static_cast<int8_t>(in[i] + amount);
    if (odd) ++out[7];
    return GLIMPSE_OK;
  };
  return kernel;
}

// x -> RELU -> a -> RELU6 -> b -> NEG -> y, int8 [1, 8].
std::unique_ptr<Interpreter> Make(int odd_for = 1000) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 8}});
  const int a = b.Tensor({.name = "net/a", .shape = {1, 8}});
  const int c = b.Tensor({.name = "net/b", .shape = {1, 8}});
  const int y = b.Tensor({.name = "y", .shape = {1, 8}});
  b.Operator(Op::RELU, {x}, {a});
  b.Operator(Op::RELU6, {a}, {c});
  b.Operator(Op::NEG, {c}, {y});
  b.Output(y);
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", {Adder("tflite.RELU", 1), Adder("tflite.RELU6", 10, odd_for), Adder("tflite.NEG", 3)});
  auto made = Interpreter::Create(b.Model(), host, {});
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

Inputs Given(std::vector<int8_t> firsts) {
  Inputs inputs;
  inputs.seeded = false;
  inputs.samples = firsts.size();
  for (const int8_t first : firsts) {
    std::vector<std::byte> content(8);
    content[0] = static_cast<std::byte>(first);
    inputs.data.push_back({content});
  }
  return inputs;
}

TEST(SeededInputs, AreSplitmix64OnEveryMachine) {
  // Published outputs of splitmix64 for the seed 1234567 are 6457827717110365317, 3203168211198807973,
  // 9817491932198370423, 4593380528125082431, 16408922859458223821: sample 0 of input 0 begins one step into it.
  const auto interpreter = Make();
  Inputs inputs;
  inputs.samples = 1;
  inputs.seed = 1234567;
  ASSERT_TRUE(LoadSample(inputs, 0, *interpreter));
  const auto* bytes = reinterpret_cast<const uint8_t*>(interpreter->inputs()[0].data.data());
  EXPECT_EQ(bytes[0], 3203168211198807973u & 0xff);
  EXPECT_EQ(bytes[1], 9817491932198370423u & 0xff);
  EXPECT_EQ(bytes[2], 4593380528125082431u & 0xff);
  EXPECT_EQ(bytes[3], 16408922859458223821u & 0xff);
}

TEST(SeededInputs, OfEachTypeAreInTheirRange) {
  ModelBuilder b;
  const int f = b.Input({.name = "f", .type = DType::kFloat32, .shape = {64}});
  const int i = b.Input({.name = "i", .type = DType::kInt32, .shape = {64}});
  const int y = b.Tensor({.name = "y", .type = DType::kFloat32, .shape = {64}});
  b.CustomOperator("Two", {f, i}, {y});
  b.Output(y);
  FakeKernel kernel;
  kernel.op = "custom.Two";
  kernel.prepare = testkit::ShapeOfFirstInput;
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", {kernel});
  auto made = Interpreter::Create(b.Model(), host, {});
  ASSERT_TRUE(made) << made.error().message;
  Inputs inputs;
  inputs.samples = 1;
  ASSERT_TRUE(LoadSample(inputs, 0, **made));
  std::array<float, 64> floats;
  std::array<int32_t, 64> integers;
  std::memcpy(floats.data(), (*made)->inputs()[0].data.data(), 256);
  std::memcpy(integers.data(), (*made)->inputs()[1].data.data(), 256);
  for (const float value : floats) EXPECT_TRUE(value >= -1 && value < 1) << value;
  for (const int32_t value : integers) EXPECT_TRUE(value == 0 || value == 1) << value;
  EXPECT_GT(std::count(integers.begin(), integers.end(), 1), 10);
}

TEST(Compare, EqualKernelsAreEqualInEveryOperatorAndSample) {
  const auto vectors = Record(*Make(), Given({1, 2, 3}));
  ASSERT_TRUE(vectors) << vectors.error().message;
  ASSERT_EQ(vectors->operators.size(), 3u);
  EXPECT_EQ(vectors->operators[2].outputs[0].samples.size(), 3u);
  const auto other = Make();
  ASSERT_TRUE(CheckFit(*vectors, *other));
  const auto comparison = Compare(*other, *vectors);
  ASSERT_TRUE(comparison) << comparison.error().message;
  EXPECT_FALSE(comparison->difference);
  EXPECT_EQ(comparison->samples, 3u);
  EXPECT_EQ(comparison->operators, 3u);
}

TEST(Compare, NamesTheFirstLayerThatDiffersAndItsKernel) {
  const auto vectors = Record(*Make(), Given({1, 2, 3}));
  ASSERT_TRUE(vectors);
  const auto other = Make(/*odd_for=*/3);  // the RELU6 that gets 2 + 1
  const auto comparison = Compare(*other, *vectors);
  ASSERT_TRUE(comparison);
  ASSERT_TRUE(comparison->difference);
  EXPECT_EQ(comparison->difference->op.info->index, 1);
  EXPECT_EQ(comparison->difference->sample, 1u);
  EXPECT_EQ(comparison->difference->tensor, 2);
  EXPECT_EQ(comparison->difference->text,
            "operator 1, RELU6 'net/b', computed by kernel test.adder of plugin plain (plain), differs in tensor "
            "2, sample 1");
}

TEST(Compare, StopsWhenItsTimeIsOverButDoesOneSample) {
  class Impatient final : public Watcher {
   public:
    bool Continue() override { return false; }
  } impatient;
  const auto vectors = Record(*Make(), Given({1, 2, 3}));
  ASSERT_TRUE(vectors);
  const auto comparison = Compare(*Make(), *vectors, &impatient);
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->samples, 1u);
  EXPECT_EQ(Record(*Make(), Given({1, 2, 3}), &impatient)->inputs.samples, 1u);
}

TEST(CheckFit, RefusesVectorsOfAnotherModelProfileShapeOrOperator) {
  const auto interpreter = Make();
  const auto vectors = Record(*interpreter, Given({1}));
  ASSERT_TRUE(vectors);
  const auto refusal = [&](auto change) {
    Vectors changed = *vectors;
    change(changed);
    const auto fits = CheckFit(changed, *interpreter);
    EXPECT_FALSE(fits);
    return fits ? "" : fits.error().message;
  };
  EXPECT_THAT(refusal([](Vectors& v) { v.model = "sha256:00"; }), HasSubstr("another model (sha256:00)"));
  EXPECT_THAT(refusal([](Vectors& v) { v.numerics = "tflite-micro"; }), HasSubstr("profile tflite-micro"));
  EXPECT_THAT(refusal([](Vectors& v) { v.inputs.data[0][0].pop_back(); }), HasSubstr("input 0 has 7 bytes"));
  EXPECT_THAT(refusal([](Vectors& v) { v.inputs.data[0].clear(); }), HasSubstr("has 0 inputs"));
  EXPECT_THAT(refusal([](Vectors& v) { v.operators.pop_back(); }), HasSubstr("has 2 operators, the model 3"));
  EXPECT_THAT(refusal([](Vectors& v) { v.operators[1].op = "NEG"; }), HasSubstr("operators[1] is NEG"));
  EXPECT_THAT(refusal([](Vectors& v) { v.operators[1].outputs[0].tensor = 0; }), HasSubstr("operators[1]"));
  EXPECT_THAT(refusal([](Vectors& v) { v.operators[1].outputs.clear(); }), HasSubstr("operators[1]"));
}

}  // namespace
}  // namespace glimpse::golden
