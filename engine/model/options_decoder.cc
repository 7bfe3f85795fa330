// SPDX-License-Identifier: Apache-2.0
#include "engine/model/options_decoder.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/strings.h"
#include "engine/model/options_fields.h"

namespace glimpse {
namespace {

using namespace options;  // NOLINT: the table below is a list of decoders

Result<Bytes> Nothing(const wire::Operator&) { return Bytes(); }

constexpr uint32_t Bit(uint32_t input) { return 1u << input; }
constexpr uint32_t kAnyInput = UINT32_MAX;

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
    Rule{Op::CONV_2D, Opt::Conv2DOptions, Bit(2), Conv2D},
    Rule{Op::DEPTHWISE_CONV_2D, Opt::DepthwiseConv2DOptions, Bit(2), DepthwiseConv2D},
    Rule{Op::TRANSPOSE_CONV, Opt::TransposeConvOptions, Bit(3), TransposeConv},
    Rule{Op::FULLY_CONNECTED, Opt::FullyConnectedOptions, Bit(2), FullyConnected},
    Rule{Op::BATCH_MATMUL, Opt::BatchMatMulOptions, 0, BatchMatMul},
    Rule{Op::MAX_POOL_2D, Opt::Pool2DOptions, 0, Pool2D},
    Rule{Op::AVERAGE_POOL_2D, Opt::Pool2DOptions, 0, Pool2D},
    Rule{Op::L2_POOL_2D, Opt::Pool2DOptions, 0, Pool2D},
    Rule{Op::ADD, Opt::AddOptions, 0, Add},
    Rule{Op::SUB, Opt::SubOptions, 0, Sub},
    Rule{Op::MUL, Opt::MulOptions, 0, Mul},
    Rule{Op::DIV, Opt::DivOptions, 0, Div},
    Rule{Op::MEAN, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::SUM, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_PROD, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_MAX, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_MIN, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_ANY, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::REDUCE_ALL, Opt::ReducerOptions, 0, Reducer},
    Rule{Op::SOFTMAX, Opt::SoftmaxOptions, 0, Softmax},
    Rule{Op::LEAKY_RELU, Opt::LeakyReluOptions, 0, LeakyRelu},
    Rule{Op::L2_NORMALIZATION, Opt::L2NormOptions, 0, L2Normalization},
    Rule{Op::GELU, Opt::GeluOptions, 0, Gelu},
    Rule{Op::RESIZE_BILINEAR, Opt::ResizeBilinearOptions, 0, ResizeBilinear},
    Rule{Op::RESIZE_NEAREST_NEIGHBOR, Opt::ResizeNearestNeighborOptions, 0, ResizeNearestNeighbor},
    Rule{Op::CUMSUM, Opt::CumsumOptions, 0, Cumsum},
    Rule{Op::CAST, Opt::CastOptions, 0, Cast},
    Rule{Op::ARG_MAX, Opt::ArgMaxOptions, 0, ArgMax},
    Rule{Op::ARG_MIN, Opt::ArgMinOptions, 0, ArgMin},
    Rule{Op::CONCATENATION, Opt::ConcatenationOptions, 0, Concatenation},
    Rule{Op::RESHAPE, Opt::ReshapeOptions, 0, Reshape},
    Rule{Op::SHAPE, Opt::ShapeOptions, 0, Shape},
    Rule{Op::STRIDED_SLICE, Opt::StridedSliceOptions, 0, StridedSlice},
    Rule{Op::PACK, Opt::PackOptions, 0, Pack},
    Rule{Op::SPACE_TO_DEPTH, Opt::SpaceToDepthOptions, 0, SpaceToDepth},
    Rule{Op::DEPTH_TO_SPACE, Opt::DepthToSpaceOptions, 0, DepthToSpace},
    Rule{Op::GATHER, Opt::GatherOptions, 0, Gather},
    Rule{Op::SQUEEZE, Opt::SqueezeOptions, 0, Squeeze},
    Rule{Op::SPLIT, Opt::SplitOptions, 0, Split},
    Rule{Op::SPLIT_V, Opt::SplitVOptions, 0, SplitV},
    Rule{Op::UNPACK, Opt::UnpackOptions, 0, Unpack},
    Rule{Op::MIRROR_PAD, Opt::MirrorPadOptions, 0, MirrorPad},
    Rule{Op::ONE_HOT, Opt::OneHotOptions, 0, OneHot},
    Rule{Op::REVERSE_SEQUENCE, Opt::ReverseSequenceOptions, 0, ReverseSequence},
    Rule{Op::SVDF, Opt::SVDFOptions, Bit(3), Svdf},
    Rule{Op::LSTM, Opt::LSTMOptions, kAnyInput, Lstm},
    Rule{Op::UNIDIRECTIONAL_SEQUENCE_LSTM, Opt::UnidirectionalSequenceLSTMOptions, kAnyInput, SequenceLstm},
    Rule{Op::PAD, Opt::PadOptions, 0, Nothing},
    Rule{Op::PADV2, Opt::PadV2Options, 0, Nothing},
    Rule{Op::QUANTIZE, Opt::QuantizeOptions, 0, Nothing},
    Rule{Op::DEQUANTIZE, Opt::DequantizeOptions, 0, Nothing},
    Rule{Op::LOGISTIC, Opt::NONE, 0, Nothing},
    Rule{Op::RELU, Opt::NONE, 0, Nothing},
    Rule{Op::RELU6, Opt::NONE, 0, Nothing},
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
