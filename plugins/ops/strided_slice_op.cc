// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/strided_slice/strided_slice.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

// The sparse specification: one entry for each element of begin, end and strides.
struct Specification {
  glimpse_strided_slice_options options{};
  std::vector<int64_t> begin, end, strides;

  static bool Bit(uint32_t mask, size_t i) { return ((mask >> i) & 1u) != 0; }
  bool NewAxis(size_t i) const { return !Ellipsis(i) && Bit(options.new_axis_mask, i); }
  bool Ellipsis(size_t i) const { return Bit(options.ellipsis_mask, i); }
};

class StridedSliceOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    if (!input.present()) return InvalidNode("input 0 is missing");
    GLIMPSE_SDK_TRY(RequireMovable(context, input, context.output(0)));
    p_ = {};
    p_.element_bytes = sdk::DtypeBytes(input.dtype());
    Specification s;
    GLIMPSE_SDK_TRY(GetSpecification(context, &s));
    // TFLite Micro ignores these masks and picks other elements: there is nothing to be equal to.
    if (context.numerics() == "tflite-micro" && (s.options.ellipsis_mask | s.options.new_axis_mask) != 0) {
      return Unsupported("TFLite Micro implements neither ellipsis_mask nor new_axis_mask");
    }
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(Resolve(input, s, &dims));
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, p_.element_bytes));
    uint64_t count = 1;
    for (const int64_t dim : dims) count *= static_cast<uint64_t>(dim);
    // The delegate takes an end of 0 for the whole dimension, so its output has another shape.
    if (count == 0 && context.numerics() == "litert-xnnpack" && input.element_count() != 0) {
      return Unsupported("LiteRT's XNNPACK delegate has no defined result for a slice without elements");
    }
    return context.ReportWork(0, count);
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    kernels::StridedSliceRef(p_, context.input<void>(0), context.output<void>(0));
    return Ok();
  }

 private:
  static Status GetSpecification(const PrepareContext& context, Specification* s) {
    GLIMPSE_SDK_TRY(GetOptions(context, &s->options));
    std::vector<int64_t>* const lists[] = {&s->begin, &s->end, &s->strides};
    constexpr std::string_view kNames[] = {"input 1 (begin)", "input 2 (end)", "input 3 (strides)"};
    for (uint32_t i = 0; i < 3; ++i) {
      GLIMPSE_SDK_TRY(GetIndices(context.input(i + 1), kNames[i], lists[i]));
      GLIMPSE_SDK_TRY(RequireRank(context.input(i + 1), kNames[i], 1, 1));
      if (lists[i]->size() != s->begin.size()) {
        return InvalidNode(kNames[i], " has ", lists[i]->size(), " elements, begin has ", s->begin.size());
      }
    }
    if (s->begin.size() > 2 * GLIMPSE_MAX_RANK)
      return InvalidNode("input 1 (begin) has ", s->begin.size(), " elements");
    return Ok();
  }

  // Walks over the specification; an ellipsis, or its end, stands for the dimensions that nothing else names.
  Status Resolve(const Tensor& input, const Specification& s, std::vector<int64_t>* dims) {
    size_t named = 0;
    size_t ellipses = 0;
    for (size_t i = 0; i < s.begin.size(); ++i) {
      if (s.Ellipsis(i)) ++ellipses;
      if (!s.Ellipsis(i) && !s.NewAxis(i)) ++named;
    }
    if (ellipses > 1) return InvalidNode("builtin_options.ellipsis_mask has more than one bit set");
    if (named > input.rank()) {
      return InvalidNode("begin names ", named, " dimensions, input 0 is ", input.Describe());
    }
    const size_t unnamed = input.rank() - named;
    for (size_t i = 0; i < s.begin.size(); ++i) {
      if (s.Ellipsis(i)) {
        for (size_t k = 0; k < unnamed; ++k) TakeAll(input, dims);
      } else if (s.NewAxis(i)) {
        dims->push_back(1);
      } else {
        GLIMPSE_SDK_TRY(TakeSome(input, s, i, dims));
      }
    }
    while (p_.rank < static_cast<int>(input.rank())) TakeAll(input, dims);
    return Ok();
  }

  void TakeAll(const Tensor& input, std::vector<int64_t>* dims) {
    const auto k = static_cast<size_t>(p_.rank++);
    p_.dims[k] = p_.count[k] = input.dim(static_cast<uint32_t>(k));
    p_.stride[k] = 1;
    dims->push_back(p_.count[k]);
  }

  // Entry `i` of the specification for the input's next dimension.
  Status TakeSome(const Tensor& input, const Specification& s, size_t i, std::vector<int64_t>* dims) {
    const auto k = static_cast<size_t>(p_.rank++);
    const int64_t size = input.dim(static_cast<uint32_t>(k));
    const int64_t stride = s.strides[i];
    if (stride == 0 || stride > INT32_MAX || stride < -INT32_MAX) {
      return InvalidNode("input 3 (strides) has ", stride, " at ", i, "; it must not be 0");
    }
    const bool shrink = Specification::Bit(s.options.shrink_axis_mask, i);
    const auto from_end = [size](int64_t at) { return at < 0 ? at + size : at; };
    // Where a slice may begin and end, walking forwards or backwards.
    const int64_t low = stride > 0 ? 0 : -1;
    const int64_t high = stride > 0 ? size : size - 1;
    int64_t begin = from_end(s.begin[i]);
    int64_t end = from_end(s.end[i]);
    if (s.options.offset != 0) end = begin + s.end[i];
    if (shrink) {
      if (stride < 0 || begin < 0 || begin >= size) {
        return InvalidNode("begin ", s.begin[i], " with stride ", stride, " picks nothing of dimension ", k, " of ",
                           input.Describe());
      }
      end = begin + 1;
    } else {
      begin = std::clamp(begin, low, high);
      end = std::clamp(end, low, high);
      if (Specification::Bit(s.options.begin_mask, i)) begin = stride > 0 ? 0 : size - 1;
      if (Specification::Bit(s.options.end_mask, i)) end = stride > 0 ? size : -1;
    }
    const int64_t span = stride > 0 ? end - begin : begin - end;
    const int64_t distance = stride > 0 ? stride : -stride;
    p_.dims[k] = static_cast<int32_t>(size);
    p_.begin[k] = static_cast<int32_t>(begin);
    p_.stride[k] = static_cast<int32_t>(stride);
    p_.count[k] = shrink ? 1 : static_cast<int32_t>(std::max<int64_t>(0, (span + distance - 1) / distance));
    if (!shrink) dims->push_back(p_.count[k]);
    return Ok();
  }

  kernels::StridedSliceParams p_;
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeStridedSlice() { return std::make_unique<StridedSliceOp>(); }

}  // namespace glimpse::ops
