// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "kernels/pad/pad.h"
#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class PadOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    p_ = {};
    value_ = 0;
    GLIMPSE_SDK_TRY(SetValue(context));
    std::vector<int64_t> paddings;
    GLIMPSE_SDK_TRY(GetPaddings(context, &paddings));
    std::vector<int64_t> dims;
    p_.rank = static_cast<int>(input.rank());
    for (size_t d = 0; d < input.rank(); ++d) {
      const int64_t before = paddings[2 * d];
      const int64_t after = paddings[2 * d + 1];
      if (before < 0 || after < 0 || before > INT32_MAX || after > INT32_MAX) {
        return InvalidNode("input 1 (paddings) has ", before, " and ", after, " for dimension ", d,
                           "; they must be 0 to 2^31 - 1");
      }
      p_.input_dims[d] = input.dim(static_cast<uint32_t>(d));
      p_.before[d] = static_cast<int32_t>(before);
      p_.after[d] = static_cast<int32_t>(after);
      dims.push_back(before + p_.input_dims[d] + after);
    }
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, p_.element_bytes));
    uint64_t count = 1;
    for (const int64_t dim : dims) count *= static_cast<uint64_t>(dim);
    return context.ReportWork(0, count);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::PadRef(p_, &value_, context.input<void>(0), context.output<void>(0));
    return Ok();
  }

 private:
  // What stands for real 0: the output's zero point in int8, 0 in the other types.
  Status SetValue(const PrepareContext& context) {
    const Tensor input = context.input(0);
    const Tensor output = context.output(0);
    p_.element_bytes = sdk::DtypeBytes(input.dtype());
    switch (input.dtype()) {
      case GLIMPSE_INT8: {
        kernels::PerTensor in;
        kernels::PerTensor out;
        GLIMPSE_SDK_TRY(RequireInt8(input, "input 0", &in));
        GLIMPSE_SDK_TRY(RequireInt8(output, "output 0", &out));
        GLIMPSE_SDK_TRY(RequireSameQuantization(in, out));
        value_ = static_cast<uint8_t>(out.zero_point);
        return Ok();
      }
      case GLIMPSE_FLOAT32:
      case GLIMPSE_INT32:
      case GLIMPSE_INT64:
        return RequireType(output, "output 0", input.dtype());
      default:
        return Unsupported("input 0 is ", input.Describe(), "; int8, int32, int64 and float32 are padded");
    }
  }

  static Status GetPaddings(const PrepareContext& context, std::vector<int64_t>* paddings) {
    const Tensor tensor = context.input(1);
    GLIMPSE_SDK_TRY(GetIndices(tensor, "input 1 (paddings)", paddings));
    GLIMPSE_SDK_TRY(RequireRank(tensor, "input 1 (paddings)", 2, 2));
    const Tensor input = context.input(0);
    if (tensor.dim(0) == static_cast<int32_t>(input.rank()) && tensor.dim(1) == 2) return Ok();
    return InvalidNode("input 1 (paddings) is ", tensor.Describe(), "; for input 0 it must be [", input.rank(), ",2]");
  }

  kernels::PadParams p_;
  uint64_t value_ = 0;  // its first element_bytes bytes count; little-endian
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakePad() { return std::make_unique<PadOp>(); }

}  // namespace glimpse::ops
