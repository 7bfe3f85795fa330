// SPDX-License-Identifier: Apache-2.0
#include "engine/run/deferred_operator.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace glimpse {
namespace {

// Longer ones are data, not parameters.
constexpr size_t kMaxValueBytes = 4096;

bool IsParameter(const TensorState& state) {
  return !state.is_constant && !state.info->is_variable && state.size_bytes <= kMaxValueBytes &&
         (state.info->type == DType::kInt32 || state.info->type == DType::kInt64);
}

}  // namespace

ShownAsConstants::ShownAsConstants(const OperatorInfo& op, std::span<TensorState> states) : states_(states) {
  for (const int tensor : op.inputs) {
    if (tensor < 0 || !IsParameter(states[static_cast<size_t>(tensor)])) continue;
    if (std::find(tensors_.begin(), tensors_.end(), tensor) == tensors_.end()) tensors_.push_back(tensor);
  }
}

ShownAsConstants::~ShownAsConstants() {
  for (const int tensor : tensors_) {
    TensorState& state = states_[static_cast<size_t>(tensor)];
    state.constant = nullptr;
    state.is_constant = false;
  }
}

void ShownAsConstants::Show(int tensor, const std::byte* content) {
  TensorState& state = states_[static_cast<size_t>(tensor)];
  state.constant = content;
  state.is_constant = true;
}

bool WouldServeWithValues(const OperatorBinder& binder, const OperatorInfo& op, std::span<TensorState> states) {
  ShownAsConstants shown(op, states);
  if (shown.tensors().empty()) return false;
  const auto zeros = AlignedMemory::Allocate(kMaxValueBytes);
  if (!zeros) return false;
  for (const int tensor : shown.tensors()) shown.Show(tensor, zeros->bytes().data());
  const auto binding = binder.Bind(op, states);
  return binding ? binding->kernel != nullptr : binding.error().code == ErrorCode::kInvalidModel;
}

bool DeferredOperator::StillFits(std::span<const TensorState> states, std::span<std::byte* const> data) const {
  if (!ready_) return false;
  for (size_t i = 0; i < op_.inputs.size(); ++i) {
    if (op_.inputs[i] >= 0 && states[static_cast<size_t>(op_.inputs[i])].shape != shapes_[i]) return false;
  }
  return std::all_of(values_.begin(), values_.end(), [&](const Value& value) {
    const std::span<std::byte> content = value.content.bytes();
    return std::memcmp(content.data(), data[static_cast<size_t>(value.tensor)], content.size()) == 0;
  });
}

Result<void> DeferredOperator::Prepare(std::span<TensorState> states, std::span<std::byte* const> data) {
  if (StillFits(states, data)) return {};
  ready_ = false;
  if (auto added = context_.meter.Add(WorkMeter::kBindSteps); !added) return binder_.At(op_, added.error());
  binding_ = {};
  scratch_memory_.clear();
  values_.clear();
  share_.Give(share_.bytes());
  GLIMPSE_ASSIGN_OR_RETURN(binding_, binder_.Bind(op_, states));
  if (!binding_.kernel) GLIMPSE_RETURN_IF_ERROR(BindWithValues(states, data));
  if (!binding_.kernel) {
    return Unexpected(ErrorCode::kUnsupported, StrCat(context_.model.path(), ": no kernel for the shapes of this run: ",
                                                      binder_.Unsupported(op_, binding_.rejected)));
  }
  shapes_.resize(op_.inputs.size());
  for (size_t i = 0; i < op_.inputs.size(); ++i) {
    if (op_.inputs[i] >= 0) shapes_[i] = states[static_cast<size_t>(op_.inputs[i])].shape;
  }
  GLIMPSE_RETURN_IF_ERROR(AllocateScratch());
  ready_ = true;
  return {};
}

Result<void> DeferredOperator::BindWithValues(std::span<TensorState> states, std::span<std::byte* const> data) {
  ShownAsConstants shown(op_, states);
  if (shown.tensors().empty()) return {};
  for (const int tensor : shown.tensors()) {
    const auto index = static_cast<size_t>(tensor);
    GLIMPSE_ASSIGN_OR_RETURN(auto content, AlignedMemory::Allocate(states[index].size_bytes));
    if (!content.bytes().empty()) std::memcpy(content.bytes().data(), data[index], content.bytes().size());
    shown.Show(tensor, content.bytes().data());
    values_.push_back({tensor, std::move(content)});
  }
  auto binding = binder_.Bind(op_, states);
  if (!binding) {
    // What is wrong are values of this run, not the file.
    const bool content = binding.error().code == ErrorCode::kInvalidModel;
    return Unexpected(content ? ErrorCode::kInvalidArgument : binding.error().code, binding.error().message);
  }
  binding_ = std::move(*binding);
  return {};
}

Result<void> DeferredOperator::AllocateScratch() {
  scratch_.clear();
  bool fits = share_.Take(binding_.node.persistent_bytes);
  for (const size_t bytes : binding_.node.scratch_bytes) {
    fits = fits && share_.Take(bytes);
    if (!fits) break;
    GLIMPSE_ASSIGN_OR_RETURN(auto memory, AlignedMemory::Allocate(bytes));
    scratch_.push_back(memory.bytes().data());
    scratch_memory_.push_back(std::move(memory));
  }
  if (fits) return {};
  return binder_.At(op_, {ErrorCode::kExhausted,
                          StrCat("needs more than the limit of ", context_.memory.limit(), " bytes of memory")});
}

}  // namespace glimpse
