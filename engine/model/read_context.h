// SPDX-License-Identifier: Apache-2.0
// What every part of the model reader shares: the file, the limits, and how errors name a place in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/checked_math.h"
#include "base/result.h"
#include "base/strings.h"
#include "engine/model/limits.h"
#include "engine/schema/tflite_generated.h"

namespace glimpse {

// Number of entries of a vector that the file may leave out.
template <typename Vector>
size_t CountOf(const Vector* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// One reading of one file. Messages are "FILE: PLACE.field is ..., REMEDY".
class ReadContext {
 public:
  // Everything that is copied out of the file may add up to the file's size and this. Parts of a flatbuffer may be
  // shared, so that a small file can describe a huge structure; honest files stay far below.
  static constexpr uint64_t kDecodedBytes = uint64_t{128} << 20;

  // All outlive the context; `model` passed the flatbuffers verifier.
  ReadContext(const std::string& path, const Limits& limits, std::span<const std::byte> file, const wire::Model& model)
      : path_(Printable(path)),
        limits_(limits),
        file_(file),
        model_(model),
        several_subgraphs_(CountOf(model.subgraphs()) > 1),
        budget_(kDecodedBytes + file.size()) {}

  const Limits& limits() const { return limits_; }
  std::span<const std::byte> file() const { return file_; }
  const wire::Model& model() const { return model_; }

  // "tensors[3]", or "subgraphs[1].tensors[3]" when the file has several subgraphs.
  std::string Place(size_t subgraph, const char* table, size_t index) const {
    return StrCat(Prefix(subgraph), table, "[", index, "]");
  }
  // "" or "subgraphs[1].": goes before a field of a subgraph.
  std::string Prefix(size_t subgraph) const {
    return several_subgraphs_ ? StrCat("subgraphs[", subgraph, "].") : std::string();
  }

  template <typename... Parts>
  Unexpected Invalid(const Parts&... parts) const {
    return Unexpected(ErrorCode::kInvalidModel, StrCat(path_, ": ", parts...));
  }
  template <typename... Parts>
  Unexpected Unsupported(const Parts&... parts) const {
    return Unexpected(ErrorCode::kUnsupported, StrCat(path_, ": ", parts...));
  }
  template <typename... Parts>
  Unexpected Exhausted(const Parts&... parts) const {
    return Unexpected(ErrorCode::kExhausted, StrCat(path_, ": ", parts...));
  }

  // To be called before `count` things of `bytes` each are copied out of the file.
  Result<void> Charge(uint64_t count, uint64_t bytes) {
    const auto total = CheckedMul<uint64_t>(count, bytes);
    if (!total || *total > budget_) {
      return Exhausted("the tables describe more than ", (kDecodedBytes + file_.size()) >> 20,
                       " MiB of names, shapes, scales and options");
    }
    budget_ -= *total;
    return {};
  }

  // The part [offset, offset + size) of the file; offset and size are untrusted. `place` names the field for the
  // message.
  Result<std::span<const std::byte>> Slice(uint64_t offset, uint64_t size, const std::string& place) const {
    const auto end = CheckedAdd<uint64_t>(offset, size);
    if (!end || *end > file_.size()) {
      return Invalid(place, " is ", size, " bytes at offset ", offset, ", the file has ", file_.size(), " bytes");
    }
    return file_.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
  }

 private:
  std::string path_;
  const Limits& limits_;
  std::span<const std::byte> file_;
  const wire::Model& model_;
  bool several_subgraphs_;
  uint64_t budget_;
};

}  // namespace glimpse
