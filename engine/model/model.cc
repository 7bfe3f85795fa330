// SPDX-License-Identifier: Apache-2.0
#include "engine/model/model.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "engine/model/model_impl.h"
#include "engine/model/model_reader.h"

namespace glimpse {
namespace {

Unexpected TooLong(const std::string& name, uint64_t size, uint64_t limit) {
  return Unexpected(ErrorCode::kExhausted,
                    StrCat(Printable(name), ": the file has ", size, " bytes, the limit (file_bytes) is ", limit));
}

Result<AlignedBytes> Memory(const std::string& name, uint64_t size) {
  AlignedBytes bytes = size <= SIZE_MAX ? AlignedBytes::Allocate(static_cast<size_t>(size)) : AlignedBytes();
  if (!bytes.ok()) {
    return Unexpected(ErrorCode::kExhausted, StrCat(Printable(name), ": no memory for its ", size, " bytes"));
  }
  return bytes;
}

Result<AlignedBytes> ReadAligned(const std::string& path, uint64_t limit) {
  GLIMPSE_ASSIGN_OR_RETURN(const UniqueFd fd, OpenRegularFile(path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Unexpected(ErrnoError("cannot stat", path));
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > limit) return TooLong(path, size, limit);
  GLIMPSE_ASSIGN_OR_RETURN(AlignedBytes bytes, Memory(path, size));
  std::span<std::byte> rest = bytes.span();
  while (!rest.empty()) {
    const ssize_t got = ::read(fd.get(), rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unexpected(ErrnoError("cannot read", path));
    if (got == 0) return Unexpected(ErrorCode::kIo, StrCat(Printable(path), ": the file shrank while it was read"));
    rest = rest.subspan(static_cast<size_t>(got));
  }
  return bytes;
}

}  // namespace

std::string OperatorInfo::ShortName() const {
  const size_t dot = op.find('.');
  return dot == std::string::npos ? op : op.substr(dot + 1);
}

Result<std::shared_ptr<const Model>> Model::Load(const std::string& path, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(AlignedBytes bytes, ReadAligned(path, limits.file_bytes));
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->file = std::move(bytes);
  GLIMPSE_RETURN_IF_ERROR(ModelReader::Read(limits, impl.get()));
  return std::shared_ptr<const Model>(new Model(std::move(impl)));
}

Result<std::shared_ptr<const Model>> Model::Parse(std::vector<std::byte> bytes, const std::string& name,
                                                  const Limits& limits) {
  if (bytes.size() > limits.file_bytes) return TooLong(name, bytes.size(), limits.file_bytes);
  GLIMPSE_ASSIGN_OR_RETURN(AlignedBytes aligned, Memory(name, bytes.size()));
  if (!bytes.empty()) std::memcpy(aligned.span().data(), bytes.data(), bytes.size());
  auto impl = std::make_unique<Impl>();
  impl->path = name;
  impl->file = std::move(aligned);
  GLIMPSE_RETURN_IF_ERROR(ModelReader::Read(limits, impl.get()));
  return std::shared_ptr<const Model>(new Model(std::move(impl)));
}

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::~Model() = default;

const std::string& Model::path() const { return impl_->path; }
const std::string& Model::description() const { return impl_->description; }
std::span<const std::byte> Model::bytes() const { return impl_->file.span(); }
const std::string& Model::sha256() const {
  std::call_once(impl_->digested, [this] { impl_->sha256 = Sha256Text(Sha256(impl_->file.span())); });
  return impl_->sha256;
}
const Subgraph& Model::main() const { return impl_->subgraphs.front(); }
const std::vector<Subgraph>& Model::subgraphs() const { return impl_->subgraphs; }

std::span<const std::byte> Model::metadata(const std::string& name) const {
  const auto found = impl_->metadata.find(name);
  return found == impl_->metadata.end() ? std::span<const std::byte>() : found->second;
}

}  // namespace glimpse
