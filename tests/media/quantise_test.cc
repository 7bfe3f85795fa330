// SPDX-License-Identifier: Apache-2.0
#include "media/quantise.h"

#include <gtest/gtest.h>

#include <limits>

namespace glimpse::media {
namespace {

std::array<uint8_t, 256> Table(const config::NormaliseStep& step, const InputSpec& input) {
  const auto real = RealTable(step);
  EXPECT_TRUE(real) << real.error().message;
  const auto table = QuantiseTable(*real, input);
  EXPECT_TRUE(table) << table.error().message;
  return *table;
}

InputSpec Spec(InputType type, double scale, int64_t zero_point) {
  InputSpec spec;
  spec.type = type;
  spec.scale = scale;
  spec.zero_point = zero_point;
  return spec;
}

TEST(Quantise, TheCommonInputIsPixelMinus128) {
  const auto table = Table({}, Spec(InputType::kInt8, 1.0f / 255, -128));
  for (int pixel = 0; pixel < 256; ++pixel) {
    EXPECT_EQ(static_cast<int8_t>(table[static_cast<size_t>(pixel)]), pixel - 128);
  }
}

TEST(Quantise, TiesGoAwayFromZero) {
  config::NormaliseStep pixels;  // real = pixel - 100
  pixels.mean_std = {100.0, 1.0};
  const auto table = Table(pixels, Spec(InputType::kInt8, 2.0, 5));
  EXPECT_EQ(static_cast<int8_t>(table[101]), 6);  //  0.5 ->  1
  EXPECT_EQ(static_cast<int8_t>(table[99]), 4);   // -0.5 -> -1
  EXPECT_EQ(static_cast<int8_t>(table[103]), 7);  //  1.5 ->  2
  EXPECT_EQ(static_cast<int8_t>(table[97]), 3);   // -1.5 -> -2
  EXPECT_EQ(static_cast<int8_t>(table[100]), 5);
}

TEST(Quantise, ClampsToTheTypesRange) {
  config::NormaliseStep wide;
  wide.range = {-1e30, 1e30};
  const auto int8 = Table(wide, Spec(InputType::kInt8, 1e-30, 127));
  EXPECT_EQ(static_cast<int8_t>(int8[0]), -128);
  EXPECT_EQ(static_cast<int8_t>(int8[255]), 127);
  const auto uint8 = Table(wide, Spec(InputType::kUint8, 0.5, 0));
  EXPECT_EQ(uint8[0], 0);
  EXPECT_EQ(uint8[255], 255);
}

TEST(Quantise, RangeAndMeanStdGiveTheirReals) {
  config::NormaliseStep range;
  range.range = {-1.0, 1.0};
  const auto a = RealTable(range);
  ASSERT_TRUE(a);
  EXPECT_EQ((*a)[0], -1.0);
  EXPECT_EQ((*a)[255], 1.0);
  config::NormaliseStep mean;
  mean.mean_std = {127.5, 127.5};
  const auto b = RealTable(mean);
  ASSERT_TRUE(b);
  EXPECT_EQ((*b)[0], -1.0);
  EXPECT_EQ((*b)[255], 1.0);
}

TEST(Quantise, RefusesWhatHasNoMeaning) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  for (const auto& [low, high] : {std::pair{1.0, 1.0}, {2.0, 1.0}, {nan, 1.0}, {0.0, inf}}) {
    config::NormaliseStep step;
    step.range = {low, high};
    EXPECT_FALSE(RealTable(step)) << low << " " << high;
  }
  for (const auto& [mean, std] : {std::pair{0.0, 0.0}, {0.0, -1.0}, {nan, 1.0}, {0.0, inf}}) {
    config::NormaliseStep step;
    step.mean_std = {mean, std};
    EXPECT_FALSE(RealTable(step)) << mean << " " << std;
  }
  const auto real = RealTable({});
  ASSERT_TRUE(real);
  for (const double scale : {0.0, -1.0, nan, inf, 1e-60}) {
    EXPECT_FALSE(QuantiseTable(*real, Spec(InputType::kInt8, scale, 0))) << scale;
  }
  EXPECT_FALSE(QuantiseTable(*real, Spec(InputType::kInt8, 1, 128)));
  EXPECT_FALSE(QuantiseTable(*real, Spec(InputType::kUint8, 1, -1)));
}

}  // namespace
}  // namespace glimpse::media
