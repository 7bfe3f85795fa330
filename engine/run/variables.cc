// SPDX-License-Identifier: Apache-2.0
#include "engine/run/variables.h"

#include <cstring>

#include "base/strings.h"

namespace glimpse {

Variable& Variables::Declare(const std::string& container, const std::string& name) {
  Variable*& known = by_name_[{container, name}];
  if (known == nullptr) {
    known = &variables_.emplace_back();
    known->name = Printable(name);
    known->handle = static_cast<int32_t>(variables_.size()) - 1;
  }
  return *known;
}

Variable* Variables::Find(int32_t handle) {
  if (handle < 0 || static_cast<size_t>(handle) >= variables_.size()) return nullptr;
  return &variables_[static_cast<size_t>(handle)];
}

Result<void> Variables::Assign(Variable& variable, DType type, const std::vector<int32_t>& shape,
                               std::span<const std::byte> content) {
  const size_t had = variable.memory.bytes().size();
  if (variable.memory.bytes().data() == nullptr || had < content.size()) {
    variable.assigned = false;
    variable.memory = AlignedMemory();
    share_.Give(had);
    if (!share_.Take(content.size())) {
      return Unexpected(ErrorCode::kExhausted, StrCat("needs more than the limit of ", limit_, " bytes of memory"));
    }
    auto memory = AlignedMemory::Allocate(content.size());
    if (!memory) {
      share_.Give(content.size());
      return Unexpected(memory.error());
    }
    variable.memory = std::move(*memory);
  }
  if (!content.empty()) std::memcpy(variable.memory.bytes().data(), content.data(), content.size());
  variable.bytes = content.size();
  variable.type = type;
  if (variable.shape != shape) variable.shape = shape;
  variable.assigned = true;
  return {};
}

Result<void> Variables::CopyFrom(const Variables& other) {
  Forget();
  for (const auto& [key, from] : other.by_name_) {
    if (!from->assigned) continue;
    const std::span<const std::byte> content(from->memory.bytes().data(), from->bytes);
    GLIMPSE_RETURN_IF_ERROR(Assign(Declare(key.first, key.second), from->type, from->shape, content));
  }
  return {};
}

void Variables::Forget() {
  for (Variable& variable : variables_) variable.assigned = false;
}

bool Variables::Expect(Variable& variable, const std::vector<int32_t>& shape) {
  if (all_dynamic_ || variable.dynamic) return false;
  if (!variable.expected) {
    variable.expected = true;
    variable.expected_shape = shape;
  }
  if (variable.expected_shape == shape) return true;
  ExpectAnything(variable);
  return false;
}

void Variables::ExpectAnything(Variable& variable) {
  if (!all_dynamic_ && !variable.dynamic && variable.expected) broken_ = true;
  variable.dynamic = true;
}

void Variables::ExpectAnything() {
  if (!all_dynamic_) broken_ = true;
  all_dynamic_ = true;
}

}  // namespace glimpse
