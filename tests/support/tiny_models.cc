// SPDX-License-Identifier: Apache-2.0
#include "tests/support/model_builder.h"

namespace glimpse::testkit {
namespace {

using Op = wire::BuiltinOperator;

// Small signed weights without a pattern.
std::vector<int8_t> Weights(size_t count) {
  std::vector<int8_t> weights(count);
  uint32_t state = 12345;
  for (int8_t& weight : weights) {
    state = state * 1664525u + 1013904223u;
    weight = static_cast<int8_t>(
        static_cast<int32_t>(state >> 24) - 128 == -128 ? 1 : static_cast<int32_t>(state >> 24) - 128);
  }
  return weights;
}

}  // namespace

ModelBuilder TinyCnn() {
  ModelBuilder b;
  const int image = b.Input({.name = "image", .shape = {1, 6, 6, 1}, .scales = {1.0f / 255}, .zero_points = {-128}});
  const int filter =
      b.Constant({.name = "conv/filter", .shape = {2, 3, 3, 1}, .scales = {0.01f, 0.02f}, .axis = 0}, Weights(18));
  const int bias =
      b.Constant({.name = "conv/bias", .type = DType::kInt32, .shape = {2}, .scales = {0.01f / 255, 0.02f / 255}},
                 std::vector<int32_t>{100, -2000});
  const int conv = b.Tensor({.name = "conv", .shape = {1, 4, 4, 2}, .scales = {0.05f}, .zero_points = {-10}});
  const int pool = b.Tensor({.name = "pool", .shape = {1, 2, 2, 2}, .scales = {0.05f}, .zero_points = {-10}});
  const int shape =
      b.Constant({.name = "flat/shape", .type = DType::kInt32, .shape = {2}}, std::vector<int32_t>{-1, 8});
  const int flat = b.Tensor({.name = "flat", .shape = {1, 8}, .scales = {0.05f}, .zero_points = {-10}});
  const int weights = b.Constant({.name = "dense/weights", .shape = {3, 8}, .scales = {0.01f}}, Weights(24));
  const int dense = b.Tensor({.name = "dense", .shape = {1, 3}, .scales = {0.1f}, .zero_points = {4}});
  const int scores = b.Tensor({.name = "scores", .shape = {1, 3}, .scales = {1.0f / 256}, .zero_points = {-128}});
  b.Operator(Op::CONV_2D, {image, filter, bias}, {conv},
             Conv2DOptions(1, wire::Padding::VALID, wire::ActivationFunctionType::RELU), 3);
  b.Operator(Op::MAX_POOL_2D, {conv}, {pool}, Pool2DOptions(2, 2), 2);
  b.Operator(Op::RESHAPE, {pool, shape}, {flat}, wire::ReshapeOptionsT());
  b.Operator(Op::FULLY_CONNECTED, {flat, weights, -1}, {dense}, wire::FullyConnectedOptionsT(), 4);
  b.Operator(Op::SOFTMAX, {dense}, {scores}, SoftmaxOptions(), 2);
  b.Output(scores);
  b.Metadata("note", {'h', 'i'});
  return b;
}

ModelBuilder TinyCustom() {
  ModelBuilder b;
  const int x = b.Input({.name = "x", .type = DType::kInt16, .shape = {1, 4}, .scales = {0.001f}});
  const int state =
      b.Tensor({.name = "state", .type = DType::kInt16, .shape = {1, 4}, .scales = {0.001f}, .is_variable = true});
  const int y = b.Tensor({.name = "y", .type = DType::kInt16, .shape = {1, 4}, .scales = {0.001f}});
  b.CustomOperator("Accumulate", {x, state, -1}, {y}, {1, 2, 3, 4, 5});
  b.Output(y);
  auto second = std::make_unique<wire::SubGraphT>();
  second->name = "second";
  second->tensors.push_back(std::make_unique<wire::TensorT>());
  second->tensors[0]->name = "text";
  second->tensors[0]->type = wire::TensorType::STRING;
  second->tensors[0]->shape = {1};
  second->inputs = {0};
  second->outputs = {0};
  b.raw().subgraphs.push_back(std::move(second));
  auto signature = std::make_unique<wire::SignatureDefT>();
  signature->signature_key = "serving_default";
  signature->inputs.push_back(std::make_unique<wire::TensorMapT>());
  signature->inputs[0]->name = "x";
  signature->inputs[0]->tensor_index = static_cast<uint32_t>(x);
  signature->outputs.push_back(std::make_unique<wire::TensorMapT>());
  signature->outputs[0]->name = "y";
  signature->outputs[0]->tensor_index = static_cast<uint32_t>(y);
  b.raw().signature_defs.push_back(std::move(signature));
  return b;
}

ModelBuilder TinyShapes() {
  ModelBuilder b;
  const auto ints = [&b](const char* name, const std::vector<int32_t>& values) {
    return b.Constant({.name = name, .type = DType::kInt32, .shape = {static_cast<int32_t>(values.size())}}, values);
  };
  const int x =
      b.Input({.name = "x", .shape = {1, 2, 3}, .scales = {0.5f}, .zero_points = {3}, .shape_signature = {-1, 2, 3}});
  const int shape = b.Tensor({.name = "shape", .type = DType::kInt32, .shape = {3}});
  const int batch = b.Tensor({.name = "batch", .type = DType::kInt32});
  const int six = b.Constant({.name = "six", .type = DType::kInt32}, std::vector<int32_t>{6});
  const int pack = b.Tensor({.name = "pack", .type = DType::kInt32, .shape = {2}});
  const int flat = b.Tensor({.name = "flat", .shape = {1, 6}, .scales = {0.5f}, .zero_points = {3}});
  const int addend =
      b.Constant({.name = "addend", .shape = {6}, .scales = {0.25f}}, std::vector<int8_t>{1, -2, 3, -4, 5, -6});
  const int sum = b.Tensor({.name = "sum", .shape = {1, 6}, .scales = {0.6f}, .zero_points = {-7}});
  const int mean = b.Tensor({.name = "mean", .shape = {1}, .scales = {0.6f}, .zero_points = {-7}});
  wire::ShapeOptionsT shape_options;
  shape_options.out_type = wire::TensorType::INT32;
  b.Operator(Op::SHAPE, {x}, {shape}, shape_options);
  wire::StridedSliceOptionsT slice;
  slice.shrink_axis_mask = 1;
  b.Operator(Op::STRIDED_SLICE, {shape, ints("begin", {0}), ints("end", {1}), ints("strides", {1})}, {batch}, slice);
  wire::PackOptionsT pack_options;
  pack_options.values_count = 2;
  b.Operator(Op::PACK, {batch, six}, {pack}, pack_options);
  b.Operator(Op::RESHAPE, {x, pack}, {flat}, wire::ReshapeOptionsT());
  b.Operator(Op::ADD, {flat, addend}, {sum}, wire::AddOptionsT(), 2);
  b.Operator(Op::MEAN, {sum, ints("axis", {1})}, {mean}, wire::ReducerOptionsT(), 2);
  b.Output(mean);
  return b;
}

ModelBuilder TinyOps() {
  ModelBuilder b;
  const auto plane = [&b](const char* name, int32_t size, int32_t channels, float scale = 0.05f,
                          int64_t zero_point = -5) {
    return b.Tensor({.name = name, .shape = {1, size, size, channels}, .scales = {scale}, .zero_points = {zero_point}});
  };
  const int x = b.Input({.name = "x", .type = DType::kFloat32, .shape = {1, 4, 4, 2}});
  const int quantized = plane("quantized", 4, 2);
  const int paddings = b.Constant({.name = "paddings", .type = DType::kInt32, .shape = {4, 2}},
                                  std::vector<int32_t>{0, 0, 1, 1, 1, 1, 0, 0});
  const int padded = plane("padded", 6, 2);
  const int filter =
      b.Constant({.name = "filter", .shape = {1, 3, 3, 2}, .scales = {0.01f, 0.02f}, .axis = 3}, Weights(18));
  const int bias =
      b.Constant({.name = "bias", .type = DType::kInt32, .shape = {2}, .scales = {0.05f * 0.01f, 0.05f * 0.02f}},
                 std::vector<int32_t>{50, -70});
  const int depthwise = plane("depthwise", 4, 2);
  const int relu = plane("relu", 4, 2);
  const int pool = plane("pool", 2, 2);
  const int factor = b.Constant({.name = "factor", .shape = {2}, .scales = {0.02f}}, std::vector<int8_t>{90, -60});
  const int product = plane("product", 2, 2, 0.04f, 2);
  const int leaky = plane("leaky", 2, 2);
  const int joined = plane("joined", 2, 4);
  const int clipped = plane("clipped", 2, 4, 0.03f, -128);
  const int sigmoid = plane("sigmoid", 2, 4, 1.0f / 256, -128);
  const int y = b.Tensor({.name = "y", .type = DType::kFloat32, .shape = {1, 2, 2, 4}});
  b.Operator(Op::QUANTIZE, {x}, {quantized}, wire::QuantizeOptionsT());
  b.Operator(Op::PAD, {quantized, paddings}, {padded}, wire::PadOptionsT(), 2);
  b.Operator(Op::DEPTHWISE_CONV_2D, {padded, filter, bias}, {depthwise}, DepthwiseConv2DOptions(), 3);
  b.Operator(Op::RELU, {depthwise}, {relu}, 2);
  b.Operator(Op::AVERAGE_POOL_2D, {relu}, {pool}, Pool2DOptions(2, 2), 2);
  b.Operator(Op::MUL, {pool, factor}, {product}, wire::MulOptionsT(), 2);
  wire::LeakyReluOptionsT alpha;
  alpha.alpha = 0.1f;
  b.Operator(Op::LEAKY_RELU, {product}, {leaky}, alpha, 2);
  wire::ConcatenationOptionsT axis;
  axis.axis = 3;
  b.Operator(Op::CONCATENATION, {pool, leaky}, {joined}, axis, 2);
  b.Operator(Op::RELU6, {joined}, {clipped}, 2);
  b.Operator(Op::LOGISTIC, {clipped}, {sigmoid}, 2);
  b.Operator(Op::DEQUANTIZE, {sigmoid}, {y}, wire::DequantizeOptionsT(), 2);
  b.Output(y);
  return b;
}

namespace {

const std::vector<int32_t> kFour = {1, 4};

int Four(ModelBuilder& b, const char* name, bool input = false) {
  const TensorSpec spec{.name = name, .shape = kFour, .scales = {0.5f}, .zero_points = {-3}};
  return input ? b.Input(spec) : b.Tensor(spec);
}

int Handle(ModelBuilder& b) {
  const int handle = b.Tensor({.name = "handle", .type = DType::kResource});
  wire::VarHandleOptionsT options;
  options.shared_name = "state";
  b.Operator(Op::VAR_HANDLE, {}, {handle}, options);
  return handle;
}

// x -> ADD or MUL with itself, or RELU -> y
ModelBuilder OneOperator(Op op) {
  ModelBuilder b;
  const int x = Four(b, "x", true);
  const int y = Four(b, "y");
  if (op == Op::ADD) b.Operator(op, {x, x}, {y}, wire::AddOptionsT(), 2);
  if (op == Op::MUL) b.Operator(op, {x, x}, {y}, wire::MulOptionsT(), 2);
  if (op == Op::RELU) b.Operator(op, {x}, {y}, 2);
  b.Output(y);
  return b;
}

}  // namespace

ModelBuilder TinyFlow() {
  ModelBuilder once;
  const int start = once.Constant({.name = "start", .shape = kFour, .scales = {0.5f}, .zero_points = {-3}},
                                  std::vector<int8_t>{1, 2, 3, 4});
  once.Operator(Op::ASSIGN_VARIABLE, {Handle(once), start}, {});
  ModelBuilder condition;
  condition.Output(condition.Input({.name = "go", .type = DType::kBool, .shape = {1}}));
  Four(condition, "x", true);
  ModelBuilder body = OneOperator(Op::ADD);
  const int go = body.Input({.name = "go", .type = DType::kBool, .shape = {1}});
  body.graph().inputs = {go, 0};
  const int stop = body.Constant({.name = "stop", .type = DType::kBool, .shape = {1}}, std::vector<uint8_t>{0});
  body.graph().outputs = {stop, 1};

  ModelBuilder b;
  const int goes = b.Input({.name = "go", .type = DType::kBool, .shape = {1}});
  const int x = Four(b, "x", true);
  wire::CallOnceOptionsT call;
  call.init_subgraph_index = b.AddSubgraph(std::move(once));
  b.Operator(Op::CALL_ONCE, {}, {}, call);
  const int handle = Handle(b);
  const int state = Four(b, "state");
  const int sum = Four(b, "sum");
  b.Operator(Op::READ_VARIABLE, {handle}, {state});
  b.Operator(Op::ADD, {x, state}, {sum}, wire::AddOptionsT(), 2);
  b.Operator(Op::ASSIGN_VARIABLE, {handle, sum}, {});
  wire::IfOptionsT branches;
  branches.then_subgraph_index = b.AddSubgraph(OneOperator(Op::ADD));
  branches.else_subgraph_index = b.AddSubgraph(OneOperator(Op::MUL));
  const int branch = Four(b, "branch");
  b.Operator(Op::IF, {goes, sum}, {branch}, branches);
  wire::WhileOptionsT loop;
  loop.cond_subgraph_index = b.AddSubgraph(std::move(condition));
  loop.body_subgraph_index = b.AddSubgraph(std::move(body));
  const int went = b.Tensor({.name = "went", .type = DType::kBool, .shape = {1}});
  const int looped = Four(b, "looped");
  b.Operator(Op::WHILE, {goes, branch}, {went, looped}, loop);
  wire::StableHLOCompositeOptionsT composite;
  composite.name = "test.relu";
  composite.decomposition_subgraph_index = b.AddSubgraph(OneOperator(Op::RELU));
  const int y = Four(b, "y");
  b.op(b.Operator(Op::STABLEHLO_COMPOSITE, {looped}, {y})).builtin_options_2.Set(composite);
  b.Output(y);
  return b;
}

}  // namespace glimpse::testkit
