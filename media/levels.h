// SPDX-License-Identifier: Apache-2.0
// Steps that change each pixel by its level alone.
#pragma once

#include <optional>

#include "media/image.h"

namespace glimpse::media {

// Stretches the levels so that the darkest becomes 0 and the brightest 255, where the darkest and brightest `cutoff`
// percent of the pixels do not count: round((level - low) * 255 / (high - low)), half up, held within 0 to 255. Of a
// colour picture the luma decides, and R, G and B are stretched alike. A picture of one level stays as it is. As
// Pillow's ImageOps.autocontrast, which cuts fractions off. REQUIRES: 0 <= cutoff < 50.
void AutoContrast(Image& image, double cutoff);

// 255 where a pixel is at least `level`, else 0. Without a level the one that parts the pixels best into two kinds is
// taken (N. Otsu, A Threshold Selection Method from Gray-Level Histograms, 1979): the variance between the two is the
// greatest; of equal ones the lowest. Returns the level. REQUIRES: one channel; level in 0 to 256.
int Threshold(Image& grey, std::optional<int> level);

}  // namespace glimpse::media
