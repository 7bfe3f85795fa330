// SPDX-License-Identifier: Apache-2.0
// The head of NumPy's .npy files: what goes before the elements of an array.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/dtype.h"

namespace glimpse::wire {

inline constexpr std::string_view kNpyMagic = "\x93NUMPY";

// numpy's name for an element type: "|i1", "<f4".
struct NpyType {
  DType type;
  std::string_view descr;
};
// Every type that numpy has.
std::span<const NpyType> NpyTypes();

// numpy's name for the element type, or "" when numpy has none. kInt4 is stored as int8, one element a byte.
std::string_view NpyDescr(DType type);

// The bytes that go before the elements: version 1.0, or 2.0 when the shape needs it; padded to a multiple of 64.
// REQUIRES: a type that NpyDescr() knows.
std::string FormatNpyHeader(DType type, const std::vector<int64_t>& shape);

}  // namespace glimpse::wire
