// SPDX-License-Identifier: Apache-2.0
// 3x3 convolution with stride 1 by Winograd's minimal filtering F(4x4, 3x3) in exact integer arithmetic.
//
// Formula, in one dimension, for four outputs from six inputs d and three weights g:
//     y = A ((G g) .* (B d))
// where G has fractions. Multiplied by 24 in total, all matrices have integers:
//         B =  4  0 -5  0  1  0      G' =   6  0  0      A' = 1  1  1  1  1  0
//              0 -4 -4  1  1  0            -4 -4 -4           0  1 -1  2 -2  0
//              0  4 -4 -1  1  0            -4  4 -4           0  1  1  4  4  0
//              0 -2 -1  2  1  0             1  2  4           0  1 -1  8 -8  2
//              0  2 -1 -2  1  0             1 -2  4
//              0  4  0 -5  0  1             0  0 12
//     24 y = A' ((G' g) .* (B d))
// and in two dimensions 576 y: 36 products for 16 outputs, where the sum written out has 144.
//
// Exactness. |x - zero point| <= 255 and the rows of B add up to 10 at most, so transformed inputs are within 25,500;
// |w| <= 128 and the rows of G' add up to 12 at most, so transformed weights are within 18,432. Both fit 16 bits, and a
// pair of their products fits 32. All else is done modulo 2^32, where it does not matter that sums wrap. 576 = 64 * 9,
// and 9 has the inverse 0x38E38E39 modulo 2^32, so 576 y times that is 64 y modulo 2^32. That is 64 y itself, and y a
// shift away, for |y| < 2^25: a condition on the weights that is checked before this way is taken. The bias is added
// afterwards, modulo 2^32, as always.
//
// Sources: S. Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, arXiv:1509.09308.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/conv2d/conv2d_packed.h"

namespace glimpse::kernels {

// Whether the filter is one of 3x3 with stride 1 whose sums stay below 2^25 for any input. Not whether that is faster.
bool WinogradIsExact(const Conv2DParams& params, const FilterView& filter);

// Weights of one input and output channel, G' w G'^T, row by row.
void TransformWeights(const FilterView& filter, int32_t output, int32_t channel, int16_t (&transformed)[36]);

}  // namespace glimpse::kernels
