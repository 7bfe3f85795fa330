// SPDX-License-Identifier: Apache-2.0
// RESHAPE and SHAPE.
#include <cstring>
#include <vector>

#include "plugins/ops/checks.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

class ReshapeOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", input.dtype()));
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(WantedShape(context, &dims));
    GLIMPSE_SDK_TRY(Resolve(input, &dims));
    bytes_ = input.size_bytes();
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, std::max<size_t>(sdk::DtypeBytes(input.dtype()), 1)));
    GLIMPSE_SDK_TRY(context.AllowAlias(0, 0));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const void* input = context.input<void>(0);
    void* output = context.output<void>(0);
    if (bytes_ != 0 && input != output) std::memcpy(output, input, bytes_);
    return Ok();
  }

 private:
  // The shape tensor goes before the option. A shape tensor that is no vector is ignored, as the runtimes do.
  static Status WantedShape(const PrepareContext& context, std::vector<int64_t>* dims) {
    const Tensor shape = context.input(1);
    const auto options = context.op().options<glimpse_reshape_options>();
    const bool has_option = options && options->has_new_shape != 0;
    if (shape.present() && (shape.rank() == 1 || !has_option)) {
      if (shape.dtype() != GLIMPSE_INT32)
        return InvalidNode("input 1 (shape) is ", shape.Describe(), "; it must be int32");
      GLIMPSE_SDK_TRY(RequireRank(shape, "input 1 (shape)", 1, 1));
      return GetIndices(shape, "input 1 (shape)", dims);
    }
    if (!has_option) return InvalidNode("neither input 1 (shape) nor builtin_options.new_shape is given");
    if (options->new_rank > GLIMPSE_MAX_RANK) return InvalidNode("builtin_options.new_shape has too many dimensions");
    dims->assign(options->new_shape, options->new_shape + options->new_rank);
    // Old converters wrote a scalar's shape as [0].
    if (dims->size() == 1 && dims->front() == 0) dims->clear();
    return Ok();
  }

  // Replaces the one -1 by what is left of the elements.
  static Status Resolve(const Tensor& input, std::vector<int64_t>* dims) {
    const int64_t elements = input.element_count();
    int64_t* open = nullptr;
    int64_t known = 1;
    for (int64_t& dim : *dims) {
      if (dim < -1) return InvalidNode("the new shape has a dimension of ", dim);
      if (dim == -1) {
        if (open != nullptr) return InvalidNode("the new shape has more than one -1");
        open = &dim;
      } else if (dim != 0 && known > INT64_MAX / dim) {
        return InvalidNode("the new shape has more elements than input 0, ", input.Describe());
      } else {
        known *= dim;
      }
    }
    if (open != nullptr) {
      if (known == 0 || elements % known != 0) {
        return InvalidNode("input 0 is ", input.Describe(), "; its elements cannot be divided by the new shape's ",
                           known);
      }
      *open = elements / known;
      known = elements;
    }
    if (known == elements) return Ok();
    return InvalidNode("input 0 is ", input.Describe(), " with ", elements, " elements, the new shape has ", known);
  }

  size_t bytes_ = 0;
};

class ShapeOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    const auto options = context.op().options<glimpse_shape_options>();
    type_ = options ? options->out_type : static_cast<glimpse_dtype>(GLIMPSE_INT32);
    if (type_ != GLIMPSE_INT32 && type_ != GLIMPSE_INT64) {
      return InvalidNode("builtin_options.out_type is ", sdk::DtypeName(type_), "; it must be int32 or int64");
    }
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    GLIMPSE_SDK_TRY(dims_.Allocate(context, input.rank()));
    for (uint32_t d = 0; d < input.rank(); ++d) dims_[d] = input.dim(d);
    const int64_t shape[] = {input.rank()};
    GLIMPSE_SDK_TRY(SetShape(context, 0, shape, sizeof(int64_t)));
    return context.ReportWork(0, input.rank());
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    for (size_t d = 0; d < dims_.size(); ++d) {
      if (type_ == GLIMPSE_INT32) {
        context.output<int32_t>(0)[d] = dims_[d];
      } else {
        context.output<int64_t>(0)[d] = dims_[d];
      }
    }
    return Ok();
  }

 private:
  glimpse_dtype type_ = GLIMPSE_INT32;
  sdk::Persistent<int32_t> dims_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeReshape() { return std::make_unique<ReshapeOp>(); }
std::unique_ptr<sdk::Kernel> MakeShape() { return std::make_unique<ShapeOp>(); }

}  // namespace glimpse::ops
