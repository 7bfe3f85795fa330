// SPDX-License-Identifier: Apache-2.0
// What the inner kernel of sum_avx2.h costs, to choose between ways of computing a layer: in thirds of cycles, since
// three operations on vectors are done in a cycle. Internal linkage, like kernels/quant/requantize_avx2.h.
#pragma once

#include <cstdint>

namespace glimpse::kernels {
namespace {

// A panel's weights for two channels are read, of so many in all: from the second cache, or from further away.
inline int64_t ReadingCycles(int64_t weights) { return weights * int64_t{sizeof(int16_t)} <= (1 << 20) ? 8 : 20; }

// The products of these with `rows` of activations: two times a multiplication and an addition for each, or the
// reading, if that takes longer.
inline int64_t StepCycles(int64_t rows, int64_t reading) { return 4 * rows > reading ? 4 * rows : reading; }

}  // namespace
}  // namespace glimpse::kernels
