// SPDX-License-Identifier: Apache-2.0
#include "media/idx.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/checked_math.h"
#include "base/file.h"
#include "base/strings.h"
#include "base/system_library.h"

namespace glimpse::media {
namespace {

struct Zlib : SystemLibrary {
  Zlib() : SystemLibrary(GLIMPSE_LIBZ, "compressed idx files") {}
  GLIMPSE_SYSTEM_FUNCTION(inflateInit2_);
  GLIMPSE_SYSTEM_FUNCTION(inflate);
  GLIMPSE_SYSTEM_FUNCTION(inflateEnd);
};

bool IsGzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

// Gives the bytes of a plain or gzip file in order, unpacking no more than is asked for.
class ByteStream {
 public:
  // `zlib` null: the bytes are plain.
  ByteStream(std::span<const std::byte> bytes, const Zlib* zlib) : bytes_(bytes), zlib_(zlib) {
    if (zlib_ != nullptr) ok_ = zlib_->inflateInit2_(&z_, kGzipOnly, ZLIB_VERSION, sizeof(z_)) == Z_OK;
  }
  ~ByteStream() {
    if (zlib_ != nullptr) zlib_->inflateEnd(&z_);
  }
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Fills as much of `out` as there is; less than out.size() at the end or at damaged data (see damaged()).
  size_t Read(std::span<uint8_t> out) {
    if (zlib_ != nullptr) return Inflate(out);
    const size_t n = std::min(out.size(), bytes_.size() - at_);
    std::transform(bytes_.begin() + static_cast<ptrdiff_t>(at_), bytes_.begin() + static_cast<ptrdiff_t>(at_ + n),
                   out.begin(), [](std::byte b) { return static_cast<uint8_t>(b); });
    at_ += n;
    return n;
  }

  bool damaged() const { return !ok_; }

 private:
  static constexpr int kGzipOnly = 15 + 16;
  static constexpr size_t kMaxChunk = size_t{1} << 30;  // zlib counts in unsigned int

  size_t Inflate(std::span<uint8_t> out) {
    size_t done = 0;
    while (ok_ && !ended_ && done < out.size()) {
      if (z_.avail_in == 0 && at_ < bytes_.size()) {
        const size_t n = std::min(bytes_.size() - at_, kMaxChunk);
        // zlib does not write through next_in, it only lacks the const.
        z_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes_.data() + at_));
        z_.avail_in = static_cast<uInt>(n);
        at_ += n;
      }
      const size_t want = std::min(out.size() - done, kMaxChunk);
      z_.next_out = out.data() + done;
      z_.avail_out = static_cast<uInt>(want);
      const int status = zlib_->inflate(&z_, Z_NO_FLUSH);
      done += want - z_.avail_out;
      if (status == Z_STREAM_END) {
        ended_ = true;
      } else if (status != Z_OK) {
        ok_ = false;  // Z_BUF_ERROR too: a file cut off
      }
    }
    return done;
  }

  std::span<const std::byte> bytes_;
  const Zlib* zlib_;
  size_t at_ = 0;
  bool ok_ = true;
  bool ended_ = false;
  z_stream z_{};
};

Unexpected Malformed(const std::string& name, const std::string& what) {
  return Unexpected(ErrorCode::kInvalidArgument, StrCat(name, ": not a sound idx file: ", what));
}

constexpr uint8_t kUnsignedByte = 0x08;

// Reads the header: `rank` dimensions, none of them zero.
Result<std::vector<uint32_t>> ReadHeader(ByteStream& stream, size_t rank, const std::string& name) {
  std::vector<uint8_t> header(4 + 4 * rank);
  const auto cut = [&](const char* what) {
    return Malformed(name, stream.damaged() ? "the gzip data is damaged or cut off within the header" : what);
  };
  if (stream.Read(std::span(header).first(4)) != 4) return cut("it has no 4-byte magic number");
  if (header[0] != 0 || header[1] != 0) return Malformed(name, "its magic number does not begin with two zero bytes");
  if (header[2] != kUnsignedByte) {
    return Malformed(name, StrCat("elements of type ", int{header[2]}, ", only unsigned bytes (8) are read"));
  }
  if (header[3] != rank) {
    return Malformed(name, StrCat(int{header[3]}, " dimensions where ",
                                  rank == 3 ? "images have 3 (is it the labels' file?)"
                                            : "labels have 1 (is it the images' file?)"));
  }
  if (stream.Read(std::span(header).subspan(4)) != 4 * rank) return cut("it ends within its header");
  std::vector<uint32_t> dims;
  for (size_t d = 0; d < rank; ++d) {
    const uint8_t* p = header.data() + 4 + 4 * d;
    dims.push_back(uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]});
    if (dims.back() == 0) return Malformed(name, StrCat("dimension ", d, " is 0"));
  }
  return dims;
}

// Reads exactly `size` elements. Grows with what is really there, so a lying header takes no memory.
Result<std::vector<uint8_t>> ReadElements(ByteStream& stream, uint64_t size, const std::string& name) {
  constexpr size_t kStep = size_t{4} << 20;
  std::vector<uint8_t> elements;
  while (elements.size() < size) {
    const size_t before = elements.size();
    const auto step = static_cast<size_t>(std::min<uint64_t>(std::max(kStep, before / 2), size - before));
    elements.resize(before + step);
    const size_t got = stream.Read(std::span(elements).subspan(before));
    if (got != step) {
      return Malformed(name, StrCat("its header promises ", size, " bytes of data, ",
                                    stream.damaged() ? "the gzip data is damaged or cut off after " : "it ends after ",
                                    before + got));
    }
  }
  uint8_t extra = 0;
  if (stream.Read(std::span(&extra, 1)) != 0) {
    return Malformed(name, StrCat("data goes on after the ", size, " bytes that its header promises"));
  }
  if (stream.damaged()) return Malformed(name, "the gzip data is damaged or cut off at its end");
  return elements;
}

Result<std::vector<uint8_t>> ReadChecked(std::span<const std::byte> bytes, const std::string& name,
                                         const Limits& limits, size_t rank, std::vector<uint32_t>& dims) {
  const Zlib* zlib = nullptr;
  if (IsGzip(bytes)) {
    GLIMPSE_ASSIGN_OR_RETURN(zlib, OpenedLibrary<Zlib>());
  }
  ByteStream stream(bytes, zlib);
  GLIMPSE_ASSIGN_OR_RETURN(dims, ReadHeader(stream, rank, name));
  std::optional<uint64_t> size = 1;
  for (const uint32_t dim : dims) {
    if (size) size = CheckedMul<uint64_t>(*size, dim);
  }
  if (!size || *size > limits.max_idx_bytes) {
    return Unexpected(ErrorCode::kExhausted, StrCat(name, ": the header claims ", StrJoin(dims, "x"),
                                                    " bytes, more than the limit of ", limits.max_idx_bytes));
  }
  return ReadElements(stream, *size, name);
}

}  // namespace

Result<IdxImages> ParseIdxImages(std::span<const std::byte> bytes, const std::string& name, const Limits& limits) {
  std::vector<uint32_t> dims;
  IdxImages images;
  GLIMPSE_ASSIGN_OR_RETURN(images.pixels, ReadChecked(bytes, name, limits, 3, dims));
  images.count = dims[0];
  images.height = dims[1];
  images.width = dims[2];
  constexpr uint32_t kMaxSide = std::numeric_limits<int>::max() / 4;
  if (images.width > kMaxSide || images.height > kMaxSide ||
      uint64_t{images.width} * images.height > limits.max_pixels) {
    return Unexpected(ErrorCode::kExhausted, StrCat(name, ": pictures of ", images.width, "x", images.height,
                                                    " pixels, more than the limit of ", limits.max_pixels));
  }
  return images;
}

Result<std::vector<uint8_t>> ParseIdxLabels(std::span<const std::byte> bytes, const std::string& name,
                                            const Limits& limits) {
  std::vector<uint32_t> dims;
  return ReadChecked(bytes, name, limits, 1, dims);
}

Result<IdxImages> ReadIdxImages(const std::string& path, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(const auto bytes, ReadFile(path, limits.max_idx_bytes));
  return ParseIdxImages(bytes, path, limits);
}

Result<std::vector<uint8_t>> ReadIdxLabels(const std::string& path, const Limits& limits) {
  GLIMPSE_ASSIGN_OR_RETURN(const auto bytes, ReadFile(path, limits.max_idx_bytes));
  return ParseIdxLabels(bytes, path, limits);
}

}  // namespace glimpse::media
