// SPDX-License-Identifier: Apache-2.0
#include "media/sharpness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace glimpse::media {
namespace {

// Paper of 200 with a bar of 50, 20 of 80 pixels wide, whose edges are blurred by a Gaussian of `sigma`; `noise`: +-
// levels.
Image Bar(double sigma, int noise = 0) {
  Image image;
  image.Reshape(80, 60, 1);
  uint32_t state = 1;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const auto covered = [&](double edge) {
        return sigma > 0 ? 0.5 * (1 + std::erf((x - edge) / (sigma * std::sqrt(2.0)))) : (x > edge ? 1.0 : 0.0);
      };
      state = state * 1664525u + 1013904223u;
      const int grain = noise > 0 ? static_cast<int>(state >> 24) % (2 * noise + 1) - noise : 0;
      image.Row(y)[x] = static_cast<uint8_t>(std::lround(200 - 150 * (covered(30) - covered(50))) + grain);
    }
  }
  return image;
}

TEST(SharpnessMeter, AStepTakesTwoPixels) {
  SharpnessMeter meter;
  // Slope (200 - 50) / 2 = 75 a pixel beside the edge; range 150.
  EXPECT_DOUBLE_EQ(*meter.EdgeWidth(Bar(0)), 2.0);
}

TEST(SharpnessMeter, ABlurredStepTakesTwoAndAHalfSigma) {
  SharpnessMeter meter;
  // From the pixel before the edge to the one behind it the Gaussian's integral grows by erf(1 / (sigma sqrt 2)) of the
  // range; for large sigma that is 2 / (sigma sqrt(2 pi)).
  for (const double sigma : {2.0, 3.0, 4.0}) {
    const double exact = 2 / std::erf(1 / (sigma * std::sqrt(2.0)));
    EXPECT_NEAR(*meter.EdgeWidth(Bar(sigma)), exact, 0.03 * exact) << sigma;
    EXPECT_NEAR(exact, sigma * std::sqrt(2 * M_PI), 0.05 * exact) << sigma;
  }
}

TEST(SharpnessMeter, NoiseDoesNotPassForSharpness) {
  SharpnessMeter meter;
  EXPECT_GT(*meter.EdgeWidth(Bar(4, 4)), 5.0);
  EXPECT_LT(*meter.EdgeWidth(Bar(0, 4)), 2.5);
}

TEST(SharpnessMeter, WithoutAnEdgeThereIsNothingToSay) {
  SharpnessMeter meter;
  Image plain;
  plain.Reshape(80, 60, 1);
  plain.pixels.assign(plain.pixels.size(), 120);
  EXPECT_FALSE(meter.EdgeWidth(plain).has_value());
  Image tiny;
  tiny.Reshape(4, 4, 1);
  EXPECT_FALSE(meter.EdgeWidth(tiny).has_value());
}

}  // namespace
}  // namespace glimpse::media
