// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/reduce_checks.h"

namespace glimpse::ops {

Status GetReduceShape(const PrepareContext& context, kernels::ReduceShape* shape, std::vector<int64_t>* dims) {
  const Tensor input = context.input(0);
  const Tensor axis = context.input(1);
  glimpse_reducer_options options{};
  GLIMPSE_SDK_TRY(GetOptions(context, &options));
  if (!input.present()) return InvalidNode("input 0 is missing");
  *shape = {};
  dims->clear();
  const std::vector<int64_t> all(input.dims().begin(), input.dims().end());
  GLIMPSE_SDK_TRY(CheckSize(all, sizeof(int64_t), "input 0"));
  std::vector<int64_t> axes;
  GLIMPSE_SDK_TRY(GetIndices(axis, "input 1 (axis)", &axes));
  if (axis.dtype() != GLIMPSE_INT32) return InvalidNode("input 1 (axis) is ", axis.Describe(), "; it must be int32");
  if (input.rank() > 0) {
    for (const int64_t value : axes) {
      uint32_t d = 0;
      GLIMPSE_SDK_TRY(NormaliseAxis(value, input.rank(), "input 1 (axis)", &d));
      shape->reduced[d] = true;
    }
  }
  shape->rank = static_cast<int>(input.rank());
  for (uint32_t d = 0; d < input.rank(); ++d) {
    shape->dims[d] = input.dim(d);
    (shape->reduced[d] ? shape->reduced_count : shape->output_count) *= input.dim(d);
    if (!shape->reduced[d]) {
      dims->push_back(input.dim(d));
    } else if (options.keep_dims != 0) {
      dims->push_back(1);
    }
  }
  return Ok();
}

}  // namespace glimpse::ops
