// SPDX-License-Identifier: Apache-2.0
// TOPK_V2.
#include <vector>

#include "kernels/topk/topk.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

class TopKOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    kernels::Profile profile;
    GLIMPSE_SDK_TRY(GetProfile(context, &profile));
    GLIMPSE_SDK_TRY(RefuseForMicro(profile, "TOPK_V2"));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 1, GLIMPSE_MAX_RANK));
    type_ = input.dtype();
    GLIMPSE_SDK_TRY(CheckTypes(context));
    GLIMPSE_SDK_TRY(GetK(context.input(1)));
    std::vector<int64_t> dims(input.dims().begin(), input.dims().end());
    length_ = input.dim(input.rank() - 1);
    if (k_ > length_) return InvalidNode("k is ", k_, ", the rows of ", input.Describe(), " are shorter");
    rows_ = 1;
    for (uint32_t d = 0; d + 1 < input.rank(); ++d) rows_ *= input.dim(d);
    dims.back() = k_;
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    GLIMPSE_SDK_TRY(SetShape(context, 1, dims, sdk::DtypeBytes(index_type_)));
    GLIMPSE_SDK_TRY(order_.Request(context, static_cast<size_t>(length_)));
    // Each element may pass through a heap of k.
    uint64_t depth = 1;
    while (depth < 32 && (k_ >> depth) > 0) ++depth;
    return context.ReportWork(0, SaturatedProduct({static_cast<uint64_t>(input.element_count()), depth}));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    switch (type_) {
      case GLIMPSE_INT8:
        return Compute<int8_t>(context);
      case GLIMPSE_UINT8:
        return Compute<uint8_t>(context);
      case GLIMPSE_INT16:
        return Compute<int16_t>(context);
      case GLIMPSE_INT32:
        return Compute<int32_t>(context);
      case GLIMPSE_INT64:
        return Compute<int64_t>(context);
      default:
        return Compute<float>(context);
    }
  }

 private:
  Status CheckTypes(const PrepareContext& context) {
    if (!IsQuantizedType(type_) && type_ != GLIMPSE_INT32 && type_ != GLIMPSE_INT64 && type_ != GLIMPSE_FLOAT32) {
      return Unsupported("input 0 is ", context.input(0).Describe());
    }
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0 (values)", type_));
    const Tensor indices = context.output(1);
    if (!indices.present()) return InvalidNode("output 1 (indices) is missing");
    index_type_ = indices.dtype();
    if (index_type_ == GLIMPSE_INT32 || index_type_ == GLIMPSE_INT16) return Ok();
    return Unsupported("output 1 (indices) is ", indices.Describe(), "; it must be int32 or int16");
  }

  // A k below 0 counts as 0.
  Status GetK(const Tensor& k) {
    if (!k.present()) return InvalidNode("input 1 (k) is missing");
    if (k.element_count() != 1) return InvalidNode("input 1 (k) is ", k.Describe(), "; it must have 1 element");
    if (k.dtype() != GLIMPSE_INT32 && k.dtype() != GLIMPSE_INT16) {
      return InvalidNode("input 1 (k) is ", k.Describe(), "; it must be int32 or int16");
    }
    if (!k.is_constant())
      return Unsupported("input 1 (k) '", k.name(), "' is computed at run time; it must be constant");
    const bool wide = k.dtype() == GLIMPSE_INT32;
    if ((wide ? k.constant<int32_t>().size() : k.constant<int16_t>().size()) != 1) {
      return InvalidNode("input 1 (k) is ", k.Describe(), " without content");
    }
    k_ = std::max(wide ? k.constant<int32_t>()[0] : int32_t{k.constant<int16_t>()[0]}, 0);
    return Ok();
  }

  template <typename T>
  Status Compute(const sdk::InvokeContext& context) const {
    int32_t* const order = order_.in(context).data();
    if (index_type_ == GLIMPSE_INT32) {
      kernels::TopKRef(rows_, length_, k_, context.input<T>(0), order, context.output<T>(0),
                       context.output<int32_t>(1));
    } else {
      kernels::TopKRef(rows_, length_, k_, context.input<T>(0), order, context.output<T>(0),
                       context.output<int16_t>(1));
    }
    return Ok();
  }

  glimpse_dtype type_ = GLIMPSE_INT8;
  glimpse_dtype index_type_ = GLIMPSE_INT32;
  int64_t rows_ = 1;
  int32_t length_ = 0;
  int32_t k_ = 0;
  sdk::Scratch<int32_t> order_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeTopK() { return std::make_unique<TopKOp>(); }

}  // namespace glimpse::ops
