// SPDX-License-Identifier: Apache-2.0
// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR.
#include <algorithm>
#include <iterator>
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
    is_constant_ = context.input(1).is_constant();
    if (!is_constant_) {
      GLIMPSE_SDK_TRY(RefuseForMicro(profile_, "a size that is computed at run time"));
      GLIMPSE_SDK_TRY(CheckDynamic());
      GLIMPSE_SDK_TRY(context.SetDynamicOutput(0));
      return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
    }
    std::vector<int64_t> sizes;
    GLIMPSE_SDK_TRY(GetIndices(context.input(1), "input 1 (size)", &sizes));
    GLIMPSE_SDK_TRY(SetSize(sizes[0], sizes[1]));
    const int64_t dims[] = {p_.batches, p_.height.output, p_.width.output, p_.depth};
    GLIMPSE_SDK_TRY(
        CheckClaim(context.output(0), std::equal(std::begin(dims), std::end(dims), context.output(0).dims().begin(),
                                                 context.output(0).dims().end())));
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    return context.ReportWork(
        0, SaturatedProduct({static_cast<uint64_t>(p_.batches), static_cast<uint64_t>(p_.height.output),
                             static_cast<uint64_t>(p_.width.output), static_cast<uint64_t>(p_.depth) + 4}));
  }

 protected:
  // Whether this operator serves the parameters.
  virtual Status Check() = 0;
  // Whether it serves them with a size that is not constant.
  virtual Status CheckDynamic() { return Ok(); }
  // Whether it serves an output of which the file claims this shape, true or not.
  virtual Status CheckClaim(const Tensor& output, bool is_true) {
    static_cast<void>(output);
    static_cast<void>(is_true);
    return Ok();
  }

  // The output's memory, whose shape a size that is computed gives only now.
  Status GetOutput(const sdk::InvokeContext& context, void** output) {
    *output = context.output<void>(0);
    if (is_constant_) return Ok();
    const auto* size = context.input<int32_t>(1);
    GLIMPSE_SDK_TRY(SetSize(size[0], size[1]));
    const int32_t dims[] = {p_.batches, p_.height.output, p_.width.output, p_.depth};
    return context.ResizeOutput(0, dims, output);
  }

  glimpse_dtype type_ = GLIMPSE_INT8;
  kernels::Profile profile_ = kernels::Profile::kLitertReference;
  kernels::ResizeParams p_;

 private:
  Status SetParams(const PrepareContext& context) {
    const Tensor input = context.input(0);
    const Tensor size = context.input(1);
    glimpse_resize_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    GLIMPSE_SDK_TRY(RequireType(size, "input 1 (size)", GLIMPSE_INT32));
    if (size.rank() != 1 || size.dim(0) != 2) {
      return InvalidNode("input 1 (size) is ", size.Describe(), "; it must be height and width");
    }
    p_ = {input.dim(0), {input.dim(1), 1},          {input.dim(2), 1},
          input.dim(3), options.align_corners != 0, options.half_pixel_centers != 0};
    return Ok();
  }

  Status SetSize(int64_t height, int64_t width) {
    if (height < 1 || width < 1) return InvalidNode("size is ", height, " x ", width, "; both must be at least 1");
    for (const int64_t length : {height, width, int64_t{p_.height.input}, int64_t{p_.width.input}}) {
      if (length > kernels::kMaxResizeSize) {
        return Unsupported("a size of ", length, "; at most ", kernels::kMaxResizeSize, " is served");
      }
    }
    p_.height.output = static_cast<int32_t>(height);
    p_.width.output = static_cast<int32_t>(width);
    return Check();
  }

  bool is_constant_ = true;  // the size
};

class ResizeNearestOp final : public ResizeOp {
 public:
  Status Invoke(const sdk::InvokeContext& context) override {
    void* output = nullptr;
    GLIMPSE_SDK_TRY(GetOutput(context, &output));
    const size_t pixel_bytes = sdk::DtypeBytes(type_) * static_cast<size_t>(p_.depth);
    kernels::ResizeNearestRef(p_, pixel_bytes, fixed_point_, context.input<void>(0), output);
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
  Status Run(const sdk::InvokeContext& context, void (*compute)(const kernels::ResizeParams&, const T*, T*)) {
    void* output = nullptr;
    GLIMPSE_SDK_TRY(GetOutput(context, &output));
    compute(p_, context.input<T>(0), static_cast<T*>(output));
    return Ok();
  }

  // XNNPACK takes 8 bits only when the file knows the output's shape.
  Status CheckClaim(const Tensor& output, bool is_true) override {
    if (is_true || profile_ != kernels::Profile::kLitertXnnpack) return Ok();
    if (type_ == GLIMPSE_FLOAT32 || type_ == GLIMPSE_INT16) return Ok();
    return Unsupported("output 0 is ", output.Describe(), " in the file, which is not the size that input 1 asks for; ",
                       "LiteRT's built-in kernel for 8 bits is not reproduced");
  }

  Status CheckDynamic() override {
    if (profile_ != kernels::Profile::kLitertXnnpack || type_ == GLIMPSE_FLOAT32 || type_ == GLIMPSE_INT16) return Ok();
    return Unsupported("input 1 (size) is computed at run time: LiteRT's built-in kernel for 8 bits is not reproduced");
  }

  Status Check() override {
    if (p_.half_pixel_centers && p_.align_corners) {
      return InvalidNode("align_corners and half_pixel_centers are both set; only one may be");
    }
    if (type_ == GLIMPSE_INT16) GLIMPSE_SDK_TRY(RefuseForMicro(profile_, "int16"));
    const bool in_fixed_point =
        type_ == GLIMPSE_INT16 || (type_ == GLIMPSE_INT8 && profile_ != kernels::Profile::kLitertXnnpack);
    if (in_fixed_point && !kernels::FitsInteger(p_)) {
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
