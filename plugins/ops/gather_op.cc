// SPDX-License-Identifier: Apache-2.0
// GATHER, GATHER_ND and SCATTER_ND: slices by indices that are known at run time only.
#include "kernels/boolean.h"
#include "kernels/gather/gather.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

Status RequireIndexType(const Tensor& tensor, bool narrow_too) {
  if (!tensor.present()) return InvalidNode("input 1 (indices) is missing");
  const glimpse_dtype type = tensor.dtype();
  if (type == GLIMPSE_INT32 || type == GLIMPSE_INT64 || (narrow_too && type == GLIMPSE_INT16)) {
    const std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
    return CheckSize(dims, sizeof(int64_t), "input 1 (indices)");
  }
  return Unsupported("input 1 (indices) is ", tensor.Describe(), "; it must be int32 or int64");
}

// What `call` answers for a value of the indices' C++ type.
template <typename Call>
bool WithIndexType(glimpse_dtype type, Call call) {
  if (type == GLIMPSE_INT16) return call(int16_t{});
  return type == GLIMPSE_INT32 ? call(int32_t{}) : call(int64_t{});
}

Status OutOfRange() { return InvalidNode("input 1 (indices) has an index outside of its dimension"); }

class GatherOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    const Tensor indices = context.input(1);
    GLIMPSE_SDK_TRY(RequireMovable(context, input, context.output(0)));
    GLIMPSE_SDK_TRY(RequireIndexType(indices, true));
    index_type_ = indices.dtype();
    const auto options = context.op().options<glimpse_gather_options>().value_or(glimpse_gather_options{});
    uint32_t axis = 0;
    uint32_t batch = 0;
    GLIMPSE_SDK_TRY(NormaliseAxis(options.axis, input.rank(), "builtin_options.axis", &axis));
    if (options.batch_dims != 0) {
      GLIMPSE_SDK_TRY(NormaliseAxis(options.batch_dims, indices.rank() + 1, "builtin_options.batch_dims", &batch));
      if (options.batch_dims < 0) batch -= 1;  // counted from the end of the indices
    }
    if (batch > axis)
      return InvalidNode("builtin_options.batch_dims is ", batch, "; it must be at most the axis ", axis);
    p_ = {};
    p_.slice_bytes = sdk::DtypeBytes(input.dtype());
    std::vector<int64_t> dims;
    for (uint32_t d = 0; d < batch; ++d) {
      if (input.dim(d) != indices.dim(d)) {
        return InvalidNode("input 0 is ", input.Describe(), ", input 1 (indices) ", indices.Describe(),
                           "; their first ", batch, " dimensions must be equal");
      }
      p_.batches *= input.dim(d);
    }
    for (uint32_t d = 0; d < axis; ++d) {
      if (d >= batch) p_.outer *= input.dim(d);
      dims.push_back(input.dim(d));
    }
    p_.axis = input.dim(axis);
    for (uint32_t d = batch; d < indices.rank(); ++d) {
      p_.indices *= indices.dim(d);
      dims.push_back(indices.dim(d));
    }
    for (uint32_t d = axis + 1; d < input.rank(); ++d) {
      p_.slice_bytes *= static_cast<size_t>(input.dim(d));
      dims.push_back(input.dim(d));
    }
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(input.dtype())));
    uint64_t count = 1;
    for (const int64_t dim : dims) count *= static_cast<uint64_t>(dim);
    return context.ReportWork(0, count);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const void* input = context.input<void>(0);
    void* output = context.output<void>(0);
    const bool inside = WithIndexType(index_type_, [&](auto type) {
      return kernels::GatherRef(p_, input, context.input<decltype(type)>(1), output);
    });
    return inside ? Ok() : OutOfRange();
  }

 private:
  kernels::GatherParams p_;
  glimpse_dtype index_type_ = GLIMPSE_INT32;
};

// The slices that indices of `depth` numbers name in a tensor of these dimensions.
Status SetSlices(std::span<const int64_t> dims, const Tensor& indices, size_t element_bytes,
                 kernels::GatherNdParams* p) {
  if (indices.rank() < 1)
    return InvalidNode("input 1 (indices) is ", indices.Describe(), "; its rank must be 1 or more");
  *p = {};
  p->depth = indices.dim(indices.rank() - 1);
  if (p->depth > static_cast<int>(dims.size()) || p->depth > kernels::kMaxGatherRank) {
    return InvalidNode("input 1 (indices) is ", indices.Describe(), "; its last dimension must be at most the rank ",
                       dims.size());
  }
  p->count = 1;
  for (uint32_t d = 0; d + 1 < indices.rank(); ++d) p->count *= indices.dim(d);
  auto bytes = static_cast<int64_t>(element_bytes);
  for (size_t d = dims.size(); d-- > 0;) {
    if (static_cast<int>(d) < p->depth) {
      p->dims[d] = static_cast<int32_t>(dims[d]);
      p->step[d] = bytes;
    }
    bytes *= dims[d];
    if (static_cast<int>(d) == p->depth) p->slice_bytes = static_cast<size_t>(bytes);
  }
  if (p->depth == static_cast<int>(dims.size())) p->slice_bytes = element_bytes;
  return Ok();
}

class GatherNdOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    const Tensor indices = context.input(1);
    GLIMPSE_SDK_TRY(RequireMovable(context, input, context.output(0)));
    GLIMPSE_SDK_TRY(RequireIndexType(indices, true));
    index_type_ = indices.dtype();
    if (input.rank() < 1) return InvalidNode("input 0 is ", input.Describe(), "; its rank must be 1 or more");
    const std::vector<int64_t> from(input.dims().begin(), input.dims().end());
    GLIMPSE_SDK_TRY(SetSlices(from, indices, sdk::DtypeBytes(input.dtype()), &p_));
    std::vector<int64_t> dims(indices.dims().begin(), indices.dims().end() - 1);
    dims.insert(dims.end(), from.begin() + p_.depth, from.end());
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(input.dtype())));
    return context.ReportWork(0, static_cast<uint64_t>(p_.count) * (p_.slice_bytes + 1));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const void* input = context.input<void>(0);
    void* output = context.output<void>(0);
    const bool inside = WithIndexType(index_type_, [&](auto type) {
      return kernels::GatherNdRef(p_, input, context.input<decltype(type)>(1), output);
    });
    return inside ? Ok() : OutOfRange();
  }

 private:
  kernels::GatherNdParams p_;
  glimpse_dtype index_type_ = GLIMPSE_INT32;
};

bool Scatters(glimpse_dtype type) {
  return type == GLIMPSE_FLOAT32 || type == GLIMPSE_INT8 || type == GLIMPSE_UINT8 || type == GLIMPSE_INT32 ||
         type == GLIMPSE_INT64 || type == GLIMPSE_BOOL;
}

class ScatterNdOp final : public MoveOp {
  Status Check(const PrepareContext& context) override {
    GLIMPSE_SDK_TRY(RequireType(context.input(0), "input 0 (indices)", GLIMPSE_INT32));
    GLIMPSE_SDK_TRY(TakeInput(context, 1));
    type_ = context.input(1).dtype();
    const auto indices = context.input(0).dims();
    index_dims_.assign(indices.begin(), indices.end());
    const std::vector<int64_t> size(indices.begin(), indices.end());
    GLIMPSE_SDK_TRY(CheckSize(size, sizeof(int64_t), "input 0 (indices)"));
    if (!Scatters(type_)) return Unsupported("updates of type ", sdk::DtypeName(type_), " are not scattered");
    if (index_dims_.empty()) return InvalidNode("input 0 (indices) is a scalar; its rank must be 1 or more");
    return TakeArgument(context, 2, "input 2 (shape)");
  }

  Status Plan(std::vector<int64_t>* output_dims) override {
    output_dims->assign(argument(0).values().begin(), argument(0).values().end());
    GLIMPSE_SDK_TRY(CheckSize(*output_dims, element_bytes_, "the output"));
    // A view of the indices that outlives Prepare: only its dimensions count.
    glimpse_tensor view{};
    view.rank = static_cast<uint32_t>(index_dims_.size());
    view.dims = index_dims_.data();
    view.dtype = GLIMPSE_INT32;
    GLIMPSE_SDK_TRY(SetSlices(*output_dims, Tensor(&view), element_bytes_, &p_));
    std::vector<int64_t> wanted(index_dims_.begin(), index_dims_.end() - 1);
    wanted.insert(wanted.end(), output_dims->begin() + p_.depth, output_dims->end());
    if (wanted == dims_) return Ok();
    return InvalidNode("input 1 (updates) has not the shape that the indices and the output's shape ask for");
  }

  Status Move(const sdk::InvokeContext& context, void* output) override {
    switch (type_) {
      case GLIMPSE_FLOAT32:
        return Scatter<float>(context, output);
      case GLIMPSE_INT8:
        return Scatter<int8_t>(context, output);
      case GLIMPSE_UINT8:
        return Scatter<uint8_t>(context, output);
      case GLIMPSE_INT32:
        return Scatter<int32_t>(context, output);
      case GLIMPSE_INT64:
        return Scatter<int64_t>(context, output);
      default:  // the last of those that Check lets pass
        return Scatter<kernels::Boolean>(context, output);
    }
  }

  template <typename T>
  Status Scatter(const sdk::InvokeContext& context, void* output) {
    const bool inside = kernels::ScatterNdRef(p_, output_bytes_, context.input<int32_t>(0), context.input<T>(1),
                                              static_cast<T*>(output));
    return inside ? Ok() : InvalidNode("input 0 (indices) has an index outside of the output");
  }

  glimpse_dtype type_ = GLIMPSE_FLOAT32;
  std::vector<int32_t> index_dims_;
  kernels::GatherNdParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeGather() { return std::make_unique<GatherOp>(); }
std::unique_ptr<sdk::Kernel> MakeGatherNd() { return std::make_unique<GatherNdOp>(); }
std::unique_ptr<sdk::Kernel> MakeScatterNd() { return std::make_unique<ScatterNdOp>(); }

}  // namespace glimpse::ops
