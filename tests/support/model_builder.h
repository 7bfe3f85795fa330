// SPDX-License-Identifier: Apache-2.0
// Builds .tflite files in memory, sound ones with few words and broken ones by changing the raw tables before they are
// packed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/schema/tflite_generated.h"

namespace glimpse::testkit {

// A tensor to be. Scales empty: not quantized; zero_points empty: all zero.
struct TensorSpec {
  std::string name;
  DType type = DType::kInt8;
  std::vector<int32_t> shape = {};
  std::vector<float> scales = {};
  std::vector<int64_t> zero_points = {};
  int axis = 0;
  std::vector<int32_t> shape_signature = {};
  bool is_variable = false;
};

// Adds to the main subgraph; all functions that add return the index of what they added.
//
//     ModelBuilder b;
//     const int x = b.Input({.name = "x", .shape = {1, 4, 4, 1}, .scales = {0.5f}, .zero_points = {-3}});
//     const int w = b.Constant({.name = "w", .shape = {2, 1, 1, 1}, .scales = {0.1f, 0.2f}}, std::vector<int8_t>{3,
//     -7}); const int y = b.Tensor({.name = "y", .shape = {1, 4, 4, 2}, .scales = {0.25f}});
//     b.Operator(wire::BuiltinOperator::CONV_2D, {x, w, -1}, {y}, Conv2DOptions());
//     b.Output(y);
//     std::shared_ptr<const Model> model = b.Model();
class ModelBuilder {
 public:
  ModelBuilder();

  int Tensor(const TensorSpec& spec);
  int Input(const TensorSpec& spec);
  void Output(int tensor);
  // A constant with these bytes, whatever its shape says.
  int ConstantBytes(const TensorSpec& spec, const std::vector<uint8_t>& bytes);
  template <typename T>
  int Constant(const TensorSpec& spec, const std::vector<T>& values) {
    std::vector<uint8_t> bytes(values.size() * sizeof(T));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return ConstantBytes(spec, bytes);
  }

  // `options` is one of the schema's tables as an object: wire::SoftmaxOptionsT and so on.
  template <typename Options>
  int Operator(wire::BuiltinOperator code, const std::vector<int>& inputs, const std::vector<int>& outputs,
               Options options, int version = 1) {
    const int index = Operator(code, inputs, outputs, version);
    graph().operators.back()->builtin_options.Set(std::move(options));
    return index;
  }
  int Operator(wire::BuiltinOperator code, const std::vector<int>& inputs, const std::vector<int>& outputs,
               int version = 1);
  int CustomOperator(const std::string& name, const std::vector<int>& inputs, const std::vector<int>& outputs,
                     const std::vector<uint8_t>& options = {}, int version = 1);

  // Adds the main subgraph of another model; its operator codes and buffers come along.
  int AddSubgraph(ModelBuilder other);

  void Metadata(const std::string& name, const std::vector<uint8_t>& content);
  int Buffer(const std::vector<uint8_t>& content);

  // The tables, to be changed at will.
  wire::ModelT& raw() { return raw_; }
  wire::SubGraphT& graph() { return *raw_.subgraphs[0]; }
  wire::TensorT& tensor(int index) { return *graph().tensors[static_cast<size_t>(index)]; }
  wire::OperatorT& op(int index) { return *graph().operators[static_cast<size_t>(index)]; }

  // The file.
  std::vector<std::byte> Build() const;
  // The same with the content of all buffers behind the flatbuffer, at multiples of `align`.
  std::vector<std::byte> BuildWithDataBehind(size_t align = 16) const;
  // The file, parsed. Ends the test program with the message when it is not accepted.
  std::shared_ptr<const glimpse::Model> Model(const std::string& name = "built.tflite") const;
  Result<std::shared_ptr<const glimpse::Model>> Parse(const std::string& name = "built.tflite",
                                                      const Limits& limits = {}) const;

 private:
  int AddOperator(int code, const std::vector<int>& inputs, const std::vector<int>& outputs);
  int OperatorCode(wire::BuiltinOperator code, const std::string& custom, int version);

  wire::ModelT raw_;
};

// Options with the defaults that tests mostly want: everything 1, VALID, no activation.
wire::Conv2DOptionsT Conv2DOptions(int stride = 1, wire::Padding padding = wire::Padding::VALID,
                                   wire::ActivationFunctionType activation = wire::ActivationFunctionType::NONE);
wire::DepthwiseConv2DOptionsT DepthwiseConv2DOptions(
    int depth_multiplier = 1, int stride = 1, wire::Padding padding = wire::Padding::VALID,
    wire::ActivationFunctionType activation = wire::ActivationFunctionType::NONE);
wire::Pool2DOptionsT Pool2DOptions(int filter, int stride, wire::Padding padding = wire::Padding::VALID);
wire::SoftmaxOptionsT SoftmaxOptions(float beta = 1.0f);

// A small sound int8 network with a bit of everything a file can hold: input "image" [1, 6, 6, 1] -> CONV_2D (per
// channel)
// -> MAX_POOL_2D -> RESHAPE -> FULLY_CONNECTED -> SOFTMAX -> "scores" [1, 3]; metadata "note".
ModelBuilder TinyCnn();
// input "x" [1, 4] and a variable state -> custom operator "Accumulate" with raw options; a second subgraph; a
// signature.
ModelBuilder TinyCustom();
// SHAPE -> STRIDED_SLICE -> PACK -> RESHAPE on an input with a dynamic batch, then ADD with a constant and MEAN.
ModelBuilder TinyShapes();
// float input "x" [1, 4, 4, 2] -> QUANTIZE -> PAD -> DEPTHWISE_CONV_2D -> RELU -> AVERAGE_POOL_2D -> MUL -> LEAKY_RELU
// -> CONCATENATION -> RELU6 -> LOGISTIC -> DEQUANTIZE -> "y" [1, 2, 2, 4].
ModelBuilder TinyOps();

// input "go" bool and "x" int8 [1, 4]; a variable that CALL_ONCE starts and every run adds to -> IF -> WHILE ->
// STABLEHLO_COMPOSITE -> "y".
ModelBuilder TinyFlow();

}  // namespace glimpse::testkit
