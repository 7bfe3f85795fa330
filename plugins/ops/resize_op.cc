// SPDX-License-Identifier: Apache-2.0
// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR.
#include <vector>

#include "kernels/resize/resize.h"
#include "plugins/ops/ops.h"
#include "plugins/ops/typed_checks.h"

namespace glimpse::ops {
namespace {

class ResizeOp : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) final {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    type_ = input.dtype();
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    if (type_ != GLIMPSE_FLOAT32 && !IsQuantizedType(type_)) {
      return Unsupported("input 0 is ", input.Describe(), "; float32, int8, uint8 and int16 are resized");
    }
    GLIMPSE_SDK_TRY(GetProfile(context, &profile_));
    if (type_ == GLIMPSE_UINT8) GLIMPSE_SDK_TRY(RefuseForMicro(profile_, "uint8"));
    GLIMPSE_SDK_TRY(RequireRank(input, "input 0", 4, 4));
    GLIMPSE_SDK_TRY(RequireElements(input, "input 0"));
    GLIMPSE_SDK_TRY(SetParams(context));
    GLIMPSE_SDK_TRY(Check());
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, p_.depth};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    return context.ReportWork(
        0, SaturatedProduct({static_cast<uint64_t>(p_.batches), static_cast<uint64_t>(p_.height.output),
                             static_cast<uint64_t>(p_.width.output), static_cast<uint64_t>(p_.depth) + 4}));
  }

 protected:
  // Whether this operator serves the parameters.
  virtual Status Check() = 0;

  glimpse_dtype type_ = GLIMPSE_INT8;
  kernels::Profile profile_ = kernels::Profile::kLitertReference;
  kernels::ResizeParams p_;

 private:
  Status SetParams(const PrepareContext& context) {
    const Tensor input = context.input(0);
    const Tensor size = context.input(1);
    glimpse_resize_options options;
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(RequireType(size, "input 1 (size)", GLIMPSE_INT32));
    std::vector<int64_t> sizes;
    GLIMPSE_SDK_TRY(GetIndices(size, "input 1 (size)", &sizes));
    if (size.rank() != 1 || sizes.size() != 2) {
      return InvalidNode("input 1 (size) is ", size.Describe(), "; it must be height and width");
    }
    if (sizes[0] < 1 || sizes[1] < 1) return InvalidNode("size is ", sizes[0], " x ", sizes[1]);
    for (const int64_t length : {sizes[0], sizes[1], int64_t{input.dim(1)}, int64_t{input.dim(2)}}) {
      if (length > kernels::kMaxResizeSize) {
        return Unsupported("a size of ", length, "; at most ", kernels::kMaxResizeSize, " is served");
      }
    }
    p_ = {input.dim(0),
          {input.dim(1), static_cast<int32_t>(sizes[0])},
          {input.dim(2), static_cast<int32_t>(sizes[1])},
          input.dim(3),
          options.align_corners != 0,
          options.half_pixel_centers != 0};
    return Ok();
  }
};

class ResizeNearestOp final : public ResizeOp {
 public:
  Status Invoke(const sdk::InvokeContext& context) override {
    const size_t pixel_bytes = sdk::DtypeBytes(type_) * static_cast<size_t>(p_.depth);
    kernels::ResizeNearestRef(p_, pixel_bytes, fixed_point_, context.input<void>(0), context.output<void>(0));
    return Ok();
  }

 private:
  Status Check() override {
    fixed_point_ = profile_ == kernels::Profile::kLitertXnnpack && type_ == GLIMPSE_UINT8 && !p_.align_corners &&
                   !p_.half_pixel_centers;
    if (fixed_point_ && (p_.height.input >= 1 << 15 || p_.width.input >= 1 << 15)) {
      return Unsupported("input sizes ", p_.height.input, " x ", p_.width.input, "; they must be below 2^15");
    }
    return Ok();
  }

  bool fixed_point_ = false;
};

class ResizeBilinearOp final : public ResizeOp {
 public:
  Status Invoke(const sdk::InvokeContext& context) override {
    const bool xnnpack = profile_ == kernels::Profile::kLitertXnnpack;
    switch (type_) {
      case GLIMPSE_INT8:
        return Run(context,
                   xnnpack ? kernels::ResizeBilinearXnnpackRef<int8_t> : kernels::ResizeBilinearIntegerRef<int8_t>);
      case GLIMPSE_UINT8:
        return Run(context, xnnpack ? kernels::ResizeBilinearXnnpackRef<uint8_t> : kernels::ResizeBilinearRef<uint8_t>);
      case GLIMPSE_INT16:
        return Run(context, kernels::ResizeBilinearIntegerRef<int16_t>);
      default:
        return Run(context, kernels::ResizeBilinearRef<float>);
    }
  }

 private:
  template <typename T>
  Status Run(const sdk::InvokeContext& context, void (*compute)(const kernels::ResizeParams&, const T*, T*)) const {
    compute(p_, context.input<T>(0), context.output<T>(0));
    return Ok();
  }

  Status Check() override {
    if (p_.half_pixel_centers && p_.align_corners) {
      return InvalidNode("align_corners and half_pixel_centers are both set; only one may be");
    }
    if (type_ == GLIMPSE_INT16) GLIMPSE_SDK_TRY(RefuseForMicro(profile_, "int16"));
    if ((type_ == GLIMPSE_INT8 || type_ == GLIMPSE_INT16) && !kernels::FitsInteger(p_)) {
      return Unsupported("from ", p_.height.input, " x ", p_.width.input, " to ", p_.height.output, " x ",
                         p_.width.output, ": the runtime's rounded scale leads beyond the input");
    }
    return Ok();
  }
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeResizeBilinear() { return std::make_unique<ResizeBilinearOp>(); }
std::unique_ptr<sdk::Kernel> MakeResizeNearestNeighbor() { return std::make_unique<ResizeNearestOp>(); }

}  // namespace glimpse::ops
