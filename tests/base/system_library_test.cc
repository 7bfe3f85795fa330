// SPDX-License-Identifier: Apache-2.0
#include "base/system_library.h"

#include <gmock/gmock.h>

#include <cstring>

// Declared and nowhere defined.
extern "C" int glimpse_function_of_no_library(int);

namespace glimpse {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct CLibrary : SystemLibrary {
  CLibrary() : SystemLibrary("libc.so.6", "tests") {}
  GLIMPSE_SYSTEM_FUNCTION(strnlen);
};

struct Absent : SystemLibrary {
  Absent() : SystemLibrary("libglimpse-nowhere.so.7", "pictures of unicorns") {}
  GLIMPSE_SYSTEM_FUNCTION(strnlen);
};

struct OfAnotherVersion : SystemLibrary {
  OfAnotherVersion() : SystemLibrary("libc.so.6", "pictures of unicorns") {}
  GLIMPSE_SYSTEM_FUNCTION(strnlen);
  GLIMPSE_SYSTEM_FUNCTION(glimpse_function_of_no_library);
};

TEST(SystemLibrary, GivesItsFunctions) {
  const auto library = OpenedLibrary<CLibrary>();
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_EQ((*library)->strnlen("four", 10), 4u);
}

TEST(SystemLibrary, IsOpenedOnce) {
  const auto first = OpenedLibrary<CLibrary>();
  const auto second = OpenedLibrary<CLibrary>();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
}

TEST(SystemLibrary, NamesTheFileThatIsMissingAndWhatNeedsIt) {
  for (int i = 0; i < 2; ++i) {
    const auto library = OpenedLibrary<Absent>();
    ASSERT_FALSE(library);
    EXPECT_EQ(library.error().code, ErrorCode::kIo);
    EXPECT_THAT(library.error().message,
                AllOf(HasSubstr("libglimpse-nowhere.so.7"), HasSubstr("pictures of unicorns")));
  }
}

TEST(SystemLibrary, NamesTheFunctionThatIsMissing) {
  const auto library = OpenedLibrary<OfAnotherVersion>();
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::kIo);
  EXPECT_THAT(library.error().message, AllOf(HasSubstr("libc.so.6"), HasSubstr("glimpse_function_of_no_library"),
                                             HasSubstr("pictures of unicorns")));
}

}  // namespace
}  // namespace glimpse
