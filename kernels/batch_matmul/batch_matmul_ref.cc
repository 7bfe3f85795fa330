// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "kernels/batch_matmul/batch_matmul.h"
#include "kernels/hybrid/hybrid.h"
#include "kernels/quant/requantize.h"

namespace glimpse::kernels {
namespace {

// One pair of matrices: which batch, and where each begins.
struct Batch {
  int64_t left = 0;
  int64_t right = 0;
  int32_t index[3] = {0, 0, 0};
};

// Calls body(batch) for all batches in the order of the output.
template <typename Body>
void ForEachBatch(const BatchMatMulShape& s, Body body) {
  for (int32_t b0 = 0; b0 < s.batches[0]; ++b0) {
    for (int32_t b1 = 0; b1 < s.batches[1]; ++b1) {
      for (int32_t b2 = 0; b2 < s.batches[2]; ++b2) {
        body(Batch{b0 * s.left_steps[0] + b1 * s.left_steps[1] + b2 * s.left_steps[2],
                   b0 * s.right_steps[0] + b1 * s.right_steps[1] + b2 * s.right_steps[2],
                   {b0, b1, b2}});
      }
    }
  }
}

int64_t LeftIndex(const BatchMatMulShape& s, int32_t m, int32_t k) {
  return s.left_transposed ? int64_t{k} * s.rows + m : int64_t{m} * s.depth + k;
}
int64_t RightIndex(const BatchMatMulShape& s, int32_t k, int32_t n) {
  return s.right_transposed ? int64_t{n} * s.depth + k : int64_t{k} * s.cols + n;
}

// Calls body(batch, m, n) for all elements in the order of the output.
template <typename Body>
void ForEachElement(const BatchMatMulShape& s, Body body) {
  ForEachBatch(s, [&](const Batch& batch) {
    for (int32_t m = 0; m < s.rows; ++m) {
      for (int32_t n = 0; n < s.cols; ++n) body(batch, m, n);
    }
  });
}

// Which of the batches' rows a hybrid product takes its row quantities from.
int32_t HybridBatch(const Batch& batch, const int64_t* steps) {
  int32_t sum = 0;
  for (int i = 0; i < 3; ++i) sum += steps[i] == 0 ? 0 : batch.index[i];
  return sum;
}

// `left` in rows of depth.
void QuantizeRows(const BatchMatMulShape& s, const BatchMatMulHybrid& h, const float* left) {
  for (int32_t row = 0; row < h.left_rows; ++row) {
    const RowQuantization quantization =
        QuantizeRow(left + int64_t{row} * s.depth, s.depth, h.asymmetric, h.stored + int64_t{row} * s.depth);
    h.scales[row] = quantization.scale;
    h.zero_points[row] = quantization.zero_point;
  }
}

}  // namespace

template <typename Left, typename Right, typename Out, typename Sum>
void BatchMatMulRef(const BatchMatMulShape& s, const BatchMatMulQuantization& q, const Left* left, const Right* right,
                    Out* output) {
  using Wrapping = std::make_unsigned_t<Sum>;
  ForEachElement(s, [&](const Batch& batch, int32_t m, int32_t n) {
    Wrapping sum = 0;
    for (int32_t k = 0; k < s.depth; ++k) {
      const Sum x = Sum{left[batch.left + LeftIndex(s, m, k)]} - q.left_zero_point;
      const Sum w = Sum{right[batch.right + RightIndex(s, k, n)]} - q.right_zero_point;
      sum += static_cast<Wrapping>(x * w);
    }
    const int32_t scaled = WrappingAdd(Requantize(static_cast<Sum>(sum), q.scale), q.output_zero_point);
    *output++ = static_cast<Out>(std::clamp(scaled, q.output_min, q.output_max));
  });
}

void BatchMatMulF32Ref(const BatchMatMulShape& s, const float* left, const float* right, float* output) {
  ForEachElement(s, [&](const Batch& batch, int32_t m, int32_t n) {
    float sum = 0;
    for (int32_t k = 0; k < s.depth; ++k) {
      sum += left[batch.left + LeftIndex(s, m, k)] * right[batch.right + RightIndex(s, k, n)];
    }
    *output++ = sum;
  });
}

void BatchMatMulS8S32Ref(const BatchMatMulShape& s, const int8_t* left, const int8_t* right, int32_t* output) {
  ForEachElement(s, [&](const Batch& batch, int32_t m, int32_t n) {
    uint32_t sum = 0;
    for (int32_t k = 0; k < s.depth; ++k) {
      sum += static_cast<uint32_t>(left[batch.left + LeftIndex(s, m, k)] * right[batch.right + RightIndex(s, k, n)]);
    }
    *output++ = static_cast<int32_t>(sum);
  });
}

void TransposeMatrices(const float* input, int32_t count, int32_t rows, int32_t cols, float* output) {
  for (int32_t i = 0; i < count; ++i, input += int64_t{rows} * cols) {
    for (int32_t c = 0; c < cols; ++c) {
      for (int32_t r = 0; r < rows; ++r) *output++ = input[int64_t{r} * cols + c];
    }
  }
}

void BatchMatMulHybridRef(const BatchMatMulShape& s, const BatchMatMulHybrid& h, const float* left, const int8_t* right,
                          float* output) {
  QuantizeRows(s, h, left);
  const int64_t matrix = int64_t{s.depth} * s.cols;
  ForEachElement(s, [&](const Batch& batch, int32_t m, int32_t n) {
    const int64_t row = int64_t{HybridBatch(batch, s.left_steps)} * s.rows + m;
    const int64_t sums_of = HybridBatch(batch, s.right_steps) * matrix;
    uint32_t sum = 0;
    uint32_t weights = 0;
    for (int32_t k = 0; k < s.depth; ++k) {
      const int64_t w = RightIndex(s, k, n);
      sum += static_cast<uint32_t>(h.stored[batch.left + int64_t{m} * s.depth + k] * right[batch.right + w]);
      if (h.asymmetric) weights += static_cast<uint32_t>(right[sums_of + w]);
    }
    const float offset = static_cast<float>(static_cast<int32_t>(weights)) * static_cast<float>(h.zero_points[row]);
    const int32_t total =
        ToInt32(static_cast<double>(std::trunc(static_cast<float>(static_cast<int32_t>(sum)) - offset)));
    const float scale = h.scales[row] * h.right_scales[h.per_channel ? n : 0];
    *output++ = 0.0F + scale * static_cast<float>(total);
  });
}

template void BatchMatMulRef<int8_t, int8_t, int8_t, int32_t>(const BatchMatMulShape&, const BatchMatMulQuantization&,
                                                              const int8_t*, const int8_t*, int8_t*);
template void BatchMatMulRef<int16_t, int16_t, int16_t, int64_t>(const BatchMatMulShape&,
                                                                 const BatchMatMulQuantization&, const int16_t*,
                                                                 const int16_t*, int16_t*);
template void BatchMatMulRef<int16_t, int8_t, int16_t, int64_t>(const BatchMatMulShape&, const BatchMatMulQuantization&,
                                                                const int16_t*, const int8_t*, int16_t*);

}  // namespace glimpse::kernels
