// SPDX-License-Identifier: Apache-2.0
// Validation that the reductions share.
#pragma once

#include <vector>

#include "kernels/reduce/reduce.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {

// Which elements MEAN, SUM and REDUCE_... join: input 0, the axes of input 1 (negative ones count from the end, naming
// one twice is allowed; for rank 0 they mean nothing) and keep_dims of the options. `dims` becomes the output's shape.
Status GetReduceShape(const PrepareContext& context, kernels::ReduceShape* shape, std::vector<int64_t>* dims);

}  // namespace glimpse::ops
