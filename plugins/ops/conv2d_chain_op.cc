// SPDX-License-Identifier: Apache-2.0
// Two CONV_2D in a row, each with or without a MAX_POOL_2D behind it, as one kernel. What the second does not look at,
// the first does not compute: windows and strides that do not divide an image leave a border of it unread, and behind a
// pool that drops the last row and column of the second that border is wider. Where there is none, nothing would be won
// and the chain is declined.
#include <algorithm>

#include "kernels/conv2d/conv2d_packed.h"
#include "plugins/ops/conv2d_node.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/packed_conv.h"
#include "plugins/ops/pool_checks.h"

namespace glimpse::ops {
namespace {

using kernels::WindowAxis;

// Keeps the first `outputs` positions of the axis, and of the pool behind it, if any.
void Keep(int32_t outputs, WindowAxis* axis, WindowAxis* pool) {
  if (pool != nullptr) {
    pool->output = outputs;
    outputs = std::min(axis->output, (outputs - 1) * pool->stride + pool->filter);
    pool->input = outputs;
  }
  axis->output = outputs;
}

// How much of its input the axis looks at.
int32_t Read(const WindowAxis& axis) {
  const int32_t end = (axis.output - 1) * axis.stride - axis.pad_before + (axis.filter - 1) * axis.dilation + 1;
  return std::min(axis.input, end);
}

class Conv2DChainOp final : public sdk::Kernel {
 public:
  Conv2DChainOp(const kernels::PackedConv2DS8& kernel, bool first_pooled, bool second_pooled)
      : kernel_(kernel), first_pooled_(first_pooled), second_pooled_(second_pooled) {}

  Status Prepare(PrepareContext& context) override {
    GLIMPSE_SDK_TRY(RequireRank(context.input(0), "input 0", 4, 4));
    GLIMPSE_SDK_TRY(RequireElements(context.input(0), "input 0"));
    kernels::Conv2DParams first;
    kernels::Conv2DParams second;
    const uint32_t position = first_pooled_ ? 2 : 1;
    GLIMPSE_SDK_TRY(GetInt8Conv2D(context, context.op(), context.input(0).dims(), &first_scales_, &first));
    if (first_pooled_) GLIMPSE_SDK_TRY(TakeMaxPool(context, 1, &first));
    const Dims link = OutputDims(first);
    GLIMPSE_SDK_TRY(GetInt8Conv2D(context, context.op(position), link.dims, &second_scales_, &second));
    if (second_pooled_) GLIMPSE_SDK_TRY(TakeMaxPool(context, position + 1, &second));
    const Dims result = OutputDims(second);
    const int64_t dims[] = {result.dims[0], result.dims[1], result.dims[2], result.dims[3]};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, 1));
    GLIMPSE_SDK_TRY(Report(context, first));
    GLIMPSE_SDK_TRY(Report(context, second));
    GLIMPSE_SDK_TRY(LeaveOut(&first, &second));
    const Dims kept = OutputDims(first);
    GLIMPSE_SDK_TRY(link_.Request(context, static_cast<size_t>(kept.dims[0]) * static_cast<size_t>(kept.dims[1]) *
                                               static_cast<size_t>(kept.dims[2]) * static_cast<size_t>(kept.dims[3])));
    GLIMPSE_SDK_TRY(Pack(context, context.op(), first, &first_));
    return Pack(context, context.op(position), second, &second_);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    int8_t* const link = link_.in(context).data();
    first_.Invoke(context, context.input<int8_t>(0), link);
    second_.Invoke(context, link, context.output<int8_t>(0));
    return Ok();
  }

 private:
  struct Dims {
    int32_t dims[4];
  };

  static Dims OutputDims(const kernels::Conv2DParams& p) {
    return {{p.batches, p.pool ? p.pool->height.output : p.height.output,
             p.pool ? p.pool->width.output : p.width.output, p.output_depth}};
  }

  static Status Report(PrepareContext& context, const kernels::Conv2DParams& p) {
    const auto outputs = static_cast<uint64_t>(p.batches) * static_cast<uint64_t>(p.height.output) *
                         static_cast<uint64_t>(p.width.output) * static_cast<uint64_t>(p.output_depth);
    return ReportMacs(context, outputs,
                      static_cast<uint64_t>(p.height.filter) * static_cast<uint64_t>(p.width.filter) *
                          static_cast<uint64_t>(p.input_depth / p.groups));
  }

  static Status LeaveOut(kernels::Conv2DParams* first, kernels::Conv2DParams* second) {
    const auto pool = [](kernels::Conv2DParams* p, WindowAxis kernels::MaxPoolAfter::*axis) {
      return p->pool ? &((*p->pool).*axis) : nullptr;
    };
    WindowAxis* const second_rows = pool(second, &kernels::MaxPoolAfter::height);
    WindowAxis* const second_columns = pool(second, &kernels::MaxPoolAfter::width);
    Keep(second_rows ? second_rows->output : second->height.output, &second->height, second_rows);
    Keep(second_columns ? second_columns->output : second->width.output, &second->width, second_columns);
    const int32_t rows = Read(second->height);
    const int32_t columns = Read(second->width);
    if (rows == second->height.input && columns == second->width.input) {
      return Unsupported("the second convolution looks at all that the first computes: nothing can be left out");
    }
    second->height.input = rows;
    second->width.input = columns;
    Keep(rows, &first->height, pool(first, &kernels::MaxPoolAfter::height));
    Keep(columns, &first->width, pool(first, &kernels::MaxPoolAfter::width));
    return Ok();
  }

  Status Pack(PrepareContext& context, const sdk::Operator& op, const kernels::Conv2DParams& params, PackedConv* to) {
    return to->Prepare(context, kernel_, params, DenseFilter(params, op.input(1).constant<int8_t>().data()),
                       op.input(2));
  }

  const kernels::PackedConv2DS8& kernel_;
  bool first_pooled_;
  bool second_pooled_;
  sdk::Persistent<kernels::OutputScale> first_scales_;
  sdk::Persistent<kernels::OutputScale> second_scales_;
  sdk::Scratch<int8_t> link_;
  PackedConv first_;
  PackedConv second_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeConv2DChain(const kernels::PackedConv2DS8& packed, bool first_pooled,
                                             bool second_pooled) {
  return std::make_unique<Conv2DChainOp>(packed, first_pooled, second_pooled);
}

}  // namespace glimpse::ops
