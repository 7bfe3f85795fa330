// SPDX-License-Identifier: Apache-2.0
#include "engine/model/buffer_reader.h"

#include <cstring>

namespace glimpse {
namespace {

constexpr uintptr_t kConstantAlign = 16;

}  // namespace

Result<void> BufferReader::ReadAll() {
  const auto* buffers = context_.model().buffers();
  if (CountOf(buffers) == 0) return context_.Invalid("buffers is empty, a model has at least one buffer");
  GLIMPSE_RETURN_IF_ERROR(context_.Charge(buffers->size(), sizeof(decltype(contents_)::value_type)));
  contents_.reserve(buffers->size());
  for (size_t i = 0; i < buffers->size(); ++i) {
    const wire::Buffer& buffer = *buffers->Get(static_cast<uint32_t>(i));
    std::span<const std::byte> content;
    if (CountOf(buffer.data()) > 0) {
      content = std::as_bytes(std::span(buffer.data()->data(), buffer.data()->size()));
    } else if (buffer.offset() > 1) {
      GLIMPSE_ASSIGN_OR_RETURN(content, context_.Slice(buffer.offset(), buffer.size(), StrCat("buffers[", i, "]")));
    }
    contents_.push_back(content);
  }
  return {};
}

Result<std::span<const std::byte>> BufferReader::Aligned(size_t index) {
  std::span<const std::byte>& content = contents_[index];
  if (reinterpret_cast<uintptr_t>(content.data()) % kConstantAlign == 0) return content;
  GLIMPSE_RETURN_IF_ERROR(context_.Charge(content.size(), 1));
  AlignedBytes copy = AlignedBytes::Allocate(content.size());
  if (!copy.ok()) return context_.Exhausted("no memory for the ", content.size(), " bytes of buffers[", index, "]");
  std::memcpy(copy.span().data(), content.data(), content.size());
  // Tensors that share the buffer share the copy.
  content = copy.span();
  copies_.push_back(std::move(copy));
  return content;
}

}  // namespace glimpse
