// SPDX-License-Identifier: Apache-2.0
#include "engine/run/interpreter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "glimpse/cpu_features.h"
#include "tests/engine/run/allocation_counter.h"
#include "tests/support/fake_plugins.h"
#include "tests/support/model_builder.h"

namespace glimpse {
namespace {

using testing::HasSubstr;
using testkit::FakeKernel;
using testkit::FakePluginHost;
using testkit::ModelBuilder;

constexpr int kElements = 4;

// A kernel that adds `amount` to every int8 element.
FakeKernel Adder(const std::string& op, int amount, const std::string& impl = "test.adder") {
  FakeKernel kernel;
  kernel.op = op;
  kernel.impl = impl;
  kernel.prepare = testkit::ShapeOfFirstInput;
  kernel.invoke = [amount](const glimpse_invoke& io) {
    const auto* in = static_cast<const int8_t*>(io.inputs[0]);
    auto* out = static_cast<int8_t*>(io.outputs[0]);
    for (int i = 0; i < kElements; ++i) out[i] = static_cast<int8_t>(in[i] + amount);
    return glimpse_status{GLIMPSE_OK};
  };
  return kernel;
}

// x -> RELU -> a -> RELU6 -> b -> NEG -> y, all int8 [1, 4].
std::shared_ptr<const Model> Chain() {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, kElements}});
  const int a = b.Tensor({.name = "model/first/Relu", .shape = {1, kElements}});
  const int c = b.Tensor({.name = "model/second/Relu6", .shape = {1, kElements}});
  const int y = b.Tensor({.name = "y", .shape = {1, kElements}});
  b.Operator(wire::BuiltinOperator::RELU, {x}, {a});
  b.Operator(wire::BuiltinOperator::RELU6, {a}, {c});
  b.Operator(wire::BuiltinOperator::NEG, {c}, {y});
  b.Output(y);
  return b.Model();
}

std::shared_ptr<FakePluginHost> ChainPlugins() {
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", {Adder("tflite.RELU", 1), Adder("tflite.RELU6", 10), Adder("tflite.NEG", 100)});
  return host;
}

void WriteInt8(const TensorView& view, const std::vector<int8_t>& values) {
  ASSERT_EQ(view.data.size(), values.size());
  std::memcpy(view.data.data(), values.data(), values.size());
}

std::vector<int8_t> ReadInt8(const TensorView& view) {
  std::vector<int8_t> values(view.data.size());
  std::memcpy(values.data(), view.data.data(), values.size());
  return values;
}

std::unique_ptr<Interpreter> MustCreate(std::shared_ptr<const Model> model, std::shared_ptr<const PluginHost> host,
                                        const InterpreterOptions& options = {}) {
  auto created = Interpreter::Create(std::move(model), std::move(host), options);
  if (!created) {
    ADD_FAILURE() << created.error().message;
    std::abort();
  }
  return std::move(*created);
}

Error MustFail(std::shared_ptr<const Model> model, std::shared_ptr<const PluginHost> host,
               const InterpreterOptions& options = {}) {
  const auto created = Interpreter::Create(std::move(model), std::move(host), options);
  EXPECT_FALSE(created);
  return created ? Error{} : created.error();
}

TEST(Interpreter, RunsOperatorsInOrder) {
  const auto run = MustCreate(Chain(), ChainPlugins());
  WriteInt8(run->inputs()[0], {0, 1, 2, 3});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(ReadInt8(run->outputs()[0]), (std::vector<int8_t>{111, 112, 113, 114}));
  EXPECT_EQ(run->macs(), 30u);
}

TEST(Interpreter, PreservingKeepsEveryTensorReadable) {
  InterpreterOptions options;
  options.preserve_all_tensors = true;
  const auto run = MustCreate(Chain(), ChainPlugins(), options);
  WriteInt8(run->inputs()[0], {0, 1, 2, 3});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(ReadInt8(run->tensor(0)), (std::vector<int8_t>{0, 1, 2, 3}));
  EXPECT_EQ(ReadInt8(run->tensor(1)), (std::vector<int8_t>{1, 2, 3, 4}));
  EXPECT_EQ(ReadInt8(run->tensor(2)), (std::vector<int8_t>{11, 12, 13, 14}));
}

TEST(Interpreter, OneOperatorRunsOnWhatItsInputsHold) {
  InterpreterOptions options;
  options.preserve_all_tensors = true;
  const auto run = MustCreate(Chain(), ChainPlugins(), options);
  WriteInt8(run->tensor(1), {5, 5, 5, 5});
  ASSERT_TRUE(run->InvokeOperator(1));
  EXPECT_EQ(ReadInt8(run->tensor(2)), (std::vector<int8_t>{15, 15, 15, 15}));
}

TEST(Interpreter, AnInvokeAllocatesNothing) {
  if (!testkit::Allocations()) GTEST_SKIP() << "the sanitizer's allocator cannot be counted; other builds count";
  const auto run = MustCreate(Chain(), ChainPlugins());
  ASSERT_TRUE(run->Invoke());
  const auto before = testkit::Allocations();
  const bool done = run->Invoke().has_value();
  EXPECT_EQ(testkit::Allocations(), before);
  EXPECT_TRUE(done);
}

TEST(Interpreter, KernelsAreDestroyedWithIt) {
  const int before = testkit::LiveKernels();
  {
    const auto run = MustCreate(Chain(), ChainPlugins());
    EXPECT_EQ(testkit::LiveKernels(), before + 3);
  }
  EXPECT_EQ(testkit::LiveKernels(), before);
}

TEST(KernelChoice, TheBestScoreWins) {
  auto host = ChainPlugins();
  FakeKernel fast = Adder("tflite.RELU", 1, "test.fast");
  fast.score = 200;
  host->Add("fast", {fast});
  const auto run = MustCreate(Chain(), host);
  EXPECT_EQ(run->plan()[0].impl, "test.fast");
  EXPECT_EQ(run->plan()[0].why, "score 200");
  EXPECT_EQ(run->plan()[1].plugin, "plain");
}

TEST(KernelChoice, APreferredSetGoesBeforeAnyScoreAndOthersFillIn) {
  auto host = ChainPlugins();
  FakeKernel fast = Adder("tflite.RELU", 1, "test.fast");
  fast.score = 200;
  host->Add("fast", {fast, Adder("tflite.NEG", 100, "test.neg")});
  InterpreterOptions options;
  options.kernels = *KernelSpec::Parse("plain");
  EXPECT_EQ(MustCreate(Chain(), host, options)->plan()[0].plugin, "plain");
  options.kernels = *KernelSpec::Parse("fast");
  const auto run = MustCreate(Chain(), host, options);
  EXPECT_EQ(run->plan()[0].plugin, "fast");
  EXPECT_EQ(run->plan()[1].plugin, "plain");
  EXPECT_EQ(run->plan()[2].plugin, "fast");
}

TEST(KernelChoice, AnOverrideBindsOneLayerAndSaysSo) {
  auto host = ChainPlugins();
  host->Add("other", {Adder("tflite.RELU6", 20, "test.other")});
  InterpreterOptions options;
  options.kernels = *KernelSpec::Parse("plain,second=other");
  const auto run = MustCreate(Chain(), host, options);
  EXPECT_EQ(run->plan()[1].plugin, "other");
  EXPECT_EQ(run->plan()[1].why, "pinned");
  EXPECT_THAT(run->plan()[1].rejected, testing::ElementsAre("plain (test.adder): the operator is pinned to other"));
  WriteInt8(run->inputs()[0], {0, 0, 0, 0});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(ReadInt8(run->outputs()[0])[0], 121);
}

TEST(KernelChoice, APinToAPluginThatCannotServeIsAnError) {
  auto host = ChainPlugins();
  host->Add("other", {Adder("tflite.RELU6", 20)});
  InterpreterOptions options;
  options.kernels = *KernelSpec::Parse("NEG=other");
  const Error error = MustFail(Chain(), host, options);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("#2 NEG version 1"));
  EXPECT_THAT(error.message, HasSubstr("the operator is pinned to other"));
}

TEST(KernelChoice, APluginThatCannotRunHereIsNoChoice) {
  auto host = ChainPlugins();
  FakeKernel wide = Adder("tflite.RELU", 1);
  wide.cpu_features = GLIMPSE_CPU_AVX2;
  host->Add("wide", {wide});
  for (const char* spec : {"wide", "RELU=wide"}) {
    InterpreterOptions options;
    options.kernels = *KernelSpec::Parse(spec);
    const Error error = MustFail(Chain(), host, options);
    EXPECT_EQ(error.code, ErrorCode::kUnsupported);
    EXPECT_EQ(error.message,
              "kernels: plugin 'wide' needs avx2, which this processor lacks; name another one, or 'auto'");
  }
  InterpreterOptions any;
  EXPECT_EQ(MustCreate(Chain(), host, any)->plan()[0].plugin, "plain");
}

TEST(KernelChoice, NamesThatMatchNothingAreErrorsWithTheNearestName) {
  InterpreterOptions options;
  options.kernels = *KernelSpec::Parse("plian");
  EXPECT_EQ(MustFail(Chain(), ChainPlugins(), options).message,
            "kernels: no plugin named 'plian' is loaded, did you mean 'plain'; loaded: plain");
  options.kernels = *KernelSpec::Parse("RELU7=plain");
  EXPECT_EQ(
      MustFail(Chain(), ChainPlugins(), options).message,
      "kernels: 'RELU7' matches no operator type, layer or #position of the model, did you mean 'RELU'; its types: "
      "NEG, RELU, RELU6");
  options.kernels = {};
  options.numerics = "litert-referense";
  EXPECT_EQ(
      MustFail(Chain(), ChainPlugins(), options).message,
      "numerics: there is no profile 'litert-referense', did you mean 'litert-reference'; profiles: litert-reference, "
      "tflite-micro, litert-xnnpack");
}

TEST(KernelChoice, EveryOperatorWithoutAKernelIsListedWithTheReason) {
  auto host = std::make_shared<FakePluginHost>();
  FakeKernel old = Adder("tflite.RELU", 1);
  old.version_min = 2;
  old.version_max = 3;
  FakeKernel floats = Adder("tflite.NEG", 1);
  floats.input_types = GLIMPSE_DTYPE_BIT(GLIMPSE_FLOAT32);
  host->Add("few", {old, floats});
  const Error error = MustFail(Chain(), host);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(
      error.message,
      "built.tflite: no kernel for 3 of 3 operators: "
      "#0 RELU version 1, int8 input, profile litert-reference (few (test.adder): serves versions 2 to 3, not 1); "
      "#1 RELU6 version 1, int8 input, profile litert-reference (no loaded plugin has it); "
      "#2 NEG version 1, int8 input, profile litert-reference (few (test.adder): does not take int8 input)");
}

TEST(KernelChoice, ProfileAndCpuFeaturesAreConditions) {
  auto host = std::make_shared<FakePluginHost>(/*cpu_features=*/0);
  FakeKernel micro = Adder("tflite.RELU", 1, "test.micro");
  micro.numerics = {"tflite-micro"};
  FakeKernel wide = Adder("tflite.RELU", 1, "test.wide");
  wide.cpu_features = uint64_t{1} << 1;
  host->Add("plain", {micro, wide, Adder("tflite.RELU6", 1), Adder("tflite.NEG", 1)});
  const Error error = MustFail(Chain(), host);
  EXPECT_THAT(error.message, HasSubstr("(test.micro): does not compute profile litert-reference"));
  EXPECT_THAT(error.message, HasSubstr("(test.wide): needs avx2"));
  InterpreterOptions options;
  options.numerics = "tflite-micro";
  EXPECT_EQ(MustCreate(Chain(), host, options)->plan()[0].impl, "test.micro");
}

TEST(KernelChoice, AKernelThatDeclinesInPrepareLeavesThePlaceToTheNext) {
  auto host = ChainPlugins();
  FakeKernel picky = Adder("tflite.RELU", 7, "test.picky");
  picky.score = 200;
  picky.prepare = [](const glimpse_node&, const glimpse_prepare& prepare) {
    prepare.set_error(prepare.context, "only odd shapes");
    return glimpse_status{GLIMPSE_UNSUPPORTED};
  };
  host->Add("picky", {picky});
  const auto run = MustCreate(Chain(), host);
  EXPECT_EQ(run->plan()[0].plugin, "plain");
  EXPECT_THAT(run->plan()[0].rejected, testing::ElementsAre("picky (test.picky): only odd shapes"));
}

// What a kernel does wrong in prepare, and what the user reads.
TEST(KernelDefects, AreNamedWithKernelAndPlugin) {
  const auto message = [](auto prepare) {
    auto host = std::make_shared<FakePluginHost>();
    FakeKernel bad = Adder("tflite.RELU", 1, "test.bad");
    bad.prepare = prepare;
    host->Add("bad", {bad, Adder("tflite.RELU6", 1), Adder("tflite.NEG", 1)});
    const Error error = MustFail(Chain(), host);
    EXPECT_EQ(error.code, ErrorCode::kInternal);
    const std::string before = "built.tflite: operator 0 (RELU): kernel test.bad of bad failed in prepare: ";
    EXPECT_TRUE(error.message.starts_with(before)) << error.message;
    return error.message.substr(std::min(before.size(), error.message.size()));
  };
  EXPECT_EQ(message([](const glimpse_node&, const glimpse_prepare&) { return glimpse_status{99}; }),
            "prepare() returned the unknown status 99");
  EXPECT_EQ(message([](const glimpse_node&, const glimpse_prepare&) { return glimpse_status{GLIMPSE_OK}; }),
            "prepare() succeeded without setting the shape of every output");
  EXPECT_EQ(message([](const glimpse_node&, const glimpse_prepare& p) {
              const int32_t dims[9] = {};
              p.set_output_shape(p.context, 0, 9, dims);
              return glimpse_status{GLIMPSE_OK};
            }),
            "set_output_shape(0) with rank 9 is out of range");
  EXPECT_EQ(message([](const glimpse_node&, const glimpse_prepare& p) {
              const int32_t dims[1] = {-4};
              p.set_output_shape(p.context, 0, 1, dims);
              return glimpse_status{GLIMPSE_OK};
            }),
            "set_output_shape(0) with a negative dimension");
}

TEST(KernelDefects, AnExceptionThatCrossesTheBoundaryIsAnErrorNotTheEnd) {
  auto host = ChainPlugins();
  FakeKernel bad = Adder("tflite.RELU6", 1, "test.bad");
  bad.score = 200;
  bad.invoke = [](const glimpse_invoke&) -> glimpse_status { throw std::runtime_error("out of luck"); };
  host->Add("bad", {bad});
  const auto run = MustCreate(Chain(), host);
  EXPECT_EQ(run->Invoke().error().message,
            "built.tflite: operator 1 (RELU6): kernel test.bad failed: threw an exception: out of luck");
}

TEST(KernelDefects, AFailingInvokeNamesTheOperator) {
  auto host = ChainPlugins();
  FakeKernel bad = Adder("tflite.RELU6", 1, "test.bad");
  bad.score = 200;
  bad.invoke = [](const glimpse_invoke& io) {
    io.set_error(io.context, "lost its way");
    return glimpse_status{GLIMPSE_INTERNAL};
  };
  host->Add("bad", {bad});
  const auto run = MustCreate(Chain(), host);
  const auto done = run->Invoke();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "built.tflite: operator 1 (RELU6): kernel test.bad failed: lost its way");
}

TEST(Limits, ANodeThatBreaksTheOperatorIsAnInvalidModel) {
  auto host = ChainPlugins();
  FakeKernel strict = Adder("tflite.RELU", 1, "test.strict");
  strict.score = 200;
  strict.prepare = [](const glimpse_node&, const glimpse_prepare& prepare) {
    prepare.set_error(prepare.context, "input 0 has no scale");
    return glimpse_status{GLIMPSE_INVALID_NODE};
  };
  host->Add("strict", {strict});
  const Error error = MustFail(Chain(), host);
  EXPECT_EQ(error.code, ErrorCode::kInvalidModel);
  EXPECT_EQ(error.message, "built.tflite: operator 0 (RELU): input 0 has no scale");
}

TEST(Limits, WorkMemoryAndTensorSizeAreBounded) {
  const auto failing = [](const Limits& limits) {
    InterpreterOptions options;
    options.limits = limits;
    return MustFail(Chain(), ChainPlugins(), options);
  };
  Limits limits;
  limits.work = 32;  // each operator reports 11
  EXPECT_EQ(failing(limits).message,
            "built.tflite: operator 2 (NEG): one inference takes more than the limit of 32 steps");
  limits = {};
  limits.arena_bytes = 64;
  EXPECT_EQ(failing(limits).code, ErrorCode::kExhausted);
  limits = {};
  limits.tensor_bytes = 3;
  EXPECT_THAT(failing(limits).message, HasSubstr("above the limit of 3 bytes a tensor"));
}

TEST(Folding, AShapeOnlyOperatorAndWhatFollowsFromItBecomeConstants) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, kElements}});
  const int shape = b.Tensor({.name = "shape", .type = DType::kInt32, .shape = {2}});
  const int doubled = b.Tensor({.name = "doubled", .type = DType::kInt32, .shape = {2}});
  b.Operator(wire::BuiltinOperator::SHAPE, {x}, {shape});
  b.Operator(wire::BuiltinOperator::NEG, {shape}, {doubled});
  b.Output(doubled);
  FakeKernel shape_of;
  shape_of.op = "tflite.SHAPE";
  shape_of.flags = GLIMPSE_OP_SHAPE_ONLY;
  shape_of.prepare = [](const glimpse_node&, const glimpse_prepare& prepare) {
    const int32_t dims[1] = {2};
    return prepare.set_output_shape(prepare.context, 0, 1, dims);
  };
  int runs = 0;
  shape_of.invoke = [&runs](const glimpse_invoke& io) {
    ++runs;
    EXPECT_EQ(io.inputs[0], nullptr);
    static_cast<int32_t*>(io.outputs[0])[0] = 1;
    static_cast<int32_t*>(io.outputs[0])[1] = kElements;
    return glimpse_status{GLIMPSE_OK};
  };
  FakeKernel twice;
  twice.op = "tflite.NEG";
  twice.flags = GLIMPSE_OP_FOLDABLE;
  twice.prepare = testkit::ShapeOfFirstInput;
  twice.invoke = [](const glimpse_invoke& io) {
    for (int i = 0; i < 2; ++i) {
      static_cast<int32_t*>(io.outputs[0])[i] = 2 * static_cast<const int32_t*>(io.inputs[0])[i];
    }
    return glimpse_status{GLIMPSE_OK};
  };
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", {shape_of, twice});
  const auto run = MustCreate(b.Model(), host);
  EXPECT_TRUE(run->plan()[0].folded);
  EXPECT_TRUE(run->plan()[1].folded);
  ASSERT_TRUE(run->Invoke());
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(run->outputs()[0].constant);
  const auto* values = reinterpret_cast<const int32_t*>(run->outputs()[0].data.data());
  EXPECT_EQ(values[0], 2);
  EXPECT_EQ(values[1], 2 * kElements);
}

TEST(Memory, AnAllowedAliasSharesItsInputsMemoryUnlessSomebodyStillNeedsIt) {
  auto host = std::make_shared<FakePluginHost>();
  FakeKernel in_place = Adder("tflite.RELU6", 10);
  in_place.prepare = [](const glimpse_node& node, const glimpse_prepare& prepare) {
    prepare.allow_alias(prepare.context, 0, 0);
    return testkit::ShapeOfFirstInput(node, prepare);
  };
  host->Add("plain", {Adder("tflite.RELU", 1), in_place, Adder("tflite.NEG", 100)});
  const auto run = MustCreate(Chain(), host);
  EXPECT_EQ(run->tensor(1).data.data(), run->tensor(2).data.data());
  WriteInt8(run->inputs()[0], {0, 1, 2, 3});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(ReadInt8(run->outputs()[0]), (std::vector<int8_t>{111, 112, 113, 114}));

  InterpreterOptions options;
  options.preserve_all_tensors = true;
  const auto preserving = MustCreate(Chain(), host, options);
  EXPECT_NE(preserving->tensor(1).data.data(), preserving->tensor(2).data.data());
}

TEST(Memory, ScratchIsThereDuringInvokeAndPersistentMemoryIsZeroedAndKept) {
  auto host = std::make_shared<FakePluginHost>();
  FakeKernel kernel = Adder("tflite.RELU", 1);
  static void* persistent = nullptr;
  kernel.prepare = [](const glimpse_node& node, const glimpse_prepare& prepare) {
    uint32_t id = 99;
    EXPECT_EQ(prepare.scratch(prepare.context, 1000, &id), GLIMPSE_OK);
    EXPECT_EQ(id, 0u);
    EXPECT_EQ(prepare.persistent(prepare.context, 100000, &persistent), GLIMPSE_OK);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(persistent) % GLIMPSE_ALIGN, 0u);
    for (size_t i = 0; i < 100000; ++i) EXPECT_EQ(static_cast<const char*>(persistent)[i], 0);
    return testkit::ShapeOfFirstInput(node, prepare);
  };
  kernel.invoke = [](const glimpse_invoke& io) {
    EXPECT_EQ(io.scratch_count, 1u);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(io.scratch[0]) % GLIMPSE_ALIGN, 0u);
    std::memset(io.scratch[0], 0x5a, 1000);
    std::memset(persistent, 1, 100000);
    std::memcpy(io.outputs[0], io.inputs[0], kElements);
    return glimpse_status{GLIMPSE_OK};
  };
  host->Add("plain", {kernel, Adder("tflite.RELU6", 10), Adder("tflite.NEG", 100)});
  const auto run = MustCreate(Chain(), host);
  EXPECT_EQ(run->persistent_bytes(), 100000u);
  WriteInt8(run->inputs()[0], {0, 1, 2, 3});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(ReadInt8(run->outputs()[0]), (std::vector<int8_t>{110, 111, 112, 113}));
}

TEST(Variables, StartAtRealZeroKeepTheirContentAndAreReset) {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, kElements}});
  const int state =
      b.Tensor({.name = "state", .shape = {1, kElements}, .scales = {0.5f}, .zero_points = {-7}, .is_variable = true});
  const int y = b.Tensor({.name = "y", .shape = {1, kElements}});
  b.CustomOperator("Accumulate", {x, state}, {y});
  b.Output(y);
  FakeKernel kernel;
  kernel.op = "custom.Accumulate";
  kernel.prepare = testkit::ShapeOfFirstInput;
  kernel.invoke = [](const glimpse_invoke& io) {
    auto* sum = static_cast<int8_t*>(const_cast<void*>(io.inputs[1]));
    for (int i = 0; i < kElements; ++i) {
      sum[i] = static_cast<int8_t>(sum[i] + static_cast<const int8_t*>(io.inputs[0])[i]);
      static_cast<int8_t*>(io.outputs[0])[i] = sum[i];
    }
    return glimpse_status{GLIMPSE_OK};
  };
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", {kernel});
  const auto run = MustCreate(b.Model(), host);
  for (const int expected : {-6, -5}) {
    WriteInt8(run->inputs()[0], {1, 1, 1, 1});
    ASSERT_TRUE(run->Invoke());
    EXPECT_EQ(ReadInt8(run->outputs()[0])[0], expected);
  }
  run->ResetVariables();
  WriteInt8(run->inputs()[0], {1, 1, 1, 1});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(ReadInt8(run->outputs()[0])[0], -6);
}

}  // namespace
}  // namespace glimpse
