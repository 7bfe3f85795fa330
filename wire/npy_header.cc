// SPDX-License-Identifier: Apache-2.0
#include "wire/npy_header.h"

#include <array>

#include "base/strings.h"

namespace glimpse::wire {
namespace {

constexpr std::array kTypes = {
    NpyType{DType::kInt8, "|i1"},    NpyType{DType::kUint8, "|u1"},   NpyType{DType::kBool, "|b1"},
    NpyType{DType::kInt16, "<i2"},   NpyType{DType::kUint16, "<u2"},  NpyType{DType::kInt32, "<i4"},
    NpyType{DType::kUint32, "<u4"},  NpyType{DType::kInt64, "<i8"},   NpyType{DType::kUint64, "<u8"},
    NpyType{DType::kFloat16, "<f2"}, NpyType{DType::kFloat32, "<f4"}, NpyType{DType::kFloat64, "<f8"},
};

}  // namespace

std::span<const NpyType> NpyTypes() { return kTypes; }

std::string_view NpyDescr(DType type) {
  if (type == DType::kInt4) return NpyDescr(DType::kInt8);
  for (const NpyType& entry : kTypes) {
    if (entry.type == type) return entry.descr;
  }
  return "";
}

std::string FormatNpyHeader(DType type, const std::vector<int64_t>& shape) {
  std::string dict = StrCat("{'descr': '", NpyDescr(type), "', 'fortran_order': False, 'shape': (",
                            StrJoin(shape, ", "), shape.size() == 1 ? ",), }" : "), }");
  const bool short_form = dict.size() + 64 < 65536;
  const size_t before = kNpyMagic.size() + 2 + (short_form ? 2 : 4);
  dict.append(63 - (before + dict.size()) % 64, ' ');
  dict += '\n';
  std::string header(kNpyMagic);
  header += short_form ? '\x01' : '\x02';
  header += '\0';
  for (size_t i = 0; i < (short_form ? 2u : 4u); ++i) header += static_cast<char>(dict.size() >> (8 * i) & 0xff);
  return header + dict;
}

}  // namespace glimpse::wire
