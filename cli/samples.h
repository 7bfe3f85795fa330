// SPDX-License-Identifier: Apache-2.0
// Samples in .npy files: which shapes are accepted, and tensors in and out of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/npy.h"
#include "engine/run/interpreter.h"

namespace glimpse::cli {

// How N samples of one tensor lie in a file.
enum class SampleForm {
  kSingle,   // the tensor's shape itself: one sample
  kLeading,  // one leading dimension more
  kBatch,    // N in place of a batch of 1
};

// The form of an array of shape `file` for a tensor of shape `tensor`, and how many samples it holds.
struct SampleLayout {
  SampleForm form = SampleForm::kSingle;
  uint64_t count = 1;

  // The shape that a file with the same layout has for another tensor; in kBatch form a tensor whose first dimension is
  // not 1 gets a leading dimension.
  std::vector<int64_t> FileShape(std::span<const int32_t> tensor) const;
};

// Errors: kInvalidArgument saying what is accepted; `name` is the file.
Result<SampleLayout> MatchSamples(std::span<const int64_t> file, std::span<const int32_t> tensor,
                                  const std::string& name);

// One file of samples for one tensor.
class SampleFile {
 public:
  // Errors: kIo; kInvalidArgument when shape or type do not fit, or there is no sample.
  static Result<SampleFile> Open(const std::string& path, const TensorView& tensor);

  const std::string& path() const { return file_.path(); }
  const SampleLayout& layout() const { return layout_; }

  // Copies sample `index` into `tensor`, whose size is that of the one given to Open(). Errors: kIo.
  Result<void> Load(uint64_t index, std::span<std::byte> tensor);

 private:
  SampleFile(NpyFile file, SampleLayout layout, DType type) : file_(std::move(file)), layout_(layout), type_(type) {}
  NpyFile file_;
  SampleLayout layout_;
  DType type_;
  std::vector<std::byte> unpacked_;  // of a kInt4 tensor
};

// The samples for all inputs of a model: as many files as inputs, with one layout.
class SampleSet {
 public:
  // Errors: as SampleFile::Open(); kInvalidArgument when files are missing, too many, or disagree about the layout.
  static Result<SampleSet> Open(const std::vector<std::string>& paths, const Interpreter& interpreter);

  const SampleLayout& layout() const { return files_.front().layout(); }
  uint64_t count() const { return layout().count; }
  // Writes sample `index` into the interpreter's inputs. Errors: kIo.
  Result<void> Load(uint64_t index, Interpreter& interpreter);

 private:
  std::vector<SampleFile> files_;
};

// Writes the content of one tensor for every sample. A file holds one shape, so a dynamic tensor must have the same one
// for all samples.
class TensorWriter {
 public:
  static Result<TensorWriter> Create(const std::string& path, const TensorView& tensor, const SampleLayout& layout);
  // The tensor's present content. Errors: kIo; kInvalidArgument when it has another shape than before.
  Result<void> Append();
  Result<void> Close() { return writer_ ? writer_->Close() : Result<void>(); }

 private:
  TensorWriter(const std::string& path, const TensorView& tensor, const SampleLayout& layout)
      : path_(path), tensor_(&tensor), layout_(layout) {}
  Result<void> Open();

  std::string path_;
  const TensorView* tensor_;
  SampleLayout layout_;
  std::vector<int32_t> shape_;
  std::optional<NpyWriter> writer_;  // of a dynamic tensor only once its shape is known
  std::vector<std::byte> unpacked_;
};

// Two int4 elements a byte, the first in the low nibble, to and from one int8 each. `count` elements.
void UnpackInt4(std::span<const std::byte> packed, size_t count, std::vector<std::byte>& unpacked);
void PackInt4(std::span<const std::byte> unpacked, std::span<std::byte> packed);

// Product of dimensions, each >= 0, of a tensor that exists.
size_t ElementCount(std::span<const int32_t> shape);

// Makes folder `path` and those above it. Errors: kIo.
Result<void> MakeFolder(const std::string& path);

// Lets this process open `files` more files, as far as the system's hard limit goes.
void AllowOpenFiles(size_t files);

}  // namespace glimpse::cli
