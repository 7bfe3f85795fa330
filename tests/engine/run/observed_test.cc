// SPDX-License-Identifier: Apache-2.0
// An invoke seen operator by operator, and state that moves from one interpreter to another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "engine/run/interpreter.h"
#include "tests/support/fake_plugins.h"
#include "tests/support/model_builder.h"

namespace glimpse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testkit::FakeKernel;
using testkit::FakePluginHost;
using testkit::ModelBuilder;
using Op = wire::BuiltinOperator;

// out = in + amount, for int8 of 4 elements; `failing` fails instead.
FakeKernel AddingKernel(const std::string& op, int amount, bool failing = false) {
  FakeKernel kernel;
  kernel.op = op;
  kernel.prepare = testkit::ShapeOfFirstInput;
  kernel.invoke = [=](const glimpse_invoke& io) -> glimpse_status {
    for (int i = 0; i < 4; ++i) {
      static_cast<int8_t*>(io.outputs[0])[i] =
          static_cast<int8_t>(static_cast<const int8_t*>(io.inputs[0])[i] + amount);
    }
    return failing ? GLIMPSE_INTERNAL : GLIMPSE_OK;
  };
  return kernel;
}

// x -> RELU -> a -> RELU6 -> b -> NEG -> y. With one arena, a and y share memory.
std::shared_ptr<const Model> ThreeInARow() {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 4}});
  const int a = b.Tensor({.name = "a", .shape = {1, 4}});
  const int c = b.Tensor({.name = "b", .shape = {1, 4}});
  const int y = b.Tensor({.name = "y", .shape = {1, 4}});
  b.Operator(Op::RELU, {x}, {a});
  b.Operator(Op::RELU6, {a}, {c});
  b.Operator(Op::NEG, {c}, {y});
  b.Output(y);
  return b.Model();
}

std::unique_ptr<Interpreter> Make(std::shared_ptr<const Model> model, std::vector<FakeKernel> kernels) {
  auto host = std::make_shared<FakePluginHost>();
  host->Add("plain", std::move(kernels));
  auto made = Interpreter::Create(std::move(model), host, {});
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

class Notes final : public OperatorObserver {
 public:
  explicit Notes(Interpreter& interpreter, int fails_at = -1) : interpreter_(interpreter), fails_at_(fails_at) {}
  void Before(const PlannedOperator& op) override { notes.push_back("before " + op.info->ShortName()); }
  Result<void> After(const PlannedOperator& op) override {
    const auto data = interpreter_.tensor(op.info->outputs[0]).data;
    notes.push_back("after " + op.info->ShortName() + " " + std::to_string(static_cast<int8_t>(data[0])));
    if (op.info->index == fails_at_) return Unexpected(ErrorCode::kInvalidArgument, "enough");
    return {};
  }
  std::vector<std::string> notes;

 private:
  Interpreter& interpreter_;
  int fails_at_;
};

TEST(InvokeObserved, ShowsEveryOutputBeforeTheNextOperatorCanOverwriteIt) {
  const auto interpreter = Make(ThreeInARow(), {AddingKernel("tflite.RELU", 1), AddingKernel("tflite.RELU6", 10),
                                                AddingKernel("tflite.NEG", 100)});
  Notes notes(*interpreter);
  std::memset(interpreter->inputs()[0].data.data(), 5, 4);
  ASSERT_TRUE(interpreter->InvokeObserved(notes));
  EXPECT_THAT(notes.notes, ElementsAre("before RELU", "after RELU 6", "before RELU6", "after RELU6 16", "before NEG",
                                       "after NEG 116"));
}

TEST(InvokeObserved, EndsWithTheObserversErrorOrTheKernels) {
  const auto interpreter = Make(ThreeInARow(), {AddingKernel("tflite.RELU", 1), AddingKernel("tflite.RELU6", 10),
                                                AddingKernel("tflite.NEG", 100, /*failing=*/true)});
  Notes ends(*interpreter, 1);
  EXPECT_EQ(interpreter->InvokeObserved(ends).error().message, "enough");
  EXPECT_EQ(ends.notes.size(), 4u);
  Notes all(*interpreter);
  const auto failed = interpreter->InvokeObserved(all);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("NEG"));
  EXPECT_EQ(all.notes.size(), 5u);
}

// A variable tensor that the kernel adds the input to; it is the output, too.
std::shared_ptr<const Model> Accumulating() {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 4}});
  const int state = b.Tensor({.name = "state", .shape = {1, 4}, .is_variable = true});
  const int y = b.Tensor({.name = "y", .shape = {1, 4}});
  b.CustomOperator("Sum", {x, state}, {y});
  b.Output(y);
  return b.Model();
}

FakeKernel SumKernel() {
  FakeKernel kernel;
  kernel.op = "custom.Sum";
  kernel.prepare = testkit::ShapeOfFirstInput;
  kernel.invoke = [](const glimpse_invoke& io) -> glimpse_status {
    const auto* in = static_cast<const int8_t*>(io.inputs[0]);
    auto* state = static_cast<int8_t*>(const_cast<void*>(io.inputs[1]));
    auto* out = static_cast<int8_t*>(io.outputs[0]);
    for (int i = 0; i < 4; ++i) out[i] = state[i] = static_cast<int8_t>(state[i] + in[i]);
    return GLIMPSE_OK;
  };
  return kernel;
}

int8_t Feed(Interpreter& interpreter, int8_t value) {
  std::memset(interpreter.inputs()[0].data.data(), value, 4);
  EXPECT_TRUE(interpreter.Invoke());
  return static_cast<int8_t>(interpreter.outputs()[0].data[0]);
}

TEST(CopyStateFrom, VariableTensorsGoOnWhereTheOtherIs) {
  const auto old = Make(Accumulating(), {SumKernel()});
  const auto next = Make(Accumulating(), {SumKernel()});
  EXPECT_EQ(Feed(*old, 3), 3);
  EXPECT_EQ(Feed(*old, 4), 7);
  EXPECT_EQ(Feed(*next, 50), 50);
  ASSERT_TRUE(next->CopyStateFrom(*old));
  EXPECT_EQ(Feed(*next, 1), 8);
  EXPECT_EQ(Feed(*old, 1), 8) << "the other is as it was";
}

TEST(CopyStateFrom, AnotherModelIsRefused) {
  const auto old = Make(Accumulating(), {SumKernel()});
  const auto other = Make(
      ThreeInARow(), {AddingKernel("tflite.RELU", 1), AddingKernel("tflite.RELU6", 1), AddingKernel("tflite.NEG", 1)});
  EXPECT_EQ(other->CopyStateFrom(*old).error().code, ErrorCode::kInvalidArgument);
}

// CALL_ONCE assigns 100; then total += x.
std::shared_ptr<const Model> Counting() {
  const auto handle = [](ModelBuilder& b) {
    const int index = b.Tensor({.name = "handle", .type = DType::kResource});
    wire::VarHandleOptionsT options;
    options.shared_name = "total";
    b.Operator(Op::VAR_HANDLE, {}, {index}, options);
    return index;
  };
  ModelBuilder once;
  const int start = once.Constant({.name = "start", .shape = {1, 4}}, std::vector<int8_t>{100, 100, 100, 100});
  once.Operator(Op::ASSIGN_VARIABLE, {handle(once), start}, {});
  ModelBuilder b;
  const int x = b.Input({.name = "x", .shape = {1, 4}});
  const int before = b.Tensor({.name = "before", .shape = {1, 4}});
  const int after = b.Tensor({.name = "after", .shape = {1, 4}});
  wire::CallOnceOptionsT options;
  options.init_subgraph_index = b.AddSubgraph(std::move(once));
  b.Operator(Op::CALL_ONCE, {}, {}, options);
  const int total = handle(b);
  b.Operator(Op::READ_VARIABLE, {total}, {before});
  b.Operator(Op::ADD, {before, x}, {after});
  b.Operator(Op::ASSIGN_VARIABLE, {total, after}, {});
  b.Output(after);
  return b.Model();
}

FakeKernel PairKernel() {
  FakeKernel kernel;
  kernel.op = "tflite.ADD";
  kernel.prepare = testkit::ShapeOfFirstInput;
  kernel.invoke = [](const glimpse_invoke& io) -> glimpse_status {
    for (int i = 0; i < 4; ++i) {
      static_cast<int8_t*>(io.outputs[0])[i] = static_cast<int8_t>(static_cast<const int8_t*>(io.inputs[0])[i] +
                                                                   static_cast<const int8_t*>(io.inputs[1])[i]);
    }
    return GLIMPSE_OK;
  };
  return kernel;
}

TEST(CopyStateFrom, ResourceVariablesGoOnAndAreNotSetUpAgain) {
  const auto old = Make(Counting(), {PairKernel()});
  EXPECT_EQ(Feed(*old, 1), 101);
  EXPECT_EQ(Feed(*old, 2), 103);
  const auto next = Make(Counting(), {PairKernel()});
  ASSERT_TRUE(next->CopyStateFrom(*old));
  EXPECT_EQ(Feed(*next, 4), 107) << "CALL_ONCE would have begun at 100 again";
  // The state before the first inference is taken over as well.
  const auto fresh = Make(Counting(), {PairKernel()});
  ASSERT_TRUE(next->CopyStateFrom(*fresh));
  EXPECT_EQ(Feed(*next, 4), 104);
}

}  // namespace
}  // namespace glimpse
