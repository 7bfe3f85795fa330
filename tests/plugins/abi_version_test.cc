// SPDX-License-Identifier: Apache-2.0
// Which versions of the plugin ABI go together.
#include "engine/plugin/abi_version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace glimpse {
namespace {

using testing::HasSubstr;

TEST(AbiVersion, EarlierMinorVersionsAreTaken) {
  EXPECT_EQ(AbiMismatch({1, 0}, {1, 0}), "");
  EXPECT_EQ(AbiMismatch({1, 0}, {1, 7}), "");
  EXPECT_EQ(AbiMismatch({1, 7}, {1, 7}), "");
}

TEST(AbiVersion, ALaterMinorVersionIsRefusedWithTheWayOut) {
  EXPECT_EQ(
      AbiMismatch({1, 8}, {1, 7}),
      "speaks plugin ABI 1.8, this program speaks 1.7: it needs a newer version of this program, or must be built "
      "against this version's headers");
}

TEST(AbiVersion, MajorVersionsMustBeEqual) {
  EXPECT_THAT(AbiMismatch({0, 3}, {1, 0}), HasSubstr("speaks plugin ABI 0.3, this program speaks 1.0: build it"));
  EXPECT_THAT(AbiMismatch({2, 0}, {1, 9}), HasSubstr("it needs a newer version of this program"));
  EXPECT_THAT(AbiMismatch({1, 9}, {2, 0}), HasSubstr("build it against this version's headers"));
}

}  // namespace
}  // namespace glimpse
