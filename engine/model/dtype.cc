// SPDX-License-Identifier: Apache-2.0
#include "engine/model/dtype.h"

#include <array>
#include <cassert>
#include <limits>

#include "base/checked_math.h"

namespace glimpse {
namespace {

struct TypeFacts {
  const char* name;
  size_t bits;         // 0: nothing here computes with it
  IntegerRange range;  // {0, 0} unless it is an integer type
};

template <typename T>
constexpr IntegerRange RangeOf() {
  using Limits = std::numeric_limits<T>;
  if constexpr (sizeof(T) == 8 && std::is_unsigned_v<T>) {
    return {0, std::numeric_limits<int64_t>::max()};
  } else {
    return {static_cast<int64_t>(Limits::min()), static_cast<int64_t>(Limits::max())};
  }
}

// By number, as in the schema.
constexpr std::array<TypeFacts, 23> kTypes = {{
    {"float32", 32, {}},
    {"float16", 16, {}},
    {"int32", 32, RangeOf<int32_t>()},
    {"uint8", 8, RangeOf<uint8_t>()},
    {"int64", 64, RangeOf<int64_t>()},
    {"string", 0, {}},
    {"bool", 8, {}},
    {"int16", 16, RangeOf<int16_t>()},
    {"complex64", 0, {}},
    {"int8", 8, RangeOf<int8_t>()},
    {"float64", 64, {}},
    {"complex128", 0, {}},
    {"uint64", 64, RangeOf<uint64_t>()},
    {"resource", 32, {}},
    {"variant", 0, {}},
    {"uint32", 32, RangeOf<uint32_t>()},
    {"uint16", 16, RangeOf<uint16_t>()},
    {"int4", 4, {-8, 7}},
    {"bfloat16", 0, {}},
    {"int2", 0, {}},
    {"uint4", 0, {}},
    {"float8_e4m3fn", 0, {}},
    {"float8_e5m2", 0, {}},
}};

constexpr TypeFacts kUnknown = {"unknown", 0, {}};

const TypeFacts& Facts(DType type) {
  const auto number = static_cast<uint32_t>(type);
  return number < kTypes.size() ? kTypes[number] : kUnknown;
}

}  // namespace

std::string_view DTypeName(DType type) { return Facts(type).name; }

size_t DTypeBits(DType type) { return Facts(type).bits; }

std::optional<size_t> DTypeBytes(DType type, size_t elements) {
  const size_t bits = DTypeBits(type);
  if (bits < 8) return elements / 2 * (bits / 4) + (elements % 2 != 0 && bits != 0 ? 1 : 0);
  return CheckedMul<size_t>(elements, bits / 8);
}

bool IsInteger(DType type) { return Facts(type).range.max != 0; }

IntegerRange DTypeRange(DType type) {
  assert(IsInteger(type));
  return Facts(type).range;
}

}  // namespace glimpse
