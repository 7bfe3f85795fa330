// SPDX-License-Identifier: Apache-2.0
#include "cli/npy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/checked_math.h"
#include "base/file.h"
#include "base/strings.h"

namespace glimpse::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are written as they lie in memory");

constexpr std::string_view kMagic = wire::kNpyMagic;
constexpr size_t kMaxHeaderBytes = 1 << 20;
constexpr size_t kMaxRank = 32;
constexpr size_t kWriteBufferBytes = 256 << 10;

// The element type a descr names; one-byte types may be written with any byte order, '=' is never stored by numpy.
std::optional<DType> TypeFromDescr(std::string_view descr) {
  for (const wire::NpyType& entry : wire::NpyTypes()) {
    if (descr == entry.descr) return entry.type;
    if (entry.descr[0] == '|' && descr.size() == 3 && descr.substr(1) == entry.descr.substr(1) &&
        (descr[0] == '<' || descr[0] == '>')) {
      return entry.type;
    }
  }
  return std::nullopt;
}

// Reads the Python dictionary literal of an .npy head: {'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }.
class DictParser {
 public:
  explicit DictParser(std::string_view text) : text_(text) {}

  // The error, or "" when the whole text was one dictionary with exactly the three keys.
  std::string Parse() {
    if (!Take('{')) return "its header is not a dictionary";
    while (!Take('}')) {
      std::string_view key;
      if (!TakeString(&key) || !Take(':')) return "its header has no key where one must be";
      if (std::string problem = ParseValue(key); !problem.empty()) return problem;
      if (!Take(',') && !Peek('}')) return "its header has no comma where one must be";
    }
    SkipSpace();
    if (at_ != text_.size()) return "its header goes on after the dictionary";
    if (!descr_ || !has_order_ || !has_shape_) return "its header lacks 'descr', 'fortran_order' or 'shape'";
    return "";
  }

  std::optional<std::string_view> descr_;
  bool fortran_order_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
  std::vector<int64_t> shape_;

 private:
  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool Peek(char c) {
    SkipSpace();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool Take(char c) {
    if (!Peek(c)) return false;
    ++at_;
    return true;
  }
  bool TakeString(std::string_view* value) {
    SkipSpace();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return false;
    const char quote = text_[at_++];
    const size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) return false;
    *value = text_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }
  bool TakeWord(std::string_view word) {
    SkipSpace();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  bool TakeNumber(int64_t* value) {
    SkipSpace();
    const size_t start = at_;
    int64_t number = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto tenfold = CheckedMul<int64_t>(number, 10);
      const auto sum = tenfold ? CheckedAdd<int64_t>(*tenfold, text_[at_] - '0') : std::nullopt;
      if (!sum) return false;
      number = *sum;
    }
    if (at_ < text_.size() && text_[at_] == 'L' && at_ > start) ++at_;  // written by Python 2
    *value = number;
    return at_ > start;
  }

  std::string ParseValue(std::string_view key) {
    if (key == "descr") {
      std::string_view descr;
      if (!TakeString(&descr)) return "its 'descr' is not one plain type (records are not served)";
      descr_ = descr;
      return "";
    }
    if (key == "fortran_order") {
      has_order_ = true;
      fortran_order_ = TakeWord("True");
      return fortran_order_ || TakeWord("False") ? "" : "its 'fortran_order' is neither True nor False";
    }
    if (key == "shape") return ParseShape();
    return StrCat("its header has the unknown key '", Printable(key, 40), "'");
  }

  std::string ParseShape() {
    has_shape_ = true;
    shape_.clear();
    if (!Take('(')) return "its 'shape' is not a tuple";
    while (!Take(')')) {
      int64_t dimension = 0;
      if (!TakeNumber(&dimension)) return "its 'shape' holds something that is not a size";
      if (shape_.size() == kMaxRank) return StrCat("its 'shape' has more than ", kMaxRank, " dimensions");
      shape_.push_back(dimension);
      if (!Take(',') && !Peek(')')) return "its 'shape' has no comma where one must be";
    }
    return "";
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::optional<uint64_t> ContentBytes(DType type, const std::vector<int64_t>& shape) {
  const size_t bits = DTypeBits(type);
  std::optional<int64_t> bytes = static_cast<int64_t>(bits < 8 ? 1 : bits / 8);
  for (const int64_t dimension : shape) {
    bytes = CheckedMul<int64_t>(*bytes, dimension);
    if (!bytes) return std::nullopt;
  }
  return static_cast<uint64_t>(*bytes);
}

Unexpected Bad(const std::string& name, const std::string& problem) {
  return Unexpected(ErrorCode::kInvalidArgument, StrCat(name, ": ", problem, "; write it with numpy.save()"));
}

uint64_t ByteAt(std::span<const std::byte> bytes, size_t at) { return std::to_integer<uint64_t>(bytes[at]); }

}  // namespace

uint64_t NpyHeader::elements() const {
  uint64_t product = 1;
  for (const int64_t dimension : shape) product *= static_cast<uint64_t>(dimension);
  return product;
}

Result<NpyHeader> ParseNpyHeader(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < kMagic.size() + 4 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return Bad(name, "not an .npy file");
  }
  const uint64_t major = ByteAt(bytes, 6);
  if (major < 1 || major > 3) return Bad(name, StrCat(".npy version ", major, " is not known (1 to 3 are)"));
  const size_t length_bytes = major == 1 ? 2 : 4;
  const size_t start = kMagic.size() + 2 + length_bytes;
  if (bytes.size() < start) return Bad(name, "ends inside its header");
  uint64_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) length |= ByteAt(bytes, kMagic.size() + 2 + i) << (8 * i);
  if (length > kMaxHeaderBytes) return Bad(name, StrCat("claims a header of ", length, " bytes"));
  if (bytes.size() - start < length) return Bad(name, "ends inside its header");

  DictParser parser(std::string_view(reinterpret_cast<const char*>(bytes.data()) + start, static_cast<size_t>(length)));
  if (const std::string problem = parser.Parse(); !problem.empty()) return Bad(name, problem);
  if (parser.fortran_order_) return Bad(name, "is in Fortran order; save numpy.ascontiguousarray() of it");
  const auto type = TypeFromDescr(*parser.descr_);
  if (!type) {
    return Bad(name, StrCat("element type '", Printable(*parser.descr_, 40),
                            "' is not served (little-endian integers, floats and booleans are)"));
  }
  if (!ContentBytes(*type, parser.shape_)) return Bad(name, "its shape is too large for any file");
  return NpyHeader{*type, std::move(parser.shape_), start + static_cast<size_t>(length)};
}

Result<NpyFile> NpyFile::Open(const std::string& path) {
  NpyFile file;
  GLIMPSE_ASSIGN_OR_RETURN(file.fd_, OpenRegularFile(path));
  struct stat status {};
  if (::fstat(file.fd_.get(), &status) != 0) return Unexpected(ErrnoError("cannot look at", path));
  if (status.st_size <= 0) return Bad(path, "is empty");
  file.path_ = path;
  const auto file_bytes = static_cast<uint64_t>(status.st_size);
  std::vector<std::byte> head(static_cast<size_t>(std::min<uint64_t>(file_bytes, kMaxHeaderBytes + 12)));
  GLIMPSE_RETURN_IF_ERROR(file.Read(0, head));
  GLIMPSE_ASSIGN_OR_RETURN(file.header_, ParseNpyHeader(head, path));
  file.content_bytes_ = *ContentBytes(file.header_.type, file.header_.shape);
  const uint64_t there = file_bytes - file.header_.data_offset;
  if (there != file.content_bytes_) {
    return Bad(path, StrCat("shape ", ShapeText(file.header_.shape), " of ", DTypeName(file.header_.type), " takes ",
                            file.content_bytes_, " bytes, the file has ", there));
  }
  return file;
}

Result<void> NpyFile::Read(uint64_t offset, std::span<std::byte> out) const {
  offset += header_.data_offset;
  while (!out.empty()) {
    const ssize_t got = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unexpected(ErrnoError("cannot read", path_));
    if (got == 0) return Unexpected(ErrorCode::kIo, StrCat(path_, ": became shorter while it was read"));
    offset += static_cast<uint64_t>(got);
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

NpyWriter::NpyWriter(NpyWriter&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::move(other.fd_)),
      buffer_(std::move(other.buffer_)),
      missing_bytes_(other.missing_bytes_),
      open_(std::exchange(other.open_, false)) {}

NpyWriter::~NpyWriter() {
  if (open_) ::unlink(path_.c_str());
}

Result<NpyWriter> NpyWriter::Create(const std::string& path, DType type, const std::vector<int64_t>& shape) {
  if (NpyDescr(type).empty()) {
    return Unexpected(ErrorCode::kInvalidArgument, StrCat(path, ": numpy has no type for ", DTypeName(type)));
  }
  const auto bytes = ContentBytes(type, shape);
  if (!bytes)
    return Unexpected(ErrorCode::kExhausted, StrCat(path, ": ", ShapeText(shape), " is too large for any file"));
  NpyWriter writer;
  writer.path_ = path;
  writer.fd_.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!writer.fd_.valid()) return Unexpected(ErrnoError("cannot write", path));
  writer.open_ = true;
  const std::string header = FormatNpyHeader(type, shape);
  writer.missing_bytes_ = *bytes;
  const auto head = std::as_bytes(std::span(header));
  writer.buffer_.reserve(static_cast<size_t>(std::min<uint64_t>(kWriteBufferBytes, *bytes + head.size())));
  writer.buffer_.assign(head.begin(), head.end());
  return writer;
}

Result<void> NpyWriter::Flush() {
  for (std::span<const std::byte> rest(buffer_); !rest.empty();) {
    const ssize_t written = ::write(fd_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Unexpected(ErrnoError("cannot write", path_));
    rest = rest.subspan(static_cast<size_t>(written));
  }
  buffer_.clear();
  return {};
}

Result<void> NpyWriter::Write(std::span<const std::byte> elements) {
  if (elements.size() > missing_bytes_) {
    return Unexpected(ErrorCode::kInternal, StrCat(path_, ": more elements than its shape says"));
  }
  missing_bytes_ -= elements.size();
  while (!elements.empty()) {
    const size_t part = std::min(elements.size(), kWriteBufferBytes - std::min(buffer_.size(), kWriteBufferBytes));
    buffer_.insert(buffer_.end(), elements.begin(), elements.begin() + static_cast<ptrdiff_t>(part));
    elements = elements.subspan(part);
    if (buffer_.size() >= kWriteBufferBytes) GLIMPSE_RETURN_IF_ERROR(Flush());
  }
  return {};
}

Result<void> NpyWriter::Close() {
  GLIMPSE_RETURN_IF_ERROR(Flush());
  if (missing_bytes_ != 0) {
    return Unexpected(ErrorCode::kInternal, StrCat(path_, ": ", missing_bytes_, " bytes fewer than its shape says"));
  }
  if (::close(fd_.release()) != 0) return Unexpected(ErrnoError("cannot write", path_));
  open_ = false;
  return {};
}

Result<void> WriteNpy(const std::string& path, DType type, const std::vector<int64_t>& shape,
                      std::span<const std::byte> elements) {
  GLIMPSE_ASSIGN_OR_RETURN(NpyWriter writer, NpyWriter::Create(path, type, shape));
  GLIMPSE_RETURN_IF_ERROR(writer.Write(elements));
  return writer.Close();
}

std::string ShapeText(std::span<const int64_t> shape) { return StrCat("[", StrJoin(shape, ", "), "]"); }
std::string ShapeText(std::span<const int32_t> shape) { return StrCat("[", StrJoin(shape, ", "), "]"); }

}  // namespace glimpse::cli
