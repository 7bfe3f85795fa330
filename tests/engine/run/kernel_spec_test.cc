// SPDX-License-Identifier: Apache-2.0
#include "engine/run/kernel_spec.h"

#include <gtest/gtest.h>

namespace glimpse {
namespace {

TEST(KernelSpec, ALoneWordIsTheSet) {
  const auto spec = KernelSpec::Parse("reference");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->use, "reference");
  EXPECT_TRUE(spec->overrides.empty());
}

TEST(KernelSpec, OverridesAloneLeaveTheSetAutomatic) {
  const auto spec = KernelSpec::Parse("CONV_2D=reference,conv2d_1=example,#3=avx2");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->use, "auto");
  EXPECT_EQ(spec->overrides.at("CONV_2D"), "reference");
  EXPECT_EQ(spec->overrides.at("conv2d_1"), "example");
  EXPECT_EQ(spec->overrides.at("#3"), "avx2");
}

TEST(KernelSpec, TextSurvivesARoundTrip) {
  const auto spec = KernelSpec::Parse("avx2,CONV_2D=reference");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->ToString(), "avx2,CONV_2D=reference");
}

TEST(KernelSpec, PositionGoesBeforeLayerAndLayerBeforeType) {
  const auto spec = KernelSpec::Parse("CONV_2D=a,conv2d_1=b,#7=c");
  ASSERT_TRUE(spec);
  const std::vector<std::string> layer{"model/conv2d_1/BiasAdd;model/conv2d_1/Conv2D"};
  EXPECT_EQ(spec->MatchingKey(7, "CONV_2D", layer), "#7");
  EXPECT_EQ(spec->MatchingKey(6, "CONV_2D", layer), "conv2d_1");
  EXPECT_EQ(spec->MatchingKey(6, "CONV_2D", {"model/conv2d/Relu"}), "CONV_2D");
  EXPECT_EQ(spec->MatchingKey(6, "SOFTMAX", {"model/conv2d/Relu"}), "");
}

TEST(KernelSpec, ALayerIsAWholeComponentOfTheName) {
  const auto spec = KernelSpec::Parse("conv2d=b");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->MatchingKey(0, "CONV_2D", {"model/conv2d_1/Relu"}), "");
  EXPECT_EQ(spec->MatchingKey(0, "CONV_2D", {"model/conv2d/Relu"}), "conv2d");
  EXPECT_EQ(spec->MatchingKey(0, "CONV_2D", {"conv2d"}), "conv2d");
}

TEST(KernelSpec, WhatIsWrongIsNamed) {
  const auto message = [](const char* text) { return KernelSpec::Parse(text).error().message; };
  EXPECT_EQ(message(""),
            "kernels: '' is not a plugin's name (lower-case letters, digits, '-', '_'); see 'glimpse plugins'");
  EXPECT_EQ(message("CONV_2D="),
            "kernels: '' is not a plugin's name (lower-case letters, digits, '-', '_'); see 'glimpse plugins'");
  EXPECT_EQ(message("=avx2"), "kernels: '=avx2' has no operator, layer or #position before '='");
  EXPECT_EQ(message("avx2,neon"), "kernels: 'avx2' and 'neon' both name the set; name one");
  EXPECT_EQ(message("A=x,A=y"), "kernels: 'A' is given twice");
}

}  // namespace
}  // namespace glimpse
