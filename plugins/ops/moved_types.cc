// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "plugins/ops/move_op.h"

namespace glimpse::ops {
namespace {

constexpr uint64_t F32 = sdk::Types<float>();
constexpr uint64_t I8 = sdk::Types<int8_t>();
constexpr uint64_t U8 = sdk::Types<uint8_t>();
constexpr uint64_t I16 = sdk::Types<int16_t>();
constexpr uint64_t I32 = sdk::Types<int32_t>();
constexpr uint64_t I64 = sdk::Types<int64_t>();
constexpr uint64_t BOOL = sdk::Types<bool>();
constexpr uint64_t ALL = F32 | I8 | U8 | I16 | I32 | I64 | BOOL;
constexpr uint64_t NONE = 0;

// Types that the kernels of LiteRT and of TFLite Micro were seen to take.
struct Served {
  std::string_view op;
  uint64_t litert;
  uint64_t micro;
};

constexpr Served kServed[] = {
    {"tflite.BATCH_TO_SPACE_ND", ALL, F32 | I8},
    {"tflite.BROADCAST_TO", ALL, ALL},
    {"tflite.CONCATENATION", ALL, ALL & ~U8},
    {"tflite.DEPTH_TO_SPACE", F32 | I8 | U8 | I32 | I64, F32 | I8},
    {"tflite.DYNAMIC_UPDATE_SLICE", ALL, F32 | I8 | I16 | I32},
    {"tflite.EXPAND_DIMS", ALL, F32 | I8 | I16},
    {"tflite.FILL", ALL, F32 | I8 | I32},
    {"tflite.GATHER", ALL, F32 | I8},
    {"tflite.GATHER_ND", ALL, F32 | I8},
    {"tflite.MIRROR_PAD", ALL, F32 | I8},
    {"tflite.ONE_HOT", ALL & ~I16, NONE},
    {"tflite.PACK", ALL & ~BOOL, F32 | I8 | I16 | I32 | I64},
    {"tflite.PAD", ALL, F32 | I8 | I16 | I32},
    {"tflite.PADV2", ALL, F32 | I8 | I16 | I32},
    {"tflite.REVERSE_SEQUENCE", F32 | U8 | I16 | I32 | I64, NONE},
    {"tflite.REVERSE_V2", ALL, ALL},
    {"tflite.SCATTER_ND", ALL & ~I16, NONE},
    {"tflite.SLICE", ALL, F32 | I8 | I16 | I32 | BOOL},
    {"tflite.SPACE_TO_BATCH_ND", ALL, F32 | I8},
    {"tflite.SPACE_TO_DEPTH", F32 | I8 | U8 | I32 | I64, F32 | I8},
    {"tflite.SPLIT", ALL & ~BOOL, F32 | I8 | I16 | I32},
    {"tflite.SPLIT_V", ALL & ~BOOL, F32 | I8 | I16 | I32},
    {"tflite.SQUEEZE", ALL, ALL},
    {"tflite.STRIDED_SLICE", ALL, F32 | I8 | I16 | I32 | BOOL},
    {"tflite.TILE", ALL, NONE},
    {"tflite.TRANSPOSE", ALL, F32 | I8 | I16},
    {"tflite.UNPACK", ALL & ~I64, F32 | I8 | I16 | I32},
};

}  // namespace

Status RequireServed(const PrepareContext& context, const Tensor& moved) {
  const std::string_view op = context.op().name();
  const auto* found = std::ranges::find(kServed, op, &Served::op);
  if (found == std::end(kServed)) return Ok();
  const bool micro = context.numerics() == "tflite-micro";
  const uint64_t types = micro ? found->micro : found->litert;
  if (types == NONE) return Unsupported("TFLite Micro lacks this operator");
  if (moved.dtype() < 64 && (types >> moved.dtype() & 1u) != 0) return Ok();
  return Unsupported("tensor '", moved.name(), "' is ", moved.Describe(), "; ", micro ? "TFLite Micro" : "LiteRT",
                     " does not take this type here");
}

}  // namespace glimpse::ops
