// SPDX-License-Identifier: Apache-2.0
// TOPK_V2.
#include <algorithm>
#include <array>
#include <span>
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
    length_ = input.dim(input.rank() - 1);
    rank_ = input.rank();
    rows_ = 1;
    for (uint32_t d = 0; d < rank_; ++d) dims_[d] = input.dim(d);
    for (uint32_t d = 0; d + 1 < rank_; ++d) rows_ *= input.dim(d);
    GLIMPSE_SDK_TRY(PrepareK(context));
    GLIMPSE_SDK_TRY(order_.Request(context, static_cast<size_t>(length_)));
    // Each element may pass through a heap of k.
    uint64_t depth = 1;
    while (depth < 32 && ((is_constant_ ? k_ : length_) >> depth) > 0) ++depth;
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

  // A constant k gives the outputs' shapes now, any other in each invoke.
  Status PrepareK(PrepareContext& context) {
    const Tensor k = context.input(1);
    if (!k.present()) return InvalidNode("input 1 (k) is missing");
    if (k.element_count() != 1) return InvalidNode("input 1 (k) is ", k.Describe(), "; it must have 1 element");
    if (k.dtype() != GLIMPSE_INT32 && k.dtype() != GLIMPSE_INT16) {
      return InvalidNode("input 1 (k) is ", k.Describe(), "; it must be int32 or int16");
    }
    k_is_wide_ = k.dtype() == GLIMPSE_INT32;
    is_constant_ = k.is_constant();
    if (!is_constant_) {
      GLIMPSE_SDK_TRY(context.SetDynamicOutput(0));
      return context.SetDynamicOutput(1);
    }
    if ((k_is_wide_ ? k.constant<int32_t>().size() : k.constant<int16_t>().size()) != 1) {
      return InvalidNode("input 1 (k) is ", k.Describe(), " without content");
    }
    GLIMPSE_SDK_TRY(SetK(k_is_wide_ ? k.constant<int32_t>()[0] : int32_t{k.constant<int16_t>()[0]}));
    const std::vector<int64_t> dims(dims_.begin(), dims_.begin() + rank_);
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    return SetShape(context, 1, dims, sdk::DtypeBytes(index_type_));
  }

  // A k below 0 counts as 0.
  Status SetK(int32_t k) {
    if (k > length_) return InvalidNode("k is ", k, ", the rows have ", length_, " elements");
    k_ = std::max(k, 0);
    dims_[rank_ - 1] = k_;
    return Ok();
  }

  template <typename T>
  Status Compute(const sdk::InvokeContext& context) {
    if (index_type_ == GLIMPSE_INT32) return Compute<T, int32_t>(context);
    return Compute<T, int16_t>(context);
  }

  template <typename T, typename Index>
  Status Compute(const sdk::InvokeContext& context) {
    T* values = context.output<T>(0);
    Index* indices = context.output<Index>(1);
    if (!is_constant_) {
      GLIMPSE_SDK_TRY(SetK(k_is_wide_ ? *context.input<int32_t>(1) : int32_t{*context.input<int16_t>(1)}));
      const std::span<const int32_t> dims(dims_.data(), rank_);
      GLIMPSE_SDK_TRY(context.ResizeOutput(0, dims, &values));
      GLIMPSE_SDK_TRY(context.ResizeOutput(1, dims, &indices));
    }
    kernels::TopKRef(rows_, length_, k_, context.input<T>(0), order_.in(context).data(), values, indices);
    return Ok();
  }

  glimpse_dtype type_ = GLIMPSE_INT8;
  glimpse_dtype index_type_ = GLIMPSE_INT32;
  bool is_constant_ = true;  // k
  bool k_is_wide_ = true;    // int32, not int16
  uint32_t rank_ = 1;
  std::array<int32_t, GLIMPSE_MAX_RANK> dims_{};  // of the outputs
  int64_t rows_ = 1;
  int32_t length_ = 0;
  int32_t k_ = 0;
  sdk::Scratch<int32_t> order_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeTopK() { return std::make_unique<TopKOp>(); }

}  // namespace glimpse::ops
