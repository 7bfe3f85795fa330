// SPDX-License-Identifier: Apache-2.0
#include "golden/inputs.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace glimpse::golden {
namespace {

constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;

class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t state) : state_(state) {}
  uint64_t Next() {
    uint64_t z = (state_ += kStep);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

template <typename T, typename FromNumber>
void Fill(std::span<std::byte> data, SplitMix64& numbers, FromNumber from_number) {
  for (size_t i = 0; i + sizeof(T) <= data.size(); i += sizeof(T)) {
    const T value = from_number(numbers.Next());
    std::memcpy(data.data() + i, &value, sizeof(T));
  }
}

template <typename T>
T Lowest(uint64_t r) {
  return static_cast<T>(r);
}
template <typename T>
T Bit(uint64_t r) {
  return static_cast<T>(r % 2);
}
float Real(uint64_t r) { return static_cast<float>(r >> 40) / 8388608.0f - 1.0f; }

Result<void> FillSeeded(const TensorView& input, uint64_t start) {
  SplitMix64 numbers(start);
  switch (input.info->type) {
    case DType::kInt8:
    case DType::kUint8:
    case DType::kInt4:
      Fill<uint8_t>(input.data, numbers, Lowest<uint8_t>);
      return {};
    case DType::kInt16:
    case DType::kUint16:
      Fill<uint16_t>(input.data, numbers, Lowest<uint16_t>);
      return {};
    case DType::kInt32:
    case DType::kUint32:
      Fill<uint32_t>(input.data, numbers, Bit<uint32_t>);
      return {};
    case DType::kInt64:
    case DType::kUint64:
      Fill<uint64_t>(input.data, numbers, Bit<uint64_t>);
      return {};
    case DType::kBool:
      Fill<uint8_t>(input.data, numbers, Bit<uint8_t>);
      return {};
    case DType::kFloat32:
      Fill<float>(input.data, numbers, Real);
      return {};
    default:
      return Unexpected(ErrorCode::kUnsupported,
                        StrCat("there are no seeded inputs of type ", DTypeName(input.info->type), " (input ",
                               Printable(input.info->name), "); give some of your own"));
  }
}

}  // namespace

Result<void> LoadSample(const Inputs& inputs, uint64_t sample, Interpreter& interpreter) {
  for (size_t i = 0; i < interpreter.inputs().size(); ++i) {
    const TensorView& input = interpreter.inputs()[i];
    if (inputs.seeded) {
      GLIMPSE_RETURN_IF_ERROR(FillSeeded(input, inputs.seed + kStep * (1 + 1024 * sample + i)));
      continue;
    }
    const std::vector<std::byte>& content = inputs.data[static_cast<size_t>(sample)][i];
    std::copy_n(content.begin(), std::min(content.size(), input.data.size()), input.data.begin());
  }
  return {};
}

}  // namespace glimpse::golden
