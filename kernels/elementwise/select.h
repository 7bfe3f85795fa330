// SPDX-License-Identifier: Apache-2.0
// SELECT and SELECT_V2: each element from one of two tensors, with broadcasting.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/elementwise/broadcast.h"

namespace glimpse::kernels {

// out = condition is not 0 ? x : y. Inputs of `shape` in the order condition, x, y; T is an unsigned integer as wide as
// an element: bits are moved, not read. Shapes: as `shape` says; dense. Output may be the same memory as an input that
// is not repeated. Cannot fail. Reentrant. Exactness: nothing is computed.
// Source: TFLite, kernels/select.cc, kernels/internal/reference/select.h.
template <typename T>
void SelectRef(const Broadcast<3>& shape, const uint8_t* condition, const T* x, const T* y, T* output);

}  // namespace glimpse::kernels
