// SPDX-License-Identifier: Apache-2.0
#include "plugins/ops/move_op.h"

#include <algorithm>

namespace glimpse::ops {
namespace {

constexpr int64_t kLargestArgument = 64;  // elements; paddings of the largest rank have 16

}  // namespace

Status IndexArgument::Prepare(const Tensor& tensor, std::string_view what) {
  if (!tensor.present()) return InvalidNode(what, " is missing");
  type_ = tensor.dtype();
  if (type_ != GLIMPSE_INT32 && type_ != GLIMPSE_INT64) {
    return InvalidNode(what, " is ", tensor.Describe(), "; it must be int32 or int64");
  }
  const int64_t count = tensor.element_count();
  if (count > kLargestArgument) return InvalidNode(what, " is ", tensor.Describe(), "; it has too many elements");
  is_constant_ = tensor.is_constant();
  dims_.assign(tensor.dims().begin(), tensor.dims().end());
  values_.assign(static_cast<size_t>(count), 0);
  if (!is_constant_) return Ok();
  std::vector<int64_t> content;
  GLIMPSE_SDK_TRY(GetIndices(tensor, what, &content));
  values_ = std::move(content);
  return Ok();
}

void IndexArgument::Load(const void* content) {
  for (size_t i = 0; i < values_.size(); ++i) {
    values_[i] =
        type_ == GLIMPSE_INT32 ? static_cast<const int32_t*>(content)[i] : static_cast<const int64_t*>(content)[i];
  }
}

Status RequireMovable(const PrepareContext& context, const Tensor& input, const Tensor& output) {
  if (!input.present()) return InvalidNode("the input is missing");
  if (sdk::DtypeBytes(input.dtype()) == 0)
    return Unsupported("the input is ", input.Describe(), "; its type is not moved");
  GLIMPSE_SDK_TRY(RequireServed(context, input));
  const std::vector<int64_t> dims(input.dims().begin(), input.dims().end());
  GLIMPSE_SDK_TRY(CheckSize(dims, sdk::DtypeBytes(input.dtype()), "the input"));
  return RequireType(output, "the output", input.dtype());
}

Status MoveOp::TakeInput(const PrepareContext& context, uint32_t input) {
  const Tensor tensor = context.input(input);
  GLIMPSE_SDK_TRY(RequireMovable(context, tensor, context.output(0)));
  dims_.assign(tensor.dims().begin(), tensor.dims().end());
  element_bytes_ = sdk::DtypeBytes(tensor.dtype());
  return Ok();
}

Status MoveOp::TakeArgument(const PrepareContext& context, uint32_t input, std::string_view what) {
  IndexArgument list;
  GLIMPSE_SDK_TRY(list.Prepare(context.input(input), what));
  arguments_.push_back({input, std::move(list)});
  return Ok();
}

int64_t MoveOp::Stride(size_t d) const {
  auto bytes = static_cast<int64_t>(element_bytes_);
  for (size_t k = d + 1; k < dims_.size(); ++k) bytes *= dims_[k];
  return bytes;
}

Status MoveOp::SetOutputBytes(const std::vector<int64_t>& dims) {
  GLIMPSE_SDK_TRY(CheckSize(dims, element_bytes_, "the output"));
  output_bytes_ = element_bytes_;
  for (const int64_t dim : dims) output_bytes_ *= static_cast<size_t>(dim);
  return Ok();
}

Status MoveOp::Prepare(PrepareContext& context) {
  arguments_.clear();
  GLIMPSE_SDK_TRY(Check(context));
  is_dynamic_ = !std::ranges::all_of(arguments_, [](const Argument& a) { return a.list.is_constant(); });
  if (is_dynamic_) {
    GLIMPSE_SDK_TRY(context.SetDynamicOutput(0));
    return context.ReportWork(0, 1);  // the rest shows at run time
  }
  std::vector<int64_t> dims;
  GLIMPSE_SDK_TRY(Plan(&dims));
  GLIMPSE_SDK_TRY(SetOutputBytes(dims));
  GLIMPSE_SDK_TRY(SetShape(context, 0, dims, element_bytes_));
  return context.ReportWork(0, output_bytes_ / element_bytes_);
}

Status MoveOp::Invoke(const sdk::InvokeContext& context) {
  void* output = context.output<void>(0);
  if (is_dynamic_) {
    for (Argument& a : arguments_) {
      if (!a.list.is_constant()) a.list.Load(context.input<void>(a.input));
    }
    std::vector<int64_t> dims;
    GLIMPSE_SDK_TRY(Plan(&dims));
    GLIMPSE_SDK_TRY(SetOutputBytes(dims));
    const std::vector<int32_t> narrow(dims.begin(), dims.end());
    GLIMPSE_SDK_TRY(context.ResizeOutput(0, narrow, &output));
  }
  return output_bytes_ == 0 ? Ok() : Move(context, output);
}

}  // namespace glimpse::ops
