// SPDX-License-Identifier: Apache-2.0
#include "engine/model/options_decoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <string>

#include "base/strings.h"
#include "glimpse/op_options.h"

namespace glimpse {
namespace {

using Bytes = std::vector<std::byte>;

// Collects the first field that is out of range, so that decoders read as lists of fields.
class FieldCheck {
 public:
  int32_t AtLeast(const char* field, int32_t value, int32_t minimum) {
    if (value < minimum) Report(StrCat(field, " is ", value, ", it must be at least ", minimum));
    return value;
  }
  float Finite(const char* field, float value) {
    if (!std::isfinite(value)) Report(StrCat(field, " is ", value, ", it must be finite"));
    return value;
  }
  // For enumerations that count from 0.
  template <typename Enum>
  uint32_t UpTo(const char* field, Enum value, Enum last) {
    const auto number = static_cast<int>(value);
    if (number < 0 || number > static_cast<int>(last)) {
      Report(StrCat(field, " is ", number, ", known values are 0 to ", static_cast<int>(last)));
    }
    return static_cast<uint32_t>(number);
  }
  glimpse_padding Padding(wire::Padding value) { return UpTo("padding", value, wire::Padding::MAX); }
  glimpse_activation Activation(wire::ActivationFunctionType value) {
    return UpTo("fused_activation_function", value, wire::ActivationFunctionType::MAX);
  }
  void Report(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }

  // The finished struct, or the first problem.
  template <typename Struct>
  Result<Bytes> Finish(Struct options) const {
    if (!problem_.empty()) return Unexpected(ErrorCode::kInvalidModel, StrCat("builtin_options.", problem_));
    options.struct_size = sizeof(options);
    Bytes bytes(sizeof(options));
    std::memcpy(bytes.data(), &options, sizeof(options));
    return bytes;
  }

 private:
  std::string problem_;
};

// The fields of an options table, or their defaults when there is none. Only for tables without vectors.
template <typename Fields, typename Table>
Fields FieldsOf(const Table* table) {
  Fields fields;
  if (table != nullptr) table->UnPackTo(&fields);
  return fields;
}

Result<Bytes> Conv2D(const wire::Operator& op) {
  const auto in = FieldsOf<wire::Conv2DOptionsT>(op.builtin_options_as_Conv2DOptions());
  FieldCheck check;
  glimpse_conv_2d_options out{};
  out.padding = check.Padding(in.padding);
  out.stride_height = check.AtLeast("stride_h", in.stride_h, 1);
  out.stride_width = check.AtLeast("stride_w", in.stride_w, 1);
  out.dilation_height = check.AtLeast("dilation_h_factor", in.dilation_h_factor, 1);
  out.dilation_width = check.AtLeast("dilation_w_factor", in.dilation_w_factor, 1);
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> DepthwiseConv2D(const wire::Operator& op) {
  const auto in = FieldsOf<wire::DepthwiseConv2DOptionsT>(op.builtin_options_as_DepthwiseConv2DOptions());
  FieldCheck check;
  glimpse_depthwise_conv_2d_options out{};
  out.padding = check.Padding(in.padding);
  out.stride_height = check.AtLeast("stride_h", in.stride_h, 1);
  out.stride_width = check.AtLeast("stride_w", in.stride_w, 1);
  out.dilation_height = check.AtLeast("dilation_h_factor", in.dilation_h_factor, 1);
  out.dilation_width = check.AtLeast("dilation_w_factor", in.dilation_w_factor, 1);
  out.depth_multiplier = check.AtLeast("depth_multiplier", in.depth_multiplier, 0);
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> FullyConnected(const wire::Operator& op) {
  const auto in = FieldsOf<wire::FullyConnectedOptionsT>(op.builtin_options_as_FullyConnectedOptions());
  FieldCheck check;
  glimpse_fully_connected_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  out.weights_format = check.UpTo("weights_format", in.weights_format, wire::WeightsFormat::MAX);
  out.keep_num_dims = in.keep_num_dims ? 1 : 0;
  out.asymmetric_quantize_inputs = in.asymmetric_quantize_inputs ? 1 : 0;
  return check.Finish(out);
}

Result<Bytes> Pool2D(const wire::Operator& op) {
  const auto in = FieldsOf<wire::Pool2DOptionsT>(op.builtin_options_as_Pool2DOptions());
  FieldCheck check;
  glimpse_pool_2d_options out{};
  out.padding = check.Padding(in.padding);
  out.stride_height = check.AtLeast("stride_h", in.stride_h, 1);
  out.stride_width = check.AtLeast("stride_w", in.stride_w, 1);
  out.filter_height = check.AtLeast("filter_height", in.filter_height, 1);
  out.filter_width = check.AtLeast("filter_width", in.filter_width, 1);
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> Add(const wire::Operator& op) {
  const auto in = FieldsOf<wire::AddOptionsT>(op.builtin_options_as_AddOptions());
  FieldCheck check;
  glimpse_elementwise_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  out.pot_scale_int16 = in.pot_scale_int16 ? 1 : 0;
  return check.Finish(out);
}

Result<Bytes> Mul(const wire::Operator& op) {
  const auto in = FieldsOf<wire::MulOptionsT>(op.builtin_options_as_MulOptions());
  FieldCheck check;
  glimpse_elementwise_options out{};
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> Concatenation(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ConcatenationOptionsT>(op.builtin_options_as_ConcatenationOptions());
  FieldCheck check;
  glimpse_concatenation_options out{};
  out.axis = in.axis;
  out.activation = check.Activation(in.fused_activation_function);
  return check.Finish(out);
}

Result<Bytes> Reducer(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ReducerOptionsT>(op.builtin_options_as_ReducerOptions());
  glimpse_reducer_options out{};
  out.keep_dims = in.keep_dims ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> Reshape(const wire::Operator& op) {
  const auto* in = op.builtin_options_as_ReshapeOptions();
  const auto* shape = in == nullptr ? nullptr : in->new_shape();
  FieldCheck check;
  glimpse_reshape_options out{};
  if (shape != nullptr) {
    if (shape->size() > GLIMPSE_MAX_RANK) {
      return Unexpected(ErrorCode::kUnsupported, StrCat("builtin_options.new_shape has ", shape->size(),
                                                        " dimensions, at most ", GLIMPSE_MAX_RANK, " are supported"));
    }
    out.has_new_shape = 1;
    out.new_rank = shape->size();
    for (uint32_t d = 0; d < shape->size(); ++d) {
      out.new_shape[d] = check.AtLeast("new_shape", shape->Get(d), -1);
    }
  }
  return check.Finish(out);
}

Result<Bytes> Softmax(const wire::Operator& op) {
  const auto in = FieldsOf<wire::SoftmaxOptionsT>(op.builtin_options_as_SoftmaxOptions());
  FieldCheck check;
  glimpse_softmax_options out{};
  out.beta = check.Finite("beta", in.beta);
  return check.Finish(out);
}

Result<Bytes> Shape(const wire::Operator& op) {
  const auto in = FieldsOf<wire::ShapeOptionsT>(op.builtin_options_as_ShapeOptions());
  FieldCheck check;
  glimpse_shape_options out{};
  out.out_type = GLIMPSE_INT32;
  if (in.out_type == wire::TensorType::INT64) {
    out.out_type = GLIMPSE_INT64;
  } else if (in.out_type != wire::TensorType::INT32 && in.out_type != wire::TensorType::FLOAT32) {
    // 0, FLOAT32's number, is what a file has that leaves the field out: the default type then.
    check.Report(StrCat("out_type is ", static_cast<int>(in.out_type), ", it must be 2 (int32) or 4 (int64)"));
  }
  return check.Finish(out);
}

Result<Bytes> StridedSlice(const wire::Operator& op) {
  const auto in = FieldsOf<wire::StridedSliceOptionsT>(op.builtin_options_as_StridedSliceOptions());
  glimpse_strided_slice_options out{};
  out.begin_mask = static_cast<uint32_t>(in.begin_mask);
  out.end_mask = static_cast<uint32_t>(in.end_mask);
  out.ellipsis_mask = static_cast<uint32_t>(in.ellipsis_mask);
  out.new_axis_mask = static_cast<uint32_t>(in.new_axis_mask);
  out.shrink_axis_mask = static_cast<uint32_t>(in.shrink_axis_mask);
  out.offset = in.offset ? 1 : 0;
  return FieldCheck().Finish(out);
}

Result<Bytes> Pack(const wire::Operator& op) {
  const auto in = FieldsOf<wire::PackOptionsT>(op.builtin_options_as_PackOptions());
  FieldCheck check;
  glimpse_pack_options out{};
  out.values_count = check.AtLeast("values_count", in.values_count, 1);
  out.axis = in.axis;
  return check.Finish(out);
}

Result<Bytes> LeakyRelu(const wire::Operator& op) {
  const auto in = FieldsOf<wire::LeakyReluOptionsT>(op.builtin_options_as_LeakyReluOptions());
  FieldCheck check;
  glimpse_leaky_relu_options out{};
  out.alpha = check.Finite("alpha", in.alpha);
  return check.Finish(out);
}

Result<Bytes> Nothing(const wire::Operator&) { return Bytes(); }

struct Rule {
  wire::BuiltinOperator code;
  wire::BuiltinOptions options;  // the only table it may have
  uint32_t optional_inputs;      // bit i: input i may be absent
  Result<Bytes> (*decode)(const wire::Operator&);
};

using Op = wire::BuiltinOperator;
using Opt = wire::BuiltinOptions;

// Operators whose options kernels are handed, and those that surely have none.
constexpr std::array kRules = {
    Rule{Op::CONV_2D, Opt::Conv2DOptions, 1u << 2, Conv2D},
    Rule{Op::DEPTHWISE_CONV_2D, Opt::DepthwiseConv2DOptions, 1u << 2, DepthwiseConv2D},
    Rule{Op::FULLY_CONNECTED, Opt::FullyConnectedOptions, 1u << 2, FullyConnected},
    Rule{Op::MAX_POOL_2D, Opt::Pool2DOptions, 0, Pool2D},
    Rule{Op::AVERAGE_POOL_2D, Opt::Pool2DOptions, 0, Pool2D},
    Rule{Op::ADD, Opt::AddOptions, 0, Add},
    Rule{Op::MUL, Opt::MulOptions, 0, Mul},
    Rule{Op::CONCATENATION, Opt::ConcatenationOptions, 0, Concatenation},
    Rule{Op::MEAN, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::SUM, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_PROD, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_MAX, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_MIN, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_ANY, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_ALL, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::RESHAPE, Opt::ReshapeOptions, 0, Reshape},
    Rule{Op::SOFTMAX, Opt::SoftmaxOptions, 0, Softmax},
    Rule{Op::SHAPE, Opt::ShapeOptions, 0, Shape},
    Rule{Op::STRIDED_SLICE, Opt::StridedSliceOptions, 0, StridedSlice},
    Rule{Op::PACK, Opt::PackOptions, 0, Pack},
    Rule{Op::LEAKY_RELU, Opt::LeakyReluOptions, 0, LeakyRelu},
    Rule{Op::PAD, Opt::PadOptions, 0, Nothing},
    Rule{Op::QUANTIZE, Opt::QuantizeOptions, 0, Nothing},
    Rule{Op::DEQUANTIZE, Opt::DequantizeOptions, 0, Nothing},
    Rule{Op::RELU, Opt::NONE, 0, Nothing},
    Rule{Op::RELU6, Opt::NONE, 0, Nothing},
    Rule{Op::LOGISTIC, Opt::NONE, 0, Nothing},
};

const Rule* FindRule(wire::BuiltinOperator code) {
  const auto* rule = std::find_if(kRules.begin(), kRules.end(), [code](const Rule& r) { return r.code == code; });
  return rule == kRules.end() ? nullptr : rule;
}

std::string OptionsName(wire::BuiltinOptions type) {
  const std::string name = wire::EnumNameBuiltinOptions(type);
  return name.empty() ? StrCat("number ", static_cast<int>(type)) : name;
}

}  // namespace

bool InputMayBeAbsent(wire::BuiltinOperator code, size_t input) {
  const Rule* rule = FindRule(code);
  return rule == nullptr || (input < 32 && (rule->optional_inputs >> input & 1u) != 0);
}

Result<std::vector<std::byte>> DecodeOptions(wire::BuiltinOperator code, const wire::Operator& op) {
  const Rule* rule = FindRule(code);
  if (rule == nullptr) return Bytes();
  const wire::BuiltinOptions type = op.builtin_options_type();
  if (type != wire::BuiltinOptions::NONE && type != rule->options) {
    const bool none = rule->options == wire::BuiltinOptions::NONE;
    return Unexpected(ErrorCode::kInvalidModel,
                      StrCat("builtin_options_type is ", OptionsName(type), ", ", wire::EnumNameBuiltinOperator(code),
                             none ? " has no options" : StrCat(" has ", OptionsName(rule->options))));
  }
  if (op.builtin_options_2_type() != wire::BuiltinOptions2::NONE) {
    return Unexpected(ErrorCode::kInvalidModel,
                      StrCat("builtin_options_2_type is ", static_cast<int>(op.builtin_options_2_type()), ", ",
                             wire::EnumNameBuiltinOperator(code), " has no such options"));
  }
  return rule->decode(op);
}

}  // namespace glimpse
