// SPDX-License-Identifier: Apache-2.0
#include "kernels/pool2d/pool2d.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

using Pool = void (*)(const kernels::Pool2DParams&, const int8_t*, int8_t*);

class Pool2DOp final : public sdk::Kernel {
 public:
  explicit Pool2DOp(Pool pool) : pool_(pool) {}

  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    glimpse_pool_2d_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    kernels::PerTensor in;
    kernels::PerTensor out;
    GLIMPSE_SDK_TRY(RequireInt8(input, "input 0", &in));
    GLIMPSE_SDK_TRY(RequireInt8(context.output(0), "output 0", &out));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 4, 4));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    GLIMPSE_SDK_TRY(RequireSameQuantization(in, out));
    kernels::ActivationRange range;
    GLIMPSE_SDK_TRY(GetActivationRange(options.activation, out, &range));
    p_ = {};
    p_.batches = input.dim(0);
    p_.depth = input.dim(3);
    p_.output_min = range.min;
    p_.output_max = range.max;
    GLIMPSE_SDK_TRY(GetWindowAxis("height", input.dim(1), options.filter_height, options.stride_height, 1,
                                  options.padding, &p_.height));
    GLIMPSE_SDK_TRY(GetWindowAxis("width", input.dim(2), options.filter_width, options.stride_width, 1, options.padding,
                                  &p_.width));
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, p_.depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sizeof(int8_t)));
    const auto outputs = static_cast<uint64_t>(p_.batches) * static_cast<uint64_t>(p_.height.output) *
                         static_cast<uint64_t>(p_.width.output) * static_cast<uint64_t>(p_.depth);
    // Windows are cut at the input's edges, however large the filter.
    const auto terms = static_cast<uint64_t>(std::min(p_.height.filter, p_.height.input)) *
                       static_cast<uint64_t>(std::min(p_.width.filter, p_.width.input));
    return context.ReportWork(0, outputs <= UINT64_MAX / terms ? outputs * terms : UINT64_MAX);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    pool_(p_, context.input<int8_t>(0), context.output<int8_t>(0));
    return Ok();
  }

 private:
  Pool pool_;
  kernels::Pool2DParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeMaxPool2D() { return std::make_unique<Pool2DOp>(kernels::MaxPool2DS8Ref); }
std::unique_ptr<sdk::Kernel> MakeAveragePool2D() { return std::make_unique<Pool2DOp>(kernels::AveragePool2DS8Ref); }

}  // namespace glimpse::ops
