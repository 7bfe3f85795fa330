// SPDX-License-Identifier: Apache-2.0
// How tests of one verification rule say what they expect.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/support/model_builder.h"

namespace glimpse {

// The built file must be refused with this code and exactly this message behind the file's name.
inline void ExpectRefused(const testkit::ModelBuilder& builder, ErrorCode code, const std::string& message,
                          const Limits& limits = {}) {
  const auto model = builder.Parse("m.tflite", limits);
  ASSERT_FALSE(model) << "accepted, expected: " << message;
  EXPECT_EQ(model.error().message, "m.tflite: " + message);
  EXPECT_EQ(model.error().code, code);
}

inline void ExpectInvalid(const testkit::ModelBuilder& builder, const std::string& message) {
  ExpectRefused(builder, ErrorCode::kInvalidModel, message);
}

inline void ExpectUnsupported(const testkit::ModelBuilder& builder, const std::string& message) {
  ExpectRefused(builder, ErrorCode::kUnsupported, message);
}

inline void ExpectAccepted(const testkit::ModelBuilder& builder) {
  const auto model = builder.Parse("m.tflite");
  EXPECT_TRUE(model) << model.error().message;
}

}  // namespace glimpse
