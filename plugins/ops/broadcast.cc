// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/broadcast.h"

#include <cmath>
#include <limits>
#include <vector>

namespace glimpse::ops {

std::string TypeNames(TypeBits types) {
  std::string names;
  for (glimpse_dtype dtype = 0; dtype < 64; ++dtype) {
    if ((types & GLIMPSE_DTYPE_BIT(dtype)) == 0) continue;
    if (!names.empty()) names += ", ";
    names += sdk::DtypeName(dtype);
  }
  return names;
}

Status SetBroadcastOutput(PrepareContext& context, int rank, const int32_t* dims) {
  // TFLite Micro copies 8 dimensions into fewer places, and computes with what is there.
  if (rank >= 8 && context.numerics() == "tflite-micro") {
    return Unsupported("the output would have rank ", rank, "; with tflite-micro at most 7 is supported");
  }
  const std::vector<int64_t> shape(dims, dims + rank);
  const glimpse_dtype dtype = context.output(0).dtype();
  GLIMPSE_SDK_TRY(SetShape(context, 0, shape, sdk::DtypeBytes(dtype)));
  uint64_t count = 1;
  for (const int64_t dim : shape) count *= static_cast<uint64_t>(dim);
  const uint32_t inputs = context.op().input_count();
  for (uint32_t i = 0; i < inputs; ++i) {
    const Tensor input = context.input(i);
    if (input.dtype() == dtype && static_cast<uint64_t>(input.element_count()) == count) {
      GLIMPSE_SDK_TRY(context.AllowAlias(i, 0));
    }
  }
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return context.ReportWork(0, count <= kMost / (inputs + 1) ? (inputs + 1) * count : kMost);
}

}  // namespace glimpse::ops
