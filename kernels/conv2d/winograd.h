// SPDX-License-Identifier: Apache-2.0
// 3x3 convolution with stride 1 by Winograd's minimal filtering in exact integer arithmetic: F(4, 3) along an axis, and
// F(3, 3) or F(2, 3) where an axis ends in fewer than four outputs.
//
// Formula, in one dimension, for outputs y from inputs d and three weights g, by the points 0, 1, -1, infinity, 2, -2:
//     y = A ((G g) .* (B d))
// where G has fractions. Multiplied by 24 in total, all matrices have integers:
//         B =  4  0 -5  0  1  0      G' =   6  0  0      A' = 1  1  1  0  1  1
//              0 -4 -4  1  1  0            -4 -4 -4           0  1 -1  0  2 -2
//              0  4 -4 -1  1  0            -4  4 -4           0  1  1  0  4  4
//              0  4  0 -5  0  1             0  0 12           0  1 -1  2  8 -8
//              0 -2 -1  2  1  0             1  2  4
//              0  2 -1 -2  1  0             1 -2  4
//     24 y = A' ((G' g) .* (B d))
// Fewer outputs take fewer points, and the same weights at those that are left: what their own G would have is in A'.
//     three   B =  2 -1 -2  1  0     A' = 2  3  1  0  4       two   B =  1  0 -1  0     A' = 4 -3 -3  0
//                  0 -2 -1  1  0          0  3 -1  0  8                  0  1  1  0          0 -3  3  2
//                  0  2 -3  1  0          0  3  1  2 16                  0 -1  1  0
//                  0  2 -1 -2  1                                         0 -1  0  1
//                  0 -1  0  1  0
// In two dimensions it is 576 y, with a form of its own for each axis: 36 products for 4x4 outputs, where the sum
// written out has 144; 24 for 4x2, where it has 72; 25 for 3x3 in place of 81.
//
// Exactness. |x - zero point| <= 255 and the rows of B add up to 10 at most, so transformed inputs are within 25,500;
// |w| <= 128 and the rows of G' add up to 12 at most, so transformed weights are within 18,432. Both fit 16 bits, and a
// pair of their products fits 32. All else is done modulo 2^32, where it does not matter that sums wrap. 576 = 64 * 9,
// and 9 has the inverse 0x38E38E39 modulo 2^32, so 576 y times that is 64 y modulo 2^32. That is 64 y itself, and y a
// shift away, for |y| < 2^25: a condition on the weights that is checked before this way is taken. The bias is added
// afterwards, modulo 2^32, as always. That the matrices are right is proven in winograd_forms.h.
//
// Where 576 (y + bias) fits 32 bits, it needs no division at all if a last step is known that takes it as it is: a
// scale that is proven for sums of so many times (kernels/quant/single_avx2.h).
//
// Sources: S. Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, arXiv:1509.09308.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

// G', a row for each point.
inline constexpr int32_t kWinogradFilterMatrix[6][3] = {{6, 0, 0},  {-4, -4, -4}, {-4, 4, -4},
                                                        {0, 0, 12}, {1, 2, 4},    {1, -2, 4}};

// What comes out in two dimensions is y times this.
inline constexpr int32_t kWinogradTimes = 576;

// Whether the filter is one of 3x3 with stride 1 whose sums stay below 2^25 for any input. Not whether that is faster.
bool WinogradIsExact(const Conv2DParams& params, const FilterView& filter);

// The largest that a sum of this channel can be, either way, for any input, without the bias. REQUIRES: a filter of
// 3x3.
int64_t LargestSum(const Conv2DParams& params, const FilterView& filter, int32_t output);

// Whether params.pool is none, or one whose windows divide the tiles of 4x4 outputs.
bool WinogradPools(const Conv2DParams& params);

// Weights of one output channel and so many channels of input from `channel` on, G' w G'^T, row by row.
inline constexpr int32_t kWinogradChannels = 8;
void TransformWeights(const FilterView& filter, int32_t output, int32_t channel,
                      int16_t (&transformed)[36][kWinogradChannels]);

}  // namespace glimpse::kernels
