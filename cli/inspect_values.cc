// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect_values.h"

#include <vector>

#include "cli/linear_layer.h"
#include "cli/samples.h"

namespace glimpse::cli {
namespace {

template <typename T>
void AppendValues(std::span<const std::byte> data, nlohmann::ordered_json& values) {
  for (const T value : Elements<T>(data)) values.push_back(value);
}

}  // namespace

nlohmann::ordered_json ConstantValues(const TensorInfo& tensor) {
  nlohmann::ordered_json values = nlohmann::ordered_json::array();
  switch (tensor.type) {
    case DType::kInt4: {
      std::vector<std::byte> unpacked;
      UnpackInt4(tensor.data, ElementCount(tensor.shape), unpacked);
      AppendValues<int8_t>(unpacked, values);
      break;
    }
    case DType::kInt8:
      AppendValues<int8_t>(tensor.data, values);
      break;
    case DType::kBool:
    case DType::kUint8:
      AppendValues<uint8_t>(tensor.data, values);
      break;
    case DType::kInt16:
      AppendValues<int16_t>(tensor.data, values);
      break;
    case DType::kUint16:
    case DType::kFloat16:  // the stored bits
      AppendValues<uint16_t>(tensor.data, values);
      break;
    case DType::kInt32:
    case DType::kResource:
      AppendValues<int32_t>(tensor.data, values);
      break;
    case DType::kUint32:
      AppendValues<uint32_t>(tensor.data, values);
      break;
    case DType::kInt64:
      AppendValues<int64_t>(tensor.data, values);
      break;
    case DType::kUint64:
      AppendValues<uint64_t>(tensor.data, values);
      break;
    case DType::kFloat32:
      AppendValues<float>(tensor.data, values);
      break;
    case DType::kFloat64:
      AppendValues<double>(tensor.data, values);
      break;
  }
  return values;
}

}  // namespace glimpse::cli
