// SPDX-License-Identifier: Apache-2.0
#include "cli/samples.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/strings.h"

namespace glimpse::cli {
namespace {

bool SameShape(std::span<const int64_t> a, std::span<const int32_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](int64_t x, int32_t y) { return x == y; });
}

DType StoredType(DType type) { return type == DType::kInt4 ? DType::kInt8 : type; }

}  // namespace

size_t ElementCount(std::span<const int32_t> shape) {
  size_t product = 1;
  for (const int32_t dimension : shape) product *= static_cast<size_t>(dimension);
  return product;
}

std::vector<int64_t> SampleLayout::FileShape(std::span<const int32_t> tensor) const {
  std::vector<int64_t> shape(tensor.begin(), tensor.end());
  if (form == SampleForm::kSingle) return shape;
  if (form == SampleForm::kBatch && !shape.empty() && shape[0] == 1) {
    shape[0] = static_cast<int64_t>(count);
  } else {
    shape.insert(shape.begin(), static_cast<int64_t>(count));
  }
  return shape;
}

Result<SampleLayout> MatchSamples(std::span<const int64_t> file, std::span<const int32_t> tensor,
                                  const std::string& name) {
  SampleLayout layout;
  if (SameShape(file, tensor)) return layout;
  const bool has_first = !file.empty();
  if (has_first && SameShape(file.subspan(1), tensor)) {
    layout = {SampleForm::kLeading, static_cast<uint64_t>(file[0])};
  } else if (has_first && !tensor.empty() && tensor[0] == 1 && SameShape(file.subspan(1), tensor.subspan(1))) {
    layout = {SampleForm::kBatch, static_cast<uint64_t>(file[0])};
  } else {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(name, ": shape ", ShapeText(file), " does not fit the tensor's ", ShapeText(tensor),
                             ": give that shape, one leading dimension more, or N in place of a batch of 1"));
  }
  if (layout.count == 0) return Unexpected(ErrorCode::kInvalidArgument, StrCat(name, ": holds no sample"));
  return layout;
}

void UnpackInt4(std::span<const std::byte> packed, size_t count, std::vector<std::byte>& unpacked) {
  unpacked.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const int nibble = std::to_integer<int>(packed[i / 2]) >> (i % 2 * 4) & 0xf;
    unpacked[i] = static_cast<std::byte>(nibble >= 8 ? nibble - 16 : nibble);
  }
}

void PackInt4(std::span<const std::byte> unpacked, std::span<std::byte> packed) {
  std::fill(packed.begin(), packed.end(), std::byte{0});
  for (size_t i = 0; i < unpacked.size(); ++i) packed[i / 2] |= (unpacked[i] & std::byte{0xf}) << (i % 2 * 4);
}

Result<SampleFile> SampleFile::Open(const std::string& path, const TensorView& tensor) {
  GLIMPSE_ASSIGN_OR_RETURN(NpyFile file, NpyFile::Open(path));
  const DType type = tensor.info->type;
  if (file.header().type != StoredType(type)) {
    return Unexpected(
        ErrorCode::kInvalidArgument,
        StrCat(path, ": holds ", DTypeName(file.header().type), ", tensor ", tensor.info->index, " '",
               Printable(tensor.info->name), "' is ", DTypeName(type), "; convert it with numpy's astype()"));
  }
  GLIMPSE_ASSIGN_OR_RETURN(const SampleLayout layout, MatchSamples(file.header().shape, tensor.shape, path));
  return SampleFile(std::move(file), layout, type);
}

Result<void> SampleFile::Load(uint64_t index, std::span<std::byte> tensor) {
  if (type_ != DType::kInt4) return file_.Read(index * tensor.size(), tensor);
  unpacked_.resize(static_cast<size_t>(file_.content_bytes() / layout_.count));
  GLIMPSE_RETURN_IF_ERROR(file_.Read(index * unpacked_.size(), unpacked_));
  PackInt4(unpacked_, tensor);
  return {};
}

Result<SampleSet> SampleSet::Open(const std::vector<std::string>& paths, const Interpreter& interpreter) {
  const std::vector<TensorView>& inputs = interpreter.inputs();
  if (paths.size() != inputs.size()) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(interpreter.model().path(), ": has ", inputs.size(), " inputs, ", paths.size(),
                             " files are given; give one --input for each, in the model's order"));
  }
  if (paths.empty()) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat(interpreter.model().path(), ": has no inputs to fill"));
  }
  SampleSet set;
  for (size_t i = 0; i < paths.size(); ++i) {
    GLIMPSE_ASSIGN_OR_RETURN(SampleFile file, SampleFile::Open(paths[i], inputs[i]));
    if (i > 0 && (file.layout().count != set.count() || file.layout().form != set.layout().form)) {
      return Unexpected(ErrorCode::kInvalidArgument,
                        StrCat(paths[i], ": holds ", file.layout().count, " samples, ", paths[0], " holds ",
                               set.count(), ", or in another form; all inputs must agree"));
    }
    set.files_.push_back(std::move(file));
  }
  return set;
}

Result<void> SampleSet::Load(uint64_t index, Interpreter& interpreter) {
  for (size_t i = 0; i < files_.size(); ++i)
    GLIMPSE_RETURN_IF_ERROR(files_[i].Load(index, interpreter.inputs()[i].data));
  return {};
}

Result<TensorWriter> TensorWriter::Create(const std::string& path, const TensorView& tensor,
                                          const SampleLayout& layout) {
  TensorWriter writer(path, tensor, layout);
  if (!tensor.dynamic) GLIMPSE_RETURN_IF_ERROR(writer.Open());
  return writer;
}

Result<void> TensorWriter::Open() {
  shape_ = tensor_->shape;
  GLIMPSE_ASSIGN_OR_RETURN(NpyWriter writer,
                           NpyWriter::Create(path_, StoredType(tensor_->info->type), layout_.FileShape(shape_)));
  writer_.emplace(std::move(writer));
  return {};
}

Result<void> TensorWriter::Append() {
  if (!writer_) GLIMPSE_RETURN_IF_ERROR(Open());
  if (tensor_->shape != shape_) {
    return Unexpected(ErrorCode::kInvalidArgument,
                      StrCat(path_, ": tensor ", tensor_->info->index, " '", Printable(tensor_->info->name),
                             "' has shape ", ShapeText(std::span<const int32_t>(tensor_->shape)), " now and had ",
                             ShapeText(std::span<const int32_t>(shape_)),
                             " before: a file holds one shape; run the samples one by one"));
  }
  if (tensor_->info->type != DType::kInt4) return writer_->Write(tensor_->data);
  UnpackInt4(tensor_->data, ElementCount(tensor_->shape), unpacked_);
  return writer_->Write(unpacked_);
}

Result<void> MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Unexpected(ErrorCode::kIo, StrCat("cannot make folder '", path, "': ", error.message()));
  return {};
}

void AllowOpenFiles(size_t files) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, files + 128);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // if it fails, opening a file says so
}

}  // namespace glimpse::cli
