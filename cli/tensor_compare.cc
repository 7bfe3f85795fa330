// SPDX-License-Identifier: Apache-2.0
#include "cli/tensor_compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "cli/samples.h"

namespace glimpse::cli {
namespace {

template <typename T>
TensorDifference Compare(const std::byte* ours, const std::byte* theirs, size_t elements) {
  TensorDifference difference;
  difference.integer = std::is_integral_v<T>;
  for (size_t i = 0; i < elements; ++i) {
    if (std::memcmp(ours + i * sizeof(T), theirs + i * sizeof(T), sizeof(T)) == 0) continue;
    T a;
    T b;
    std::memcpy(&a, ours + i * sizeof(T), sizeof(T));
    std::memcpy(&b, theirs + i * sizeof(T), sizeof(T));
    const double apart = std::fabs(static_cast<double>(a) - static_cast<double>(b));
    if (difference.count++ == 0) {
      difference.first = i;
      difference.ours = static_cast<double>(a);
      difference.theirs = static_cast<double>(b);
    }
    difference.max = std::isnan(apart) ? std::numeric_limits<double>::infinity() : std::max(difference.max, apart);
  }
  return difference;
}

}  // namespace

void TensorDifference::Add(const TensorDifference& other) {
  if (count == 0) {
    *this = other;
    return;
  }
  count += other.count;
  max = std::max(max, other.max);
}

TensorDifference CompareTensors(DType type, std::span<const std::byte> ours, std::span<const std::byte> theirs,
                                size_t elements) {
  if (std::memcmp(ours.data(), theirs.data(), ours.size()) == 0) return {};
  switch (type) {
    case DType::kInt8:
      return Compare<int8_t>(ours.data(), theirs.data(), elements);
    case DType::kUint8:
    case DType::kBool:
      return Compare<uint8_t>(ours.data(), theirs.data(), elements);
    case DType::kInt16:
      return Compare<int16_t>(ours.data(), theirs.data(), elements);
    case DType::kUint16:
    case DType::kFloat16:  // as bits: enough to say that they differ
      return Compare<uint16_t>(ours.data(), theirs.data(), elements);
    case DType::kInt32:
    case DType::kResource:
      return Compare<int32_t>(ours.data(), theirs.data(), elements);
    case DType::kUint32:
      return Compare<uint32_t>(ours.data(), theirs.data(), elements);
    case DType::kInt64:
      return Compare<int64_t>(ours.data(), theirs.data(), elements);
    case DType::kUint64:
      return Compare<uint64_t>(ours.data(), theirs.data(), elements);
    case DType::kFloat32:
      return Compare<float>(ours.data(), theirs.data(), elements);
    case DType::kFloat64:
      return Compare<double>(ours.data(), theirs.data(), elements);
    case DType::kInt4: {
      std::vector<std::byte> a;
      std::vector<std::byte> b;
      UnpackInt4(ours, elements, a);
      UnpackInt4(theirs, elements, b);
      return Compare<int8_t>(a.data(), b.data(), elements);
    }
  }
  return {};
}

}  // namespace glimpse::cli
