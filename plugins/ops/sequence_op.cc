// SPDX-License-Identifier: Apache-2.0
// ONE_HOT, RANGE, REVERSE_SEQUENCE and BROADCAST_ARGS.
#include <algorithm>
#include <cstring>

#include "kernels/one_hot/one_hot.h"
#include "kernels/range/range.h"
#include "kernels/strided_copy/strided_copy.h"
#include "plugins/ops/move_op.h"
#include "plugins/ops/ops.h"

namespace glimpse::ops {
namespace {

Status RequireIndices(const Tensor& tensor, std::string_view what) {
  if (!tensor.present()) return InvalidNode(what, " is missing");
  if (tensor.dtype() != GLIMPSE_INT32 && tensor.dtype() != GLIMPSE_INT64) {
    return Unsupported(what, " is ", tensor.Describe(), "; it must be int32 or int64");
  }
  const std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  return CheckSize(dims, sizeof(int64_t), what);
}

class OneHotOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor indices = context.input(0);
    GLIMPSE_SDK_TRY(RequireIndices(indices, "input 0 (indices)"));
    type_ = indices.dtype();
    const Tensor on = context.input(2);
    const Tensor off = context.input(3);
    GLIMPSE_SDK_TRY(RequireMovable(context, on, context.output(0)));
    GLIMPSE_SDK_TRY(RequireType(off, "input 3 (off)", on.dtype()));
    if (on.element_count() != 1 || off.element_count() != 1) {
      return InvalidNode("input 2 (on) is ", on.Describe(), ", input 3 (off) ", off.Describe(),
                         "; each must have 1 element");
    }
    std::vector<int64_t> depth;
    GLIMPSE_SDK_TRY(GetIndices(context.input(1), "input 1 (depth)", &depth));
    if (depth.size() != 1 || depth[0] < 0) return InvalidNode("input 1 (depth) must be one number, 0 or more");
    const auto options = context.op().options<glimpse_one_hot_options>().value_or(glimpse_one_hot_options{0, -1});
    const auto rank = static_cast<int32_t>(indices.rank());
    if (options.axis < -1 || options.axis > rank) {
      return InvalidNode("builtin_options.axis is ", options.axis, "; it must be -1 to ", rank);
    }
    const int32_t axis = options.axis < 0 ? rank : options.axis;
    p_ = {};
    p_.depth = depth[0];
    p_.element_bytes = sdk::DtypeBytes(on.dtype());
    std::vector<int64_t> dims(indices.dims().begin(), indices.dims().end());
    for (int32_t d = 0; d < rank; ++d) (d < axis ? p_.outer : p_.inner) *= dims[static_cast<size_t>(d)];
    dims.insert(dims.begin() + axis, p_.depth);
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, p_.element_bytes));
    return context.ReportWork(0, static_cast<uint64_t>(p_.outer * p_.depth * p_.inner));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    const void* on = context.input<void>(2);
    const void* off = context.input<void>(3);
    if (type_ == GLIMPSE_INT32) {
      kernels::OneHotRef(p_, context.input<int32_t>(0), on, off, context.output<void>(0));
    } else {
      kernels::OneHotRef(p_, context.input<int64_t>(0), on, off, context.output<void>(0));
    }
    return Ok();
  }

 private:
  glimpse_dtype type_ = GLIMPSE_INT32;
  kernels::OneHotParams p_;
};

class RangeOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor start = context.input(0);
    if (!start.present()) return InvalidNode("input 0 (start) is missing");
    if (context.numerics() == "tflite-micro") return Unsupported("TFLite Micro lacks this operator");
    type_ = start.dtype();
    for (uint32_t i = 0; i < 3; ++i) {
      const Tensor tensor = context.input(i);
      GLIMPSE_SDK_TRY(RequireType(tensor, sdk::Text("input ", i), type_));
      if (tensor.rank() != 0) return InvalidNode("input ", i, " is ", tensor.Describe(), "; it must be a scalar");
      if (!tensor.is_constant()) return Unsupported("input ", i, " is computed at run time; it must be constant");
    }
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    switch (type_) {
      case GLIMPSE_INT32:
        return Count<int32_t>(context);
      case GLIMPSE_INT64:
        return Count<int64_t>(context);
      case GLIMPSE_FLOAT32:
        return Count<float>(context);
      default:
        return Unsupported("input 0 is ", start.Describe(), "; it must be int32, int64 or float32");
    }
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    if (type_ == GLIMPSE_INT32) Write<int32_t>(context);
    if (type_ == GLIMPSE_INT64) Write<int64_t>(context);
    if (type_ == GLIMPSE_FLOAT32) Write<float>(context);
    return Ok();
  }

 private:
  template <typename T>
  Status Count(PrepareContext& context) {
    T values[3];
    for (uint32_t i = 0; i < 3; ++i) {
      const auto content = context.input(i).constant<T>();
      if (content.size() != 1) return InvalidNode("input ", i, " has ", content.size(), " elements of content");
      values[i] = content[0];
    }
    const auto count = kernels::RangeCount<T>(values[0], values[1], values[2]);
    if (!count) {
      return InvalidNode("a range from ", values[0], " to ", values[1], " in steps of ", values[2], " is not possible");
    }
    count_ = *count;
    const int64_t dims[] = {count_};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sizeof(T)));
    return context.ReportWork(0, static_cast<uint64_t>(count_));
  }

  template <typename T>
  void Write(const sdk::InvokeContext& context) const {
    kernels::RangeRef(*context.input<T>(0), *context.input<T>(2), count_, context.output<T>(0));
  }

  glimpse_dtype type_ = GLIMPSE_INT32;
  int32_t count_ = 0;
};

class ReverseSequenceOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    const Tensor input = context.input(0);
    const Tensor lengths = context.input(1);
    GLIMPSE_SDK_TRY(RequireMovable(context, input, context.output(0)));
    GLIMPSE_SDK_TRY(RequireIndices(lengths, "input 1 (lengths)"));
    type_ = lengths.dtype();
    glimpse_reverse_sequence_options options{};
    GLIMPSE_SDK_TRY(GetOptions(context, &options));
    const auto rank = static_cast<int32_t>(input.rank());
    const int32_t sequence = options.sequence_axis;
    const int32_t batch = options.batch_axis;
    if (sequence < 0 || sequence >= rank || batch < 0 || batch >= rank || sequence == batch) {
      return InvalidNode("builtin_options have axes ", sequence, " and ", batch, "; they must be two of 0 to ",
                         rank - 1);
    }
    batches_ = input.dim(static_cast<uint32_t>(batch));
    steps_ = input.dim(static_cast<uint32_t>(sequence));
    if (lengths.rank() != 1 || lengths.dim(0) != batches_) {
      return InvalidNode("input 1 (lengths) is ", lengths.Describe(), "; its shape must be [", batches_, "]");
    }
    p_ = {};
    p_.element_bytes = sdk::DtypeBytes(input.dtype());
    auto stride = static_cast<int64_t>(p_.element_bytes);
    p_.Add(0, 0, 0);  // the sequence
    for (int32_t d = rank - 1; d >= 0; --d) {
      const int32_t dim = input.dim(static_cast<uint32_t>(d));
      if (d == batch) batch_stride_ = stride;
      if (d == sequence) p_.output_stride[0] = stride;
      if (d != batch && d != sequence) p_.Add(dim, stride, stride);
      stride *= dim;
    }
    const std::vector<int64_t> dims(input.dims().begin(), input.dims().end());
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, p_.element_bytes));
    return context.ReportWork(0, static_cast<uint64_t>(input.element_count()));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    for (int32_t b = 0; b < batches_; ++b) {
      const int64_t length =
          type_ == GLIMPSE_INT32 ? int64_t{context.input<int32_t>(1)[b]} : context.input<int64_t>(1)[b];
      if (length < 0 || length > steps_) {
        return InvalidNode("input 1 (lengths) has ", length, "; it must be 0 to ", steps_);
      }
      const char* from = context.input<char>(0) + b * batch_stride_;
      char* to = context.output<char>(0) + b * batch_stride_;
      const int64_t step = p_.output_stride[0];
      kernels::StridedCopyParams p = p_;
      p.count[0] = static_cast<int32_t>(length);
      p.input_stride[0] = -step;
      if (length > 0) kernels::StridedCopyRef(p, from + (length - 1) * step, to);
      p.count[0] = static_cast<int32_t>(steps_ - length);
      p.input_stride[0] = step;
      if (length < steps_) kernels::StridedCopyRef(p, from + length * step, to + length * step);
    }
    return Ok();
  }

 private:
  glimpse_dtype type_ = GLIMPSE_INT32;
  int32_t batches_ = 0;
  int64_t steps_ = 0;
  int64_t batch_stride_ = 0;  // bytes
  kernels::StridedCopyParams p_;
};

class BroadcastArgsOp final : public sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    for (uint32_t i = 0; i < 2; ++i) {
      const std::string what = sdk::Text("input ", i);
      GLIMPSE_SDK_TRY(RequireIndices(context.input(i), what));
      GLIMPSE_SDK_TRY(RequireType(context.input(i), what, context.input(0).dtype()));
      GLIMPSE_SDK_TRY(RequireRank(context.input(i), what, 1, 1));
      count_[i] = context.input(i).dim(0);
    }
    type_ = context.input(0).dtype();
    GLIMPSE_SDK_TRY(RequireType(context.output(0), "output 0", type_));
    const int64_t dims[] = {std::max(count_[0], count_[1])};
    GLIMPSE_SDK_TRY(SetShape(context, 0, dims, sdk::DtypeBytes(type_)));
    return context.ReportWork(0, static_cast<uint64_t>(dims[0]));
  }

  Status Invoke(const sdk::InvokeContext& context) override {
    return type_ == GLIMPSE_INT32 ? Merge<int32_t>(context) : Merge<int64_t>(context);
  }

 private:
  // Lists are aligned at their ends; what is missing counts as 1.
  template <typename T>
  Status Merge(const sdk::InvokeContext& context) const {
    const int32_t count = std::max(count_[0], count_[1]);
    for (int32_t d = 0; d < count; ++d) {
      T pair[2];
      for (uint32_t i = 0; i < 2; ++i) {
        const int32_t at = d - (count - count_[i]);
        pair[i] = at < 0 ? T{1} : context.input<T>(i)[at];
      }
      if (pair[0] != pair[1] && pair[0] != 1 && pair[1] != 1) {
        return InvalidNode("dimensions of ", pair[0], " and ", pair[1], " cannot be broadcast");
      }
      context.output<T>(0)[d] = pair[0] == 1 ? pair[1] : pair[0];
    }
    return Ok();
  }

  glimpse_dtype type_ = GLIMPSE_INT32;
  int32_t count_[2] = {};
};

}  // namespace

std::unique_ptr<sdk::Kernel> MakeOneHot() { return std::make_unique<OneHotOp>(); }
std::unique_ptr<sdk::Kernel> MakeRange() { return std::make_unique<RangeOp>(); }
std::unique_ptr<sdk::Kernel> MakeReverseSequence() { return std::make_unique<ReverseSequenceOp>(); }
std::unique_ptr<sdk::Kernel> MakeBroadcastArgs() { return std::make_unique<BroadcastArgsOp>(); }

}  // namespace glimpse::ops
