// SPDX-License-Identifier: Apache-2.0
#include "engine/model/dtype.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/schema/tflite_generated.h"

namespace glimpse {
namespace {

TEST(DTypes, HaveTheSchemasNumbers) {
  for (const wire::TensorType type : wire::EnumValuesTensorType()) {
    std::string name = wire::EnumNameTensorType(type);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(DTypeName(static_cast<DType>(type)), name);
  }
  EXPECT_EQ(DTypeName(static_cast<DType>(23)), "unknown");
  EXPECT_EQ(DTypeName(static_cast<DType>(0xffffffff)), "unknown");
}

TEST(DTypes, BytesAreCountedWithoutOverflow) {
  constexpr size_t kMost = std::numeric_limits<size_t>::max();
  EXPECT_EQ(DTypeBytes(DType::kInt8, 7), 7u);
  EXPECT_EQ(DTypeBytes(DType::kInt64, 3), 24u);
  EXPECT_EQ(DTypeBytes(DType::kInt4, 0), 0u);
  EXPECT_EQ(DTypeBytes(DType::kInt4, 1), 1u);
  EXPECT_EQ(DTypeBytes(DType::kInt4, 4), 2u);
  EXPECT_EQ(DTypeBytes(DType::kInt4, 5), 3u);
  EXPECT_EQ(DTypeBytes(DType::kInt4, kMost), kMost / 2 + 1);
  EXPECT_EQ(DTypeBytes(DType::kInt8, kMost), kMost);
  EXPECT_EQ(DTypeBytes(DType::kInt16, kMost / 2 + 1), std::nullopt);
}

TEST(DTypes, IntegersHaveRanges) {
  EXPECT_TRUE(IsInteger(DType::kInt8));
  EXPECT_TRUE(IsInteger(DType::kInt4));
  EXPECT_FALSE(IsInteger(DType::kFloat32));
  EXPECT_FALSE(IsInteger(DType::kBool));
  EXPECT_EQ(DTypeRange(DType::kInt4).min, -8);
  EXPECT_EQ(DTypeRange(DType::kInt4).max, 7);
  EXPECT_EQ(DTypeRange(DType::kUint8).max, 255);
  EXPECT_EQ(DTypeRange(DType::kInt16).min, -32768);
  EXPECT_EQ(DTypeRange(DType::kInt64).min, std::numeric_limits<int64_t>::min());
}

}  // namespace
}  // namespace glimpse
