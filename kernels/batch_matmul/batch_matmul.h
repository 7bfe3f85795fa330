// SPDX-License-Identifier: Apache-2.0
// BATCH_MATMUL: products of the matrices in the last two dimensions, the dimensions before them broadcast.
//
// Nothing can fail; all functions are reentrant, read and write nothing outside of the shapes, and want an output that
// overlaps no input. Preconditions: validated parameters.
// Sources: TFLite, kernels/batch_matmul.cc, kernels/internal/reference/batch_matmul.h.
#pragma once

#include <cstdint>

#include "kernels/quant/profile.h"

namespace glimpse::kernels {

// Shapes: left [batches of it, rows, depth], or [.., depth, rows] when left_transposed; right [batches of it, depth,
// cols], or [.., cols, depth] when right_transposed; output [batch0, batch1, batch2, rows, cols]; dense.
struct BatchMatMulShape {
  int32_t batches[3] = {1, 1, 1};
  int64_t left_steps[3] = {0, 0, 0};  // elements from one batch to the next; 0 where the input is broadcast
  int64_t right_steps[3] = {0, 0, 0};
  int32_t rows = 1;
  int32_t cols = 1;
  int32_t depth = 1;
  bool left_transposed = false;
  bool right_transposed = false;
};

struct BatchMatMulQuantization {
  int32_t left_zero_point = 0;
  int32_t right_zero_point = 0;
  int32_t output_zero_point = 0;
  int32_t output_min = -128;
  int32_t output_max = 127;
  OutputScale scale;
};

// out[m,n] = clamp(zp_out + Requantize(sum over k of (left[m,k] - zp_left) * (right[k,n] - zp_right))). The sum has the
// type Sum and wraps. Forms (left, right, output, sum): int8, int8, int8, int32; int16, int16 or int8, int16, int64.
// Exactness: LiteRT 2.3 with reference kernels, TFLite Micro (the forms with equal types).
template <typename Left, typename Right, typename Out, typename Sum>
void BatchMatMulRef(const BatchMatMulShape& shape, const BatchMatMulQuantization& quantization, const Left* left,
                    const Right* right, Out* output);

// out[m,n] = sum over k of left[m,k] * right[k,n] in the order of k: float, and int8 to int32, where the sum wraps and
// zero points do not count.
void BatchMatMulF32Ref(const BatchMatMulShape& shape, const float* left, const float* right, float* output);
void BatchMatMulS8S32Ref(const BatchMatMulShape& shape, const int8_t* left, const int8_t* right, int32_t* output);

// What the hybrid form needs beside the shape, and its scratch: `stored` as large as the left input; a scale and a zero
// point for each of its rows.
struct BatchMatMulHybrid {
  bool asymmetric = false;
  const float* right_scales = nullptr;  // one, or `cols` of them when per_channel
  bool per_channel = false;
  int32_t left_rows = 1;  // rows of all batches of the left input
  int8_t* stored = nullptr;
  float* scales = nullptr;
  int32_t* zero_points = nullptr;
};

// `count` matrices of [rows, cols] become matrices of [cols, rows].
void TransposeMatrices(const float* input, int32_t count, int32_t rows, int32_t cols, float* output);

// Float activations on the left, always as rows whatever left_transposed says; int8 weights on the right. Each row of
// the left input is quantized (QuantizeRow), then
//     out[m,n] = scale_row * scale_right[n] * float(trunc(float(sum) - float(zero_point_row) * float(sum of weights
//     n)))
// As in TFLite, row quantities of batch (b0, b1, b2) are those of batch b0 + b1 + b2 of the quantized rows (a broadcast
// dimension counts 0), which is another batch when more than one of the three exceeds 1; and likewise the sums of
// weights. Exactness: LiteRT 2.3 with reference kernels.
void BatchMatMulHybridRef(const BatchMatMulShape& shape, const BatchMatMulHybrid& hybrid, const float* left,
                          const int8_t* right, float* output);

}  // namespace glimpse::kernels
