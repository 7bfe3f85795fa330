// SPDX-License-Identifier: Apache-2.0
// Kernels that compute several operators as one: when they are taken, what they see, what is planned.
#include "engine/run/operator_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/run/run_support.h"

namespace glimpse {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testkit::Create;
using testkit::Elementwise;
using testkit::FakeKernel;
using testkit::FakePluginHost;
using testkit::ModelBuilder;
using testkit::Read;
using testkit::Write;

constexpr int32_t kOnes = 1000;

// NEG, then ADD: what it adds to the result tells that it ran.
FakeKernel NegAdd() {
  FakeKernel kernel = Elementwise("tflite.NEG", [](int32_t a, int32_t b) { return b - a + kOnes; });
  kernel.then = {"tflite.ADD"};
  kernel.impl = "test.NEG+ADD";
  kernel.score = 200;
  return kernel;
}

std::shared_ptr<FakePluginHost> FusingPlugins(FakeKernel chain = NegAdd()) {
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", {Elementwise("tflite.NEG", [](int32_t a, int32_t) { return -a; }),
                      Elementwise("tflite.ADD", [](int32_t a, int32_t b) { return a + b; }),
                      Elementwise("tflite.MUL", [](int32_t a, int32_t b) { return a * b; })});
  host->Add("fusing", {std::move(chain)});
  return host;
}

// x, z -> NEG x -> link; MUL x, x -> square; ADD link, z -> y.
class OperatorChainTest : public testing::Test {
 protected:
  OperatorChainTest() {
    const auto named = [](const char* name) {
      return testkit::TensorSpec{.name = name, .type = DType::kInt32, .shape = {3}};
    };
    x_ = b_.Input(named("x"));
    z_ = b_.Input(named("z"));
    link_ = b_.Tensor(named("link"));
    square_ = b_.Tensor(named("square"));
    y_ = b_.Tensor(named("y"));
    b_.Operator(wire::BuiltinOperator::NEG, {x_}, {link_});
  }
  void Square() { b_.Operator(wire::BuiltinOperator::MUL, {x_, x_}, {square_}); }
  void Sum(int left, int right) {
    b_.Operator(wire::BuiltinOperator::ADD, {left, right}, {y_});
    b_.Output(y_);
  }
  // What comes out for x = 1 2 3 and z = 10 20 30.
  static std::vector<int32_t> Run(Interpreter& run) {
    Write(run.inputs()[0], {1, 2, 3});
    Write(run.inputs()[1], {10, 20, 30});
    EXPECT_TRUE(run.Invoke());
    return Read(run.outputs()[0]);
  }

  ModelBuilder b_;
  int x_ = 0, z_ = 0, link_ = 0, square_ = 0, y_ = 0;
};

TEST_F(OperatorChainTest, IsComputedByOneKernel) {
  Sum(link_, z_);
  const int before = testkit::LiveKernels();
  const auto run = Create(b_, FusingPlugins());
  EXPECT_EQ(testkit::LiveKernels(), before + 1);
  EXPECT_THAT(Run(*run), ElementsAre(1009, 1018, 1027));
  EXPECT_EQ(run->plan()[0].impl, "test.NEG+ADD");
  EXPECT_EQ(run->plan()[0].fused, 1);
  EXPECT_EQ(run->plan()[0].fused_into, -1);
  EXPECT_EQ(run->plan()[1].fused_into, 0);
  EXPECT_EQ(run->plan()[1].impl, "test.NEG+ADD");
  EXPECT_EQ(run->macs(), 10u) << "counted once";
  EXPECT_THAT(run->tensor(link_).data, IsEmpty()) << "a link has no memory";
}

TEST_F(OperatorChainTest, TakesTheLinkWhereverItIsRead) {
  Sum(z_, link_);
  const auto run = Create(b_, FusingPlugins());
  EXPECT_THAT(Run(*run), ElementsAre(1009, 1018, 1027)) << "inputs are x and z, whatever the order in ADD";
}

TEST_F(OperatorChainTest, OperatorsBetweenDoNotMatter) {
  Square();
  Sum(link_, z_);
  b_.Output(square_);
  const auto run = Create(b_, FusingPlugins());
  EXPECT_THAT(Run(*run), ElementsAre(1009, 1018, 1027));
  EXPECT_THAT(Read(run->outputs()[1]), ElementsAre(1, 4, 9));
  EXPECT_EQ(run->plan()[2].fused_into, 0);
}

// Which reason the fusing kernel was passed over for; the result must be that of single operators.
std::string WhyNot(const Interpreter& run) {
  EXPECT_EQ(run.plan()[0].fused, 0);
  EXPECT_EQ(run.plan()[0].plugin, "plain");
  for (const std::string& reason : run.plan()[0].rejected) {
    if (reason.starts_with("fusing (test.NEG+ADD): ")) return reason.substr(23);
  }
  return "no reason given";
}

TEST_F(OperatorChainTest, EndsWhereTheLinkIsAnOutput) {
  Sum(link_, z_);
  b_.Output(link_);
  const auto run = Create(b_, FusingPlugins());
  EXPECT_THAT(Run(*run), ElementsAre(9, 18, 27));
  EXPECT_THAT(Read(run->outputs()[1]), ElementsAre(-1, -2, -3));
  EXPECT_EQ(WhyNot(*run), "no chain: tensor 2 (link) is read by more than the next operator");
}

TEST_F(OperatorChainTest, EndsWhereTheLinkIsReadTwice) {
  Sum(link_, link_);
  const auto run = Create(b_, FusingPlugins());
  EXPECT_THAT(Run(*run), ElementsAre(-2, -4, -6));
  EXPECT_EQ(WhyNot(*run), "no chain: tensor 2 (link) is read by more than the next operator");
}

TEST_F(OperatorChainTest, EndsBeforeWhatNeedsLaterResults) {
  Square();
  Sum(link_, square_);
  const auto run = Create(b_, FusingPlugins());
  EXPECT_THAT(Run(*run), ElementsAre(0, 2, 6));
  EXPECT_EQ(WhyNot(*run), "no chain: tensor 3 (square), which operator 2 needs, comes later");
}

TEST_F(OperatorChainTest, IsNoneWhenEveryTensorIsKept) {
  Sum(link_, z_);
  InterpreterOptions options;
  options.preserve_all_tensors = true;
  const auto run = Create(b_, FusingPlugins(), options);
  EXPECT_THAT(Run(*run), ElementsAre(9, 18, 27));
  EXPECT_EQ(WhyNot(*run), "no chain: every tensor is kept");
}

TEST_F(OperatorChainTest, IsNoneWhenAnOperatorIsPinned) {
  Sum(link_, z_);
  for (const char* pin : {"NEG", "ADD"}) {
    InterpreterOptions options;
    options.kernels.overrides[pin] = "plain";
    const auto run = Create(b_, FusingPlugins(), options);
    EXPECT_THAT(Run(*run), ElementsAre(9, 18, 27)) << pin;
    EXPECT_EQ(run->plan()[0].fused, 0) << pin;
    EXPECT_THAT(run->plan()[0].rejected, Contains(HasSubstr("pinned to plain"))) << pin;
  }
}

TEST_F(OperatorChainTest, SingleOperatorsServeWhenItsKernelDeclines) {
  Sum(link_, z_);
  for (const glimpse_status status : {GLIMPSE_UNSUPPORTED, GLIMPSE_INVALID_NODE}) {
    FakeKernel declines = NegAdd();
    declines.prepare = [status](const glimpse_node&, const glimpse_prepare& prepare) {
      prepare.set_error(prepare.context, "not this one");
      return status;
    };
    const auto run = Create(b_, FusingPlugins(declines));
    EXPECT_THAT(Run(*run), ElementsAre(9, 18, 27));
    EXPECT_EQ(WhyNot(*run), "not this one");
  }
}

TEST_F(OperatorChainTest, APreferredPluginGoesFirst) {
  Sum(link_, z_);
  InterpreterOptions options;
  options.kernels.use = "plain";
  const auto run = Create(b_, FusingPlugins(), options);
  EXPECT_THAT(Run(*run), ElementsAre(9, 18, 27));
  EXPECT_EQ(run->plan()[0].fused, 0);
}

TEST_F(OperatorChainTest, ShowsTheKernelTheWholeNode) {
  Sum(link_, z_);
  std::vector<std::string> seen;
  FakeKernel kernel = NegAdd();
  const auto prepare = kernel.prepare;
  kernel.prepare = [&seen, prepare](const glimpse_node& node, const glimpse_prepare& services) {
    for (uint32_t i = 0; i < node.operator_count; ++i) seen.emplace_back(node.operators[i]->op);
    EXPECT_EQ(node.operators[1]->inputs[0]->index, node.operators[0]->outputs[0]->index);
    EXPECT_EQ(services.allow_alias(services.context, 1, 0), GLIMPSE_OK) << "inputs are x and z";
    return prepare(node, services);
  };
  const auto run = Create(b_, FusingPlugins(kernel));
  EXPECT_THAT(seen, ElementsAre("tflite.NEG", "tflite.ADD"));
  EXPECT_THAT(Run(*run), ElementsAre(1009, 1018, 1027));
}

}  // namespace
}  // namespace glimpse
