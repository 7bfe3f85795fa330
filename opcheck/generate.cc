// SPDX-License-Identifier: Apache-2.0
#include "opcheck/generate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "opcheck/operator_options.h"

namespace glimpse::opcheck {
namespace internal {

int32_t AwkwardSize(int32_t most, Random& random) {
  const int32_t size =
      random.Pick<int32_t>({1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 100, 127, 129});
  return std::clamp(size <= most ? size : random.Int(1, most), 1, most);
}

glimpse_dtype PickType(uint64_t types, Random& random) {
  if ((types & GLIMPSE_DTYPE_BIT(GLIMPSE_INT8)) != 0 && random.Int(0, 3) != 0) return GLIMPSE_INT8;
  std::vector<glimpse_dtype> known;
  for (const glimpse_dtype dtype :
       {GLIMPSE_FLOAT32, GLIMPSE_FLOAT16, GLIMPSE_INT32, GLIMPSE_UINT8, GLIMPSE_INT64, GLIMPSE_BOOL, GLIMPSE_INT16,
        GLIMPSE_INT8, GLIMPSE_FLOAT64, GLIMPSE_UINT64, GLIMPSE_UINT32, GLIMPSE_UINT16, GLIMPSE_INT4}) {
    if ((types & GLIMPSE_DTYPE_BIT(dtype)) != 0) known.push_back(dtype);
  }
  if (known.empty()) return GLIMPSE_INT8;
  return random.Pick(known);
}

}  // namespace internal

namespace {

enum class Further {
  kNothing,
  kOther,       // a second operand, of the same shape or one that is broadcast
  kOtherAlike,  // the same, quantized alike
  kLike,        // more of the same
  kTwoAlike,    // two of any one type
  kMatrix,
  kAxis,   // a number, constant
  kAxis1,  // the same in a vector of one
  kAxes,
  kPermutation,
  kRepeats,
  kPaddings,
  kPictureSize,
  kBroadcastShape,
  kScalar,
  kOne,
  kIndices,
  kSlice,
  kGuess
};

enum class Comes {
  kFree,  // the first input's type, quantized in any way
  kLikeFirst,
  kLikeSecond,
  kUnit,       // 1/256, the smallest value for 0
  kSigned,     // 1/128
  kLogarithm,  // 16/256, the largest value for 0
  kBool,
  kInt32,
  kInt64,
  kFloat32,
  kQuantized,
  kAnyType,
  kGuess
};

struct Shaped {
  std::string_view name;
  Further further;
  Comes comes;
  SetOptions options;
};

using enum Further;

constexpr Shaped kShaped[] = {
#define GLIMPSE_SHAPED(name, further, comes, options) {"tflite." name, Further::further, Comes::comes, Set##options},
#include "opcheck/operators.def"
#undef GLIMPSE_SHAPED
};

constexpr Shaped kUnknown = {"", Further::kGuess, Comes::kGuess, SetGuessed};

const Shaped& FormOf(const std::string& op) {
  for (const Shaped& each : kShaped) {
    if (each.name == op) return each;
  }
  return kUnknown;
}

std::vector<int32_t> AnyShape(Random& random) {
  std::vector<int32_t> dims;
  int64_t count = 1;
  for (int32_t rank = random.Int(0, 9) == 0 ? random.Int(0, 6) : random.Int(2, 4); rank > 0; --rank) {
    dims.push_back(internal::AwkwardSize(count > 500 ? 2 : count > 60 ? 9 : 33, random));
    count *= dims.back();
  }
  return dims;
}

std::vector<int32_t> BroadcastShape(std::vector<int32_t> dims, Random& random) {
  if (random.Int(0, 1) == 0) return dims;
  for (int32_t& dim : dims) {
    if (random.Int(0, 2) == 0) dim = 1;
  }
  while (!dims.empty() && random.Int(0, 3) == 0) dims.erase(dims.begin());
  return dims;
}

// A value for each dimension.
NodeTensor PerDimension(const NodeTensor& first, Random& random, int32_t low, int32_t high, bool pairs = false) {
  const auto rank = static_cast<int32_t>(first.dims.size());
  std::vector<int32_t> values;
  for (int32_t i = 0; i < rank * (pairs ? 2 : 1); ++i) values.push_back(random.Int(low, high));
  return Const32(pairs ? std::vector<int32_t>{rank, 2} : std::vector<int32_t>{rank}, values);
}

NodeTensor Permutation(const NodeTensor& first, Random& random) {
  std::vector<int32_t> order(first.dims.size());
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<size_t>(random.Int(0, static_cast<int32_t>(i) - 1))]);
  }
  const auto rank = static_cast<int32_t>(order.size());
  return Const32({rank}, order);
}

NodeTensor Axes(const NodeTensor& first, Random& random) {
  std::vector<int32_t> axes;
  const auto rank = static_cast<int32_t>(first.dims.size());
  for (int32_t i = 0; i < rank; ++i) {
    if (random.Int(0, 1) == 0) axes.push_back(random.Int(0, 3) == 0 ? i - rank : i);
  }
  // As most networks have it.
  if (rank == 4 && random.Int(0, 1) == 0) axes = {1, 2};
  const auto count = static_cast<int32_t>(axes.size());
  return Const32({count}, axes);
}

void AddSlice(NodeOperator& op, const NodeTensor& first, Random& random) {
  std::vector<int32_t> begin, size;
  for (const int32_t dim : first.dims) {
    begin.push_back(dim > 1 ? random.Int(0, dim - 1) : 0);
    size.push_back(random.Int(0, 3) == 0 ? -1 : random.Int(1, std::max(1, dim - begin.back())));
  }
  const auto rank = static_cast<int32_t>(begin.size());
  op.inputs.push_back(Const32({rank}, begin));
  op.inputs.push_back(Const32({rank}, size));
}

void AddFurther(Further kind, NodeOperator& op, const NodeTensor& first, uint32_t count, Random& random) {
  const auto rank = static_cast<int32_t>(first.dims.size());
  const auto axis = [&] { return rank == 0 ? 0 : random.Int(random.Int(0, 2) == 0 ? -rank : 0, rank - 1); };
  const auto add = [&](NodeTensor tensor) { op.inputs.push_back(std::move(tensor)); };
  switch (kind) {
    case kNothing:
      break;
    case kOther:
      add(AnyTensor(first.dtype, BroadcastShape(first.dims, random), random));
      break;
    case kOtherAlike:
    case kLike:
      for (uint32_t i = 1; i < count; ++i) {
        add(AnyTensor(first.dtype, kind == kLike ? first.dims : BroadcastShape(first.dims, random), random));
        op.inputs.back().scales = first.scales;
        op.inputs.back().zero_points = first.zero_points;
      }
      break;
    case kTwoAlike: {
      const NodeTensor second =
          AnyTensor(random.Pick<glimpse_dtype>({GLIMPSE_INT8, GLIMPSE_FLOAT32}), first.dims, random);
      add(second);
      add(AnyTensor(second.dtype, first.dims, random));
      op.inputs.back().scales = second.scales;
      op.inputs.back().zero_points = second.zero_points;
      break;
    }
    case kMatrix: {
      std::vector<int32_t> dims = first.dims;
      if (rank >= 2) std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
      add(AnyTensor(first.dtype, dims, random));
      break;
    }
    case kAxis:
      add(Const32({}, {axis()}));
      break;
    case kAxis1:
      add(Const32({1}, {axis()}));
      break;
    case kAxes:
      add(Axes(first, random));
      break;
    case kPermutation:
      add(Permutation(first, random));
      break;
    case kRepeats:
      add(PerDimension(first, random, 1, 3));
      break;
    case kPaddings:
      add(PerDimension(first, random, 0, 3, true));
      if (count > 2) {
        add(AnyTensor(first.dtype, {}, random));
        op.inputs.back().scales = first.scales;
        op.inputs.back().zero_points = first.zero_points;
      }
      break;
    case kPictureSize:
      add(Const32({2}, {random.Int(1, 20), random.Int(1, 20)}));
      break;
    case kBroadcastShape: {
      std::vector<int32_t> dims = first.dims;
      for (int32_t& dim : dims) dim = dim == 1 ? random.Int(1, 5) : dim;
      add(Const32({rank}, dims));
      break;
    }
    case kScalar:
      add(AnyTensor(GLIMPSE_INT8, {}, random));
      break;
    case kOne:
      add(Const32({}, {1}));
      break;
    case kIndices: {
      NodeTensor indices = AnyTensor(GLIMPSE_INT32, {random.Int(1, 9)}, random);
      std::fill(indices.bytes.begin(), indices.bytes.end(), uint8_t{0});
      add(std::move(indices));
      break;
    }
    case kSlice:
      AddSlice(op, first, random);
      break;
    case Further::kGuess:
      // Anything: some other kind, or more of the same.
      for (uint32_t i = 1; i < count; ++i) {
        AddFurther(static_cast<Further>(random.Int(static_cast<int32_t>(kOther), static_cast<int32_t>(kIndices))), op,
                   first, 2, random);
      }
      break;
  }
}

NodeTensor Output(Comes comes, const NodeTensor& first, const NodeTensor& second, Random& random) {
  if (comes == Comes::kGuess) comes = static_cast<Comes>(random.Int(0, static_cast<int32_t>(Comes::kFloat32)));
  NodeTensor output = comes == Comes::kLikeSecond ? second : first;
  const bool quantized = !first.scales.empty();
  const auto stored = [&](float scale, int64_t zero_point_of_int8) {
    if (!quantized) return;
    output.scales = {first.dtype == GLIMPSE_INT16 ? 1.0F / 32768 : scale};
    output.zero_points = {first.dtype == GLIMPSE_INT16   ? 0
                          : first.dtype == GLIMPSE_UINT8 ? zero_point_of_int8 + 128
                                                         : zero_point_of_int8};
  };
  const auto plain = [&](glimpse_dtype dtype) {
    output = {};
    output.dtype = dtype;
    output.dims = first.dims;
    output.scales = {};
    output.zero_points = {};
  };
  switch (comes) {
    case Comes::kFree:
      if (quantized && random.Int(0, 3) != 0) output = AnyTensor(first.dtype, first.dims, random);
      break;
    case Comes::kUnit:
      stored(1.0F / 256, -128);
      break;
    case Comes::kSigned:
      stored(1.0F / 128, 0);
      break;
    case Comes::kLogarithm:
      stored(16.0F / 256, 127);
      break;
    case Comes::kBool:
      plain(GLIMPSE_BOOL);
      break;
    case Comes::kInt32:
      plain(GLIMPSE_INT32);
      break;
    case Comes::kInt64:
      plain(GLIMPSE_INT64);
      break;
    case Comes::kFloat32:
      plain(GLIMPSE_FLOAT32);
      break;
    case Comes::kQuantized:
      output = AnyTensor(random.Pick<glimpse_dtype>({GLIMPSE_INT8, GLIMPSE_INT8, GLIMPSE_UINT8, GLIMPSE_INT16}),
                         first.dims, random);
      break;
    case Comes::kAnyType:
      plain(random.Pick<glimpse_dtype>(
          {GLIMPSE_INT8, GLIMPSE_UINT8, GLIMPSE_INT16, GLIMPSE_INT32, GLIMPSE_INT64, GLIMPSE_FLOAT32, GLIMPSE_BOOL}));
      break;
    case Comes::kLikeFirst:
    case Comes::kLikeSecond:
    case Comes::kGuess:
      break;
  }
  output.constant = false;
  output.bytes.clear();
  return output;
}

}  // namespace

NodeOperator GenerateOperator(const std::string& op, uint64_t types, uint32_t inputs_min, uint32_t inputs_max,
                              uint32_t outputs, const NodeTensor* link, Random& random) {
  if (auto windowed = internal::GenerateWindowed(op, types, inputs_min, inputs_max, link, random)) {
    windowed->op = op;
    return *std::move(windowed);
  }
  const Shaped& form = FormOf(op);
  NodeOperator made;
  made.op = op;
  NodeTensor first;
  if (link != nullptr) {
    first = *link;
  } else if (inputs_max > 0) {
    first = AnyTensor(internal::PickType(types, random), AnyShape(random), random);
    made.inputs.push_back(first);
  }
  const uint32_t most = std::min(inputs_max, inputs_min + 3);
  const auto count = static_cast<uint32_t>(random.Int(static_cast<int32_t>(inputs_min), static_cast<int32_t>(most)));
  AddFurther(form.further, made, first, count, random);
  const NodeTensor second = made.inputs.empty() ? first : made.inputs.back();
  made.outputs.assign(outputs, Output(form.comes, first, second, random));
  form.options(made, first, random);
  return made;
}

}  // namespace glimpse::opcheck
