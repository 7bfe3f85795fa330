// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files: read with every claim checked, written sample by sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "engine/model/dtype.h"
#include "wire/npy_header.h"

namespace glimpse::cli {

// What the head of an .npy file says.
struct NpyHeader {
  DType type = DType::kInt8;
  std::vector<int64_t> shape;  // empty: one element
  size_t data_offset = 0;      // bytes from the start of the file to the first element

  // Product of `shape`. ParseNpyHeader() has checked that it fits.
  uint64_t elements() const;
};

using wire::FormatNpyHeader;
using wire::NpyDescr;

// Reads the head of a version 1.0, 2.0 or 3.0 file from its first bytes. Served: little-endian (or one-byte) integers,
// booleans and floats, C order, up to 32 dimensions; the total in bytes fits int64.
// Errors: kInvalidArgument, naming `name` and what is wrong. Never reads beyond `bytes`.
Result<NpyHeader> ParseNpyHeader(std::span<const std::byte> bytes, const std::string& name);

// An .npy file open for reading. Not mapped: a file cut short by somebody else meanwhile gives an error, not a signal.
class NpyFile {
 public:
  // Errors: kIo; kInvalidArgument for a broken head, or content shorter or longer than its shape says.
  static Result<NpyFile> Open(const std::string& path);

  const std::string& path() const { return path_; }
  const NpyHeader& header() const { return header_; }
  uint64_t content_bytes() const { return content_bytes_; }

  // Fills `out` with content from byte `offset` on (0: the first element). REQUIRES: offset + out.size() <=
  // content_bytes(). Thread-safe. Errors: kIo.
  Result<void> Read(uint64_t offset, std::span<std::byte> out) const;

 private:
  NpyFile() = default;
  std::string path_;
  NpyHeader header_;
  UniqueFd fd_;
  uint64_t content_bytes_ = 0;
};

// Writes an .npy file whose shape is known from the start, in as many pieces as the caller likes. A file that is not
// finished by Close() is removed again: nobody finds half a result. Not thread-safe.
class NpyWriter {
 public:
  // Errors: kIo; kInvalidArgument for a type numpy does not have.
  static Result<NpyWriter> Create(const std::string& path, DType type, const std::vector<int64_t>& shape);

  NpyWriter(NpyWriter&& other) noexcept;
  NpyWriter& operator=(NpyWriter&&) = delete;
  NpyWriter(const NpyWriter&) = delete;
  NpyWriter& operator=(const NpyWriter&) = delete;
  ~NpyWriter();

  // Appends elements as they lie in memory. Errors: kIo, a full disk for instance.
  Result<void> Write(std::span<const std::byte> elements);
  // Errors: kIo; kInternal when more or fewer bytes were written than the shape says.
  Result<void> Close();

 private:
  NpyWriter() = default;
  std::string path_;
  UniqueFd fd_;
  std::vector<std::byte> buffer_;
  uint64_t missing_bytes_ = 0;
  bool open_ = false;

  Result<void> Flush();
};

// Writes a whole array. Errors as NpyWriter.
Result<void> WriteNpy(const std::string& path, DType type, const std::vector<int64_t>& shape,
                      std::span<const std::byte> elements);

// "[1, 28, 28, 1]"
std::string ShapeText(std::span<const int64_t> shape);
std::string ShapeText(std::span<const int32_t> shape);

}  // namespace glimpse::cli
