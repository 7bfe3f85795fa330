// SPDX-License-Identifier: Apache-2.0
// Divides a convolution's rows of output among the workers of an invoke (kernels/row_slices.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "glimpse/sdk.h"
#include "kernels/row_slices.h"

namespace glimpse::ops {

// Params: kernels::Conv2DParams or kernels::DepthwiseConv2DParams. Prepare() is control, ForEach() worker-only.
template <typename Params>
class RowDivision {
 public:
  // One part where there is one worker, or too little to do. `scratch_bytes(part)`: what a part needs.
  template <typename ScratchBytes>
  sdk::Status Prepare(sdk::PrepareContext& context, const Params& whole, ScratchBytes scratch_bytes) {
    const int32_t rows = kernels::OutputRows(whole);
    const int32_t unit = whole.height.filter == 1 ? 1 : kUnit;
    const uint64_t most = std::min<uint64_t>(static_cast<uint64_t>(rows / unit), kernels::MacsOf(whole) / kLeastMacs);
    const uint64_t wanted = context.worker_count() > 1 && whole.batches == 1 ? 2 * uint64_t{context.worker_count()} : 1;
    const auto count = static_cast<int32_t>(std::max<uint64_t>(1, std::min(most, wanted)));
    parts_.clear();
    if (count == 1) parts_.push_back({whole});  // as it is: it may have several batches
    for (int32_t i = 0; count > 1 && i < count; ++i) {
      const int32_t first = Border(rows, i, count, unit);
      parts_.push_back(kernels::SliceRows(whole, first, Border(rows, i + 1, count, unit) - first));
    }
    scratch_each_ = 0;
    for (const auto& part : parts_) scratch_each_ = std::max(scratch_each_, scratch_bytes(part.params));
    scratch_each_ = (scratch_each_ + GLIMPSE_ALIGN - 1) / GLIMPSE_ALIGN * GLIMPSE_ALIGN;
    return scratch_.Request(context, scratch_each_ * (count == 1 ? 1 : context.worker_count()));
  }

  // Calls run(part's params, scratch, input offset, output offset) for every part, several at once.
  template <typename Run>
  void ForEach(const sdk::InvokeContext& context, Run run) const {
    uint8_t* const scratch = scratch_.in(context).data();
    const auto part = [&](uint32_t item, uint32_t worker) {
      const auto& each = parts_[item];
      run(each.params, scratch + worker * scratch_each_, each.input_offset, each.output_offset);
    };
    if (parts_.size() == 1) return part(0, 0);
    context.Parallel(static_cast<uint32_t>(parts_.size()), part);
  }

 private:
  static constexpr int32_t kUnit = 4;  // rows that kernels of more than one pixel take together
  // Some 10 us of a Raspberry Pi's core: less is not worth what a part costs besides its sums.
  static constexpr uint64_t kLeastMacs = 1 << 17;

  static int32_t Border(int32_t rows, int32_t part, int32_t count, int32_t unit) {
    if (part == count) return rows;
    return static_cast<int32_t>(int64_t{rows} * part / count) / unit * unit;
  }

  std::vector<kernels::RowSlice<Params>> parts_;
  size_t scratch_each_ = 0;
  sdk::Scratch<uint8_t> scratch_;
};

}  // namespace glimpse::ops
