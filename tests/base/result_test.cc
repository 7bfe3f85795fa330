// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/checked_math.h"
#include "base/exit_status.h"

namespace glimpse {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return Unexpected(ErrorCode::kInvalidArgument, "odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  GLIMPSE_ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

Result<void> MustBeEven(int value) {
  GLIMPSE_RETURN_IF_ERROR(Half(value));
  return {};
}

TEST(Result, CarriesTheValueOrTheFirstError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).error().message, "odd");
  EXPECT_TRUE(MustBeEven(2));
  EXPECT_EQ(MustBeEven(3).error().code, ErrorCode::kInvalidArgument);
}

TEST(Result, MovesValuesThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 7);
}

TEST(ExitStatus, IsTheDocumentedNumberForEveryCode) {
  EXPECT_EQ(static_cast<int>(ExitStatusFor(ErrorCode::kInvalidModel)), 3);
  EXPECT_EQ(static_cast<int>(ExitStatusFor(ErrorCode::kUnsupported)), 4);
  EXPECT_EQ(static_cast<int>(ExitStatusFor(ErrorCode::kInvalidConfig)), 5);
  EXPECT_EQ(static_cast<int>(ExitStatusFor(ErrorCode::kPlugin)), 7);
  for (const ErrorCode code :
       {ErrorCode::kInvalidArgument, ErrorCode::kIo, ErrorCode::kExhausted, ErrorCode::kInternal}) {
    EXPECT_EQ(static_cast<int>(ExitStatusFor(code)), 1);
  }
}

TEST(CheckedMath, OverflowGivesNothing) {
  EXPECT_EQ(CheckedMul<uint32_t>(65536, 65535), 4294901760u);
  EXPECT_FALSE(CheckedMul<uint32_t>(65536, 65536));
  EXPECT_FALSE(CheckedAdd<int32_t>(2147483647, 1));
  EXPECT_EQ(CheckedAlignUp<size_t>(65, 64), 128u);
  EXPECT_FALSE(CheckedAlignUp<size_t>(SIZE_MAX - 3, 64));
}

}  // namespace
}  // namespace glimpse
