// SPDX-License-Identifier: Apache-2.0
#include "opcheck/random_tensors.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace glimpse::opcheck {
namespace {

int64_t Count(const std::vector<int32_t>& dims) {
  int64_t count = 1;
  for (const int32_t dim : dims) count *= dim;
  return count;
}

template <typename T, typename Draw>
void Fill(NodeTensor& tensor, Draw draw) {
  std::vector<T> values(static_cast<size_t>(Count(tensor.dims)));
  for (T& value : values) value = static_cast<T>(draw());
  tensor.Content(values);
}

}  // namespace

std::vector<int8_t> Random::Bytes(int64_t count) {
  std::vector<int8_t> bytes(static_cast<size_t>(count));
  const bool extreme = Int(0, 3) == 0;
  for (int8_t& byte : bytes) byte = static_cast<int8_t>(extreme ? (Int(0, 1) != 0 ? 127 : -128) : Int(-128, 127));
  return bytes;
}

NodeTensor Int8(std::vector<int32_t> dims, float scale, int64_t zero_point, const std::vector<int8_t>& content) {
  NodeTensor tensor;
  tensor.dims = std::move(dims);
  tensor.scales = {scale};
  tensor.zero_points = {zero_point};
  tensor.Content(content);
  return tensor;
}

NodeTensor Const32(std::vector<int32_t> dims, const std::vector<int32_t>& content) {
  NodeTensor tensor;
  tensor.dtype = GLIMPSE_INT32;
  tensor.dims = std::move(dims);
  tensor.scales = {};
  tensor.zero_points = {};
  tensor.constant = true;
  tensor.Content(content);
  return tensor;
}

std::vector<int8_t> WeightBytes(int64_t count, Random& random) {
  std::vector<int8_t> bytes = random.Bytes(count);
  if (random.Int(0, 3) != 0) std::replace(bytes.begin(), bytes.end(), int8_t{-128}, int8_t{-127});
  return bytes;
}

NodeTensor Weights(std::vector<int32_t> dims, int32_t axis, bool per_channel, double typical, Random& random) {
  NodeTensor tensor = Int8(dims, 1, 0, WeightBytes(Count(dims), random));
  const size_t scales = per_channel ? static_cast<size_t>(dims[static_cast<size_t>(axis)]) : 1;
  tensor.scales.clear();
  for (size_t i = 0; i < scales; ++i) {
    // Now and then a dead channel's scale, as real models have it, or one near 1.
    const double factor = random.Int(0, 15) == 0 ? 1e-9 : random.Int(0, 31) == 0 ? 300 : random.Real(0.3, 3);
    tensor.scales.push_back(static_cast<float>(typical * factor));
  }
  tensor.zero_points.assign(scales, 0);
  tensor.axis = axis;
  tensor.constant = true;
  return tensor;
}

NodeTensor Bias(int32_t channels, Random& random) {
  std::vector<int32_t> values;
  for (int32_t i = 0; i < channels; ++i) {
    values.push_back(random.Int(0, 9) == 0 ? (1 << 30) + 128 : random.Int(-3000, 3000));
  }
  return Const32({channels}, values);
}

NodeTensor AnyTensor(glimpse_dtype dtype, std::vector<int32_t> dims, Random& random) {
  NodeTensor tensor;
  tensor.dtype = dtype;
  tensor.dims = std::move(dims);
  tensor.scales = {};
  tensor.zero_points = {};
  const auto quantize = [&](int64_t zero_point) {
    tensor.scales = {static_cast<float>(std::exp2(random.Real(-9, 0)))};
    tensor.zero_points = {zero_point};
  };
  switch (dtype) {
    case GLIMPSE_INT8:
      tensor.Content(random.Bytes(Count(tensor.dims)));
      quantize(random.ZeroPoint());
      break;
    case GLIMPSE_UINT8:
      Fill<uint8_t>(tensor, [&] { return random.Int(0, 255); });
      quantize(random.ZeroPoint() + 128);
      break;
    case GLIMPSE_INT16:
      Fill<int16_t>(tensor, [&] { return random.Int(0, 9) == 0 ? -32768 : random.Int(-32768, 32767); });
      quantize(0);
      break;
    case GLIMPSE_UINT16:
      Fill<uint16_t>(tensor, [&] { return random.Int(0, 65535); });
      break;
    case GLIMPSE_FLOAT32:
      Fill<float>(tensor, [&] { return random.Int(0, 19) == 0 ? random.Real(-300, 300) : random.Real(-3, 3); });
      break;
    case GLIMPSE_FLOAT64:
      Fill<double>(tensor, [&] { return random.Real(-3, 3); });
      break;
    case GLIMPSE_FLOAT16:
      // Neither infinities nor NaNs.
      Fill<uint16_t>(tensor, [&] { return random.Int(0, 1) * 0x8000 + random.Int(0, 0x7bff); });
      break;
    case GLIMPSE_BOOL:
      Fill<uint8_t>(tensor, [&] { return random.Int(0, 1); });
      break;
    case GLIMPSE_INT64:
    case GLIMPSE_UINT64:
      Fill<int64_t>(tensor, [&] { return random.Int(0, 5); });
      break;
    case GLIMPSE_INT4: {
      std::vector<uint8_t> bytes(TensorBytes(dtype, tensor.dims));
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Int(0, 255));
      tensor.Content(bytes);
      quantize(0);
      break;
    }
    default:
      // Often indices or sizes.
      Fill<int32_t>(tensor, [&] { return random.Int(0, 5); });
      break;
  }
  return tensor;
}

}  // namespace glimpse::opcheck
