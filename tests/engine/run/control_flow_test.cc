// SPDX-License-Identifier: Apache-2.0
// Operators that run other subgraphs, and variables.
#include <gmock/gmock.h>

#include "tests/engine/run/allocation_counter.h"
#include "tests/engine/run/run_support.h"

namespace glimpse {
namespace {

using testing::HasSubstr;
using testkit::FakePluginHost;
using testkit::ModelBuilder;
using Op = wire::BuiltinOperator;
using Values = std::vector<int32_t>;

constexpr DType kBool = DType::kBool;

// ADD, MUL on int32; LESS (gives bool); BROADCAST_TO, which joins a list with itself.
std::shared_ptr<FakePluginHost> Plugins() {
  testkit::FakeKernel less;
  less.op = "tflite.LESS";
  less.impl = "test.less";
  less.prepare = testkit::ShapeOfFirstInput;
  less.invoke = [](const glimpse_invoke& io) {
    *static_cast<bool*>(io.outputs[0]) =
        *static_cast<const int32_t*>(io.inputs[0]) < *static_cast<const int32_t*>(io.inputs[1]);
    return glimpse_status{GLIMPSE_OK};
  };
  testkit::FakeKernel pack;
  pack.op = "tflite.BROADCAST_TO";
  pack.impl = "test.pack";
  auto bytes = std::make_shared<size_t>(0);
  pack.prepare = [bytes](const glimpse_node& node, const glimpse_prepare& prepare) {
    const glimpse_tensor& x = *node.operators[0]->inputs[0];
    *bytes = x.size_bytes;
    const int32_t dims[1] = {2 * x.dims[0]};
    return prepare.set_output_shape(prepare.context, 0, 1, dims);
  };
  pack.invoke = [bytes](const glimpse_invoke& io) {
    std::memcpy(io.outputs[0], io.inputs[0], *bytes);
    std::memcpy(static_cast<std::byte*>(io.outputs[0]) + *bytes, io.inputs[0], *bytes);
    return glimpse_status{GLIMPSE_OK};
  };
  auto host = std::make_shared<FakePluginHost>();
  // Loops that run for long wrap.
  const auto add = [](int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
  };
  const auto multiply = [](int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b));
  };
  host->Add("plain",
            {less, pack, testkit::Elementwise("tflite.ADD", add), testkit::Elementwise("tflite.MUL", multiply)});
  return host;
}

int Int(ModelBuilder& b, const char* name, std::vector<int32_t> shape = {1}) {
  return b.Tensor({.name = name, .type = testkit::kInt, .shape = std::move(shape)});
}

int IntInput(ModelBuilder& b, const char* name, std::vector<int32_t> shape = {1}) {
  return b.Input({.name = name, .type = testkit::kInt, .shape = std::move(shape)});
}

// x -> x OP x
ModelBuilder Twice(Op op, std::vector<int32_t> out = {1}) {
  ModelBuilder b;
  const int x = IntInput(b, "x");
  const int y = Int(b, "y", std::move(out));
  b.Operator(op, {x, x}, {y});
  b.Output(y);
  return b;
}

wire::IfOptionsT IfOptions(int then_graph, int else_graph) {
  wire::IfOptionsT options;
  options.then_subgraph_index = then_graph;
  options.else_subgraph_index = else_graph;
  return options;
}

wire::WhileOptionsT WhileOptions(int condition, int body) {
  wire::WhileOptionsT options;
  options.cond_subgraph_index = condition;
  options.body_subgraph_index = body;
  return options;
}

wire::VarHandleOptionsT Named(const char* name) {
  wire::VarHandleOptionsT options;
  options.shared_name = name;
  return options;
}

int Handle(ModelBuilder& b, const char* name) {
  const int handle = b.Tensor({.name = "handle", .type = DType::kResource});
  b.Operator(Op::VAR_HANDLE, {}, {handle}, Named(name));
  return handle;
}

// condition, x -> IF -> y
ModelBuilder Branches(ModelBuilder on_true, ModelBuilder on_false) {
  ModelBuilder b;
  const int condition = b.Input({.name = "condition", .type = kBool, .shape = {1}});
  const int x = IntInput(b, "x");
  const int y = Int(b, "y");
  const int then_graph = b.AddSubgraph(std::move(on_true));
  const int else_graph = b.AddSubgraph(std::move(on_false));
  b.Operator(Op::IF, {condition, x}, {y}, IfOptions(then_graph, else_graph));
  b.Output(y);
  return b;
}

Values RunBranch(Interpreter& run, bool condition, int32_t x) {
  run.inputs()[0].data[0] = static_cast<std::byte>(condition);
  testkit::Write(run.inputs()[1], {x});
  const auto done = run.Invoke();
  EXPECT_TRUE(done) << done.error().message;
  return testkit::Read(run.outputs()[0]);
}

TEST(ControlFlow, IfRunsOneOfTwo) {
  const auto run = testkit::Create(Branches(Twice(Op::ADD), Twice(Op::MUL)), Plugins());
  EXPECT_FALSE(run->outputs()[0].dynamic);
  EXPECT_EQ(run->plan()[0].impl, "engine.IF");
  EXPECT_EQ(run->plan(1)[0].impl, "test.tflite.ADD");
  EXPECT_EQ(RunBranch(*run, true, 5), Values{10});
  EXPECT_EQ(RunBranch(*run, false, 5), Values{25});
}

TEST(ControlFlow, BranchesOfDifferentShapesMakeADynamicOutput) {
  const auto run = testkit::Create(Branches(Twice(Op::BROADCAST_TO, {2}), Twice(Op::MUL)), Plugins());
  EXPECT_TRUE(run->outputs()[0].dynamic);
  EXPECT_EQ(RunBranch(*run, true, 5), (Values{5, 5}));
  EXPECT_EQ(RunBranch(*run, false, 5), Values{25});
}

// counter < limit, x OP x in each round
ModelBuilder Loop(Op op, std::vector<int32_t> out = {1}) {
  ModelBuilder condition;
  {
    const int counter = IntInput(condition, "counter");
    IntInput(condition, "x");
    const int limit = condition.Constant({.name = "limit", .type = testkit::kInt, .shape = {1}}, Values{4});
    const int result = condition.Tensor({.name = "result", .type = kBool, .shape = {1}});
    condition.Operator(Op::LESS, {counter, limit}, {result});
    condition.Output(result);
  }
  ModelBuilder body;
  {
    const int counter = IntInput(body, "counter");
    const int x = IntInput(body, "x");
    const int one = body.Constant({.name = "one", .type = testkit::kInt, .shape = {1}}, Values{1});
    const int next = Int(body, "next");
    const int y = Int(body, "y", std::move(out));
    body.Operator(Op::ADD, {counter, one}, {next});
    body.Operator(op, {x, x}, {y});
    body.Output(next);
    body.Output(y);
  }
  ModelBuilder b;
  const int counter = IntInput(b, "counter");
  const int x = IntInput(b, "x");
  const int last = Int(b, "last");
  const int y = Int(b, "y");
  const int condition_graph = b.AddSubgraph(std::move(condition));
  const int body_graph = b.AddSubgraph(std::move(body));
  b.Operator(Op::WHILE, {counter, x}, {last, y}, WhileOptions(condition_graph, body_graph));
  b.Output(last);
  b.Output(y);
  return b;
}

Result<void> RunLoop(Interpreter& run, int32_t counter, int32_t x) {
  testkit::Write(run.inputs()[0], {counter});
  testkit::Write(run.inputs()[1], {x});
  return run.Invoke();
}

TEST(ControlFlow, WhileLoopsUntilItsConditionFailsAndAllocatesNothing) {
  const auto run = testkit::Create(Loop(Op::ADD), Plugins());
  ASSERT_TRUE(RunLoop(*run, 0, 3));
  EXPECT_EQ(testkit::Read(run->outputs()[0]), Values{4});
  EXPECT_EQ(testkit::Read(run->outputs()[1]), Values{48});
  ASSERT_TRUE(RunLoop(*run, 9, 3));  // not even once
  EXPECT_EQ(testkit::Read(run->outputs()[1]), Values{3});
  if (!testkit::Allocations()) GTEST_SKIP() << "the sanitizer's allocator cannot be counted; other builds count";
  testkit::Write(run->inputs()[0], {0});
  const auto before = testkit::Allocations();
  const bool done = run->Invoke().has_value();
  EXPECT_EQ(testkit::Allocations(), before);
  EXPECT_TRUE(done);
}

TEST(ControlFlow, WhatGrowsInALoopIsDynamic) {
  const auto run = testkit::Create(Loop(Op::BROADCAST_TO, {2}), Plugins());
  EXPECT_FALSE(run->outputs()[0].dynamic);
  EXPECT_TRUE(run->outputs()[1].dynamic);
  ASSERT_TRUE(RunLoop(*run, 2, 7));
  EXPECT_EQ(testkit::Read(run->outputs()[1]), (Values{7, 7, 7, 7}));
  ASSERT_TRUE(RunLoop(*run, 4, 7));
  EXPECT_EQ(testkit::Read(run->outputs()[1]), Values{7});
}

TEST(ControlFlow, LoopsWorkAndTimeAreBounded) {
  const auto error = [](const Limits& limits, int32_t counter) {
    InterpreterOptions options;
    options.limits = limits;
    const auto run = testkit::Create(Loop(Op::ADD), Plugins(), options);
    const auto done = RunLoop(*run, counter, 1);
    EXPECT_FALSE(done);
    return done ? Error{} : done.error();
  };
  Limits limits;
  limits.loop_iterations = 100;
  EXPECT_EQ(error(limits, -200).message, "built.tflite: operator 0 (WHILE): loops more than the limit of 100 times");
  limits = {};
  limits.work = 1000;
  EXPECT_EQ(error(limits, -200).code, ErrorCode::kExhausted);
  limits = {};
  limits.seconds = 1e-9;
  EXPECT_THAT(error(limits, -2000).message, HasSubstr("takes longer than the limit of"));
  const auto run = testkit::Create(Loop(Op::ADD), Plugins());
  run->RequestStop();
  EXPECT_THAT(RunLoop(*run, 0, 1).error().message, HasSubstr("stopped on request"));
  EXPECT_TRUE(RunLoop(*run, 0, 1));
}

TEST(ControlFlow, ACompositeIsItsDecomposition) {
  ModelBuilder b;
  const int x = IntInput(b, "x");
  const int y = Int(b, "y");
  wire::StableHLOCompositeOptionsT options;
  options.name = "odml.square";
  options.decomposition_subgraph_index = b.AddSubgraph(Twice(Op::MUL));
  const int op = b.Operator(Op::STABLEHLO_COMPOSITE, {x}, {y});
  b.op(op).builtin_options_2.Set(options);
  b.Output(y);
  const auto run = testkit::Create(b, Plugins());
  testkit::Write(run->inputs()[0], {6});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(testkit::Read(run->outputs()[0]), Values{36});
}

// CALL_ONCE assigns 100; then total += x.
ModelBuilder Accumulator() {
  ModelBuilder once;
  const int start = once.Constant({.name = "start", .type = testkit::kInt, .shape = {1}}, Values{100});
  once.Operator(Op::ASSIGN_VARIABLE, {Handle(once, "total"), start}, {});
  ModelBuilder b;
  const int x = IntInput(b, "x");
  const int before = Int(b, "before");
  const int after = Int(b, "after");
  wire::CallOnceOptionsT options;
  options.init_subgraph_index = b.AddSubgraph(std::move(once));
  b.Operator(Op::CALL_ONCE, {}, {}, options);
  const int handle = Handle(b, "total");
  b.Operator(Op::READ_VARIABLE, {handle}, {before});
  b.Operator(Op::ADD, {before, x}, {after});
  b.Operator(Op::ASSIGN_VARIABLE, {handle, after}, {});
  b.Output(after);
  return b;
}

TEST(ResourceVariables, KeepTheirContentAcrossSubgraphsAndInvokesUntilReset) {
  const auto run = testkit::Create(Accumulator(), Plugins());
  EXPECT_FALSE(run->outputs()[0].dynamic) << "all agree about its shape";
  for (const int32_t expected : {101, 102, 103}) {
    testkit::Write(run->inputs()[0], {1});
    ASSERT_TRUE(run->Invoke());
    EXPECT_EQ(testkit::Read(run->outputs()[0]), Values{expected});
  }
  run->ResetVariables();
  testkit::Write(run->inputs()[0], {1});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(testkit::Read(run->outputs()[0]), Values{101});
}

TEST(ResourceVariables, ReadBeforeAssignmentIsAnError) {
  ModelBuilder b;
  IntInput(b, "x");
  const int y = Int(b, "y");
  b.Operator(Op::READ_VARIABLE, {Handle(b, "state")}, {y});
  b.Output(y);
  const auto run = testkit::Create(b, Plugins());
  EXPECT_EQ(run->Invoke().error().message,
            "built.tflite: operator 1 (READ_VARIABLE): variable 'state' is read before it is assigned");
}

TEST(ResourceVariables, TakeTheShapeOfWhatIsAssigned) {
  ModelBuilder b;
  const int x = IntInput(b, "x", {3});
  const int y = Int(b, "y", {1});  // the file is wrong about it
  const int z = Int(b, "z", {1});
  const int handle = Handle(b, "state");
  b.Operator(Op::ASSIGN_VARIABLE, {handle, x}, {});
  b.Operator(Op::READ_VARIABLE, {handle}, {y});
  b.Operator(Op::ADD, {y, y}, {z});
  b.Output(z);
  const auto run = testkit::Create(b, Plugins());
  testkit::Write(run->inputs()[0], {1, 2, 3});
  ASSERT_TRUE(run->Invoke());
  EXPECT_EQ(testkit::Read(run->outputs()[0]), (Values{2, 4, 6}));
}

TEST(Calls, OperatorsOfAllSubgraphsNeedAKernel) {
  const Error error = testkit::FailsToCreate(Branches(Twice(Op::ADD), Twice(Op::SUB)), Plugins());
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("no kernel for 1 of 3 operators: subgraph 2 #0 SUB version 1, int32 input"));
}

TEST(Calls, ThatCannotBeAreRefused) {
  const auto message = [](const auto& change) {
    ModelBuilder b = Branches(Twice(Op::ADD), Twice(Op::MUL));
    change(b);
    const auto model = b.Parse();
    EXPECT_FALSE(model);
    return model ? "" : model.error().message;
  };
  EXPECT_EQ(message([](ModelBuilder& b) { b.op(0).builtin_options.AsIfOptions()->then_subgraph_index = 3; }),
            "built.tflite: subgraphs[0].operators[0] (IF) runs subgraph 3, the file has 3 subgraphs");
  EXPECT_THAT(message([](ModelBuilder& b) { b.op(0).builtin_options.AsIfOptions()->then_subgraph_index = 0; }),
              HasSubstr("has 1 inputs for subgraph 0, which has 2"));
  EXPECT_THAT(message([](ModelBuilder& b) { b.op(0).builtin_options.Reset(); }), HasSubstr("has no options"));
  EXPECT_THAT(message([](ModelBuilder& b) { b.raw().subgraphs[1]->tensors[0]->type = wire::TensorType::FLOAT32; }),
              HasSubstr("inputs[0] is int32, subgraph 1 has float32 there"));
  EXPECT_THAT(message([](ModelBuilder& b) { b.tensor(0).type = wire::TensorType::INT32; }),
              HasSubstr("input 0 is no bool condition"));
  EXPECT_THAT(message([](ModelBuilder& b) {
                b.raw().subgraphs[1]->operators.clear();
                b.raw().subgraphs[1]->tensors[1]->type = wire::TensorType::STRING;
                b.raw().subgraphs[1]->outputs = {0};
                b.raw().subgraphs[1]->inputs = {0};
                b.raw().subgraphs[1]->tensors[0]->type = wire::TensorType::STRING;
                b.tensor(1).type = wire::TensorType::STRING;
              }),
              HasSubstr("string"));
}

TEST(Calls, InACircleAreRefused) {
  ModelBuilder b;
  wire::CallOnceOptionsT options;
  options.init_subgraph_index = b.AddSubgraph(ModelBuilder());
  b.tensor(Int(b, "unused"));
  b.Operator(Op::CALL_ONCE, {}, {}, options);
  auto& callee = *b.raw().subgraphs[1];
  callee.tensors.push_back(std::make_unique<wire::TensorT>());
  auto op = std::make_unique<wire::OperatorT>();
  op->builtin_options.Set(options);  // itself
  callee.operators.push_back(std::move(op));
  const auto model = b.Parse();
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message, HasSubstr("subgraphs must not run themselves"));
}

TEST(Limits, AreReadByName) {
  Limits limits;
  ASSERT_TRUE(SetLimit("work=5000", &limits));
  EXPECT_EQ(limits.work, 5000u);
  ASSERT_TRUE(SetLimit("seconds=0.5", &limits));
  EXPECT_EQ(limits.seconds, 0.5);
  EXPECT_EQ(SetLimit("wrok=1", &limits).error().message,
            "there is no limit 'wrok', did you mean 'work'; limits: file-bytes, tensors, operators, tensor-bytes, "
            "memory-bytes, work, loop-iterations, seconds");
  EXPECT_FALSE(SetLimit("work", &limits));
  EXPECT_FALSE(SetLimit("work=-1", &limits));
  EXPECT_FALSE(SetLimit("seconds=nan", &limits));
}

}  // namespace
}  // namespace glimpse
