// SPDX-License-Identifier: Apache-2.0
#include "tests/support/model_builder.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace glimpse::testkit {
namespace {

std::vector<std::byte> Pack(const wire::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(wire::Model::Pack(builder, &model), wire::ModelIdentifier());
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

}  // namespace

ModelBuilder::ModelBuilder() {
  raw_.version = 3;
  raw_.description = "built by a test";
  raw_.buffers.push_back(std::make_unique<wire::BufferT>());
  raw_.subgraphs.push_back(std::make_unique<wire::SubGraphT>());
  graph().name = "main";
}

int ModelBuilder::Tensor(const TensorSpec& spec) {
  auto tensor = std::make_unique<wire::TensorT>();
  tensor->name = spec.name;
  tensor->type = static_cast<wire::TensorType>(spec.type);
  tensor->shape = spec.shape;
  tensor->shape_signature = spec.shape_signature;
  tensor->has_rank = true;
  tensor->is_variable = spec.is_variable;
  if (!spec.scales.empty()) {
    tensor->quantization = std::make_unique<wire::QuantizationParametersT>();
    tensor->quantization->scale = spec.scales;
    tensor->quantization->zero_point = spec.zero_points;
    tensor->quantization->zero_point.resize(spec.scales.size());
    tensor->quantization->quantized_dimension = spec.axis;
  }
  graph().tensors.push_back(std::move(tensor));
  return static_cast<int>(graph().tensors.size()) - 1;
}

int ModelBuilder::Input(const TensorSpec& spec) {
  graph().inputs.push_back(Tensor(spec));
  return graph().inputs.back();
}

void ModelBuilder::Output(int tensor) { graph().outputs.push_back(tensor); }

int ModelBuilder::Buffer(const std::vector<uint8_t>& content) {
  raw_.buffers.push_back(std::make_unique<wire::BufferT>());
  raw_.buffers.back()->data = content;
  return static_cast<int>(raw_.buffers.size()) - 1;
}

int ModelBuilder::ConstantBytes(const TensorSpec& spec, const std::vector<uint8_t>& bytes) {
  const int index = Tensor(spec);
  tensor(index).buffer = static_cast<uint32_t>(Buffer(bytes));
  return index;
}

int ModelBuilder::OperatorCode(wire::BuiltinOperator code, const std::string& custom, int version) {
  for (size_t i = 0; i < raw_.operator_codes.size(); ++i) {
    const auto& entry = *raw_.operator_codes[i];
    if (entry.builtin_code == code && entry.custom_code == custom && entry.version == version)
      return static_cast<int>(i);
  }
  auto entry = std::make_unique<wire::OperatorCodeT>();
  entry->builtin_code = code;
  entry->deprecated_builtin_code = static_cast<int8_t>(std::min(static_cast<int>(code), 127));
  entry->custom_code = custom;
  entry->version = version;
  raw_.operator_codes.push_back(std::move(entry));
  return static_cast<int>(raw_.operator_codes.size()) - 1;
}

int ModelBuilder::AddOperator(int code, const std::vector<int>& inputs, const std::vector<int>& outputs) {
  auto op = std::make_unique<wire::OperatorT>();
  op->opcode_index = static_cast<uint32_t>(code);
  op->inputs = inputs;
  op->outputs = outputs;
  graph().operators.push_back(std::move(op));
  return static_cast<int>(graph().operators.size()) - 1;
}

int ModelBuilder::Operator(wire::BuiltinOperator code, const std::vector<int>& inputs, const std::vector<int>& outputs,
                           int version) {
  return AddOperator(OperatorCode(code, "", version), inputs, outputs);
}

int ModelBuilder::CustomOperator(const std::string& name, const std::vector<int>& inputs,
                                 const std::vector<int>& outputs, const std::vector<uint8_t>& options, int version) {
  const int index = AddOperator(OperatorCode(wire::BuiltinOperator::CUSTOM, name, version), inputs, outputs);
  op(index).custom_options = options;
  return index;
}

int ModelBuilder::AddSubgraph(ModelBuilder other) {
  const auto first_buffer = static_cast<uint32_t>(raw_.buffers.size());
  for (auto& buffer : other.raw_.buffers) raw_.buffers.push_back(std::move(buffer));
  auto& graph = other.raw_.subgraphs[0];
  for (auto& tensor : graph->tensors) {
    if (tensor->buffer != 0) tensor->buffer += first_buffer;
  }
  for (auto& op : graph->operators) {
    const auto& code = *other.raw_.operator_codes[op->opcode_index];
    op->opcode_index = static_cast<uint32_t>(OperatorCode(code.builtin_code, code.custom_code, code.version));
  }
  raw_.subgraphs.push_back(std::move(graph));
  return static_cast<int>(raw_.subgraphs.size()) - 1;
}

void ModelBuilder::Metadata(const std::string& name, const std::vector<uint8_t>& content) {
  auto entry = std::make_unique<wire::MetadataT>();
  entry->name = name;
  entry->buffer = static_cast<uint32_t>(Buffer(content));
  raw_.metadata.push_back(std::move(entry));
}

std::vector<std::byte> ModelBuilder::Build() const { return Pack(raw_); }

std::vector<std::byte> ModelBuilder::BuildWithDataBehind(size_t align) const {
  std::vector<std::byte> file = Build();
  wire::ModelT moved;
  wire::GetModel(file.data())->UnPackTo(&moved);
  std::vector<std::vector<uint8_t>> contents;
  for (auto& buffer : moved.buffers) {
    contents.push_back(std::exchange(buffer->data, {}));
    buffer->size = contents.back().size();
    // Any number but the field's default takes its final place, so that packing again keeps the length.
    buffer->offset = contents.back().empty() ? 0 : 2;
  }
  size_t end = Pack(moved).size();
  for (size_t i = 0; i < contents.size(); ++i) {
    if (contents[i].empty()) continue;
    moved.buffers[i]->offset = (end + align - 1) / align * align;
    end = static_cast<size_t>(moved.buffers[i]->offset) + contents[i].size();
  }
  file = Pack(moved);
  file.resize(end);
  for (size_t i = 0; i < contents.size(); ++i) {
    if (!contents[i].empty())
      std::memcpy(file.data() + moved.buffers[i]->offset, contents[i].data(), contents[i].size());
  }
  return file;
}

Result<std::shared_ptr<const glimpse::Model>> ModelBuilder::Parse(const std::string& name, const Limits& limits) const {
  return glimpse::Model::Parse(Build(), name, limits);
}

std::shared_ptr<const glimpse::Model> ModelBuilder::Model(const std::string& name) const {
  auto model = Parse(name);
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    std::abort();
  }
  return std::move(model).value();
}

wire::Conv2DOptionsT Conv2DOptions(int stride, wire::Padding padding, wire::ActivationFunctionType activation) {
  wire::Conv2DOptionsT options;
  options.stride_h = options.stride_w = stride;
  options.padding = padding;
  options.fused_activation_function = activation;
  return options;
}

wire::DepthwiseConv2DOptionsT DepthwiseConv2DOptions(int depth_multiplier, int stride, wire::Padding padding,
                                                     wire::ActivationFunctionType activation) {
  wire::DepthwiseConv2DOptionsT options;
  options.depth_multiplier = depth_multiplier;
  options.stride_h = options.stride_w = stride;
  options.padding = padding;
  options.fused_activation_function = activation;
  return options;
}

wire::Pool2DOptionsT Pool2DOptions(int filter, int stride, wire::Padding padding) {
  wire::Pool2DOptionsT options;
  options.filter_height = options.filter_width = filter;
  options.stride_h = options.stride_w = stride;
  options.padding = padding;
  return options;
}

wire::SoftmaxOptionsT SoftmaxOptions(float beta) {
  wire::SoftmaxOptionsT options;
  options.beta = beta;
  return options;
}

}  // namespace glimpse::testkit
