// SPDX-License-Identifier: Apache-2.0
// The ZIP archive behind a model, read by minizip straight from the model's bytes.
#include <unzip.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/strings.h"
#include "base/system_library.h"
#include "engine/model/metadata.h"

namespace glimpse {
namespace {

// An archive ends in a record of 22 bytes and a comment of at most 65535, whose length the record ends in; before the
// record may stand a locator of 20.
constexpr std::string_view kEndRecord("PK\x05\x06", 4);
constexpr size_t kEndRecordBytes = 22;
constexpr size_t kEndBytes = 20 + kEndRecordBytes + 65535;
// Without the locator of the 64-bit form the end record counts entries in 16 bits, which bounds the search for a name.
constexpr std::string_view kLocator64("PK\x06\x07", 4);

struct Minizip : SystemLibrary {
  Minizip() : SystemLibrary(GLIMPSE_LIBMINIZIP, "files packed behind a model") {}
  GLIMPSE_SYSTEM_FUNCTION(unzOpen2_64);
  GLIMPSE_SYSTEM_FUNCTION(unzClose);
  GLIMPSE_SYSTEM_FUNCTION(unzLocateFile);
  GLIMPSE_SYSTEM_FUNCTION(unzGetCurrentFileInfo64);
  GLIMPSE_SYSTEM_FUNCTION(unzOpenCurrentFile);
  GLIMPSE_SYSTEM_FUNCTION(unzReadCurrentFile);
  GLIMPSE_SYSTEM_FUNCTION(unzCloseCurrentFile);
};

struct Closer {
  const Minizip* minizip;
  void operator()(void* archive) const { minizip->unzClose(archive); }
};
using Archive = std::unique_ptr<void, Closer>;

// The bytes of a file as minizip reads them. Its functions are C: none may throw.
struct Reader {
  std::span<const std::byte> bytes;
  size_t at = 0;

  static void* Open(void* self, const void*, int) { return self; }
  static int Close(void*, void*) { return 0; }
  static int Error(void*, void*) { return 0; }
  static ZPOS64_T Tell(void*, void* self) { return static_cast<Reader*>(self)->at; }
  static unsigned long Read(void*, void* self, void* to, unsigned long size) {
    Reader& reader = *static_cast<Reader*>(self);
    const size_t count = std::min<size_t>(size, reader.bytes.size() - reader.at);
    std::memcpy(to, reader.bytes.data() + reader.at, count);
    reader.at += count;
    return static_cast<unsigned long>(count);
  }
  static long Seek(void*, void* self, ZPOS64_T offset, int origin) {
    Reader& reader = *static_cast<Reader*>(self);
    const ZPOS64_T size = reader.bytes.size();
    const ZPOS64_T from = origin == ZLIB_FILEFUNC_SEEK_CUR ? reader.at : origin == ZLIB_FILEFUNC_SEEK_END ? size : 0;
    if (offset > size - from) return -1;
    reader.at = static_cast<size_t>(from + offset);
    return 0;
  }
};

std::string_view TextOf(int code) {
  switch (code) {
    case UNZ_BADZIPFILE:
      return "it contradicts itself";
    case UNZ_CRCERROR:
      return "its checksum is another";
    case UNZ_INTERNALERROR:
    case Z_MEM_ERROR:
      return "there is no memory to unpack it";
    default:
      return "its data are damaged";
  }
}

// minizip takes what a cut-off record lacks for zeros.
bool EndRecordIsWhole(std::string_view end) {
  const size_t at = end.rfind(kEndRecord);
  if (at == std::string_view::npos || end.size() - at < kEndRecordBytes) return false;
  const auto byte = [&](size_t i) -> size_t { return static_cast<unsigned char>(end[at + i]); };
  return byte(kEndRecordBytes - 2) + (byte(kEndRecordBytes - 1) << 8) <= end.size() - at - kEndRecordBytes;
}

Result<Archive> Open(const Minizip& minizip, const Model& model, Reader* reader) {
  const auto fail = [&model](ErrorCode code, std::string_view problem) {
    return Unexpected(code, StrCat(Printable(model.path()), ": the archive behind the model: ", problem));
  };
  const std::span<const std::byte> last = reader->bytes.last(std::min(reader->bytes.size(), kEndBytes));
  const std::string_view end(reinterpret_cast<const char*>(last.data()), last.size());
  if (end.find(kLocator64) != std::string_view::npos)
    return fail(ErrorCode::kUnsupported, "is in the 64-bit form of ZIP, which is not read");
  if (!EndRecordIsWhole(end)) return fail(ErrorCode::kInvalidModel, "there is none, or its end is missing");
  zlib_filefunc64_def functions{};
  functions.zopen64_file = Reader::Open;
  functions.zread_file = Reader::Read;
  functions.ztell64_file = Reader::Tell;
  functions.zseek64_file = Reader::Seek;
  functions.zclose_file = Reader::Close;
  functions.zerror_file = Reader::Error;
  functions.opaque = reader;
  // Offsets may count from the file's first byte or from the archive's own; minizip finds out which.
  Archive archive(minizip.unzOpen2_64(model.path().c_str(), &functions), Closer{&minizip});
  if (archive == nullptr) return fail(ErrorCode::kInvalidModel, "it is damaged");
  return archive;
}

}  // namespace

Result<std::vector<std::byte>> ReadAssociatedFile(const Model& model, const std::string& name, size_t max_bytes) {
  const auto fail = [&](ErrorCode code, const auto&... parts) {
    return Unexpected(code,
                      StrCat(Printable(model.path()), ": its packed file '", Printable(name, 100), "' ", parts...));
  };
  const auto damaged = [&](int code) {
    return fail(code == UNZ_INTERNALERROR || code == Z_MEM_ERROR ? ErrorCode::kExhausted : ErrorCode::kInvalidModel,
                "cannot be unpacked: ", TextOf(code));
  };
  Reader reader{model.bytes()};
  GLIMPSE_ASSIGN_OR_RETURN(const Minizip* const minizip, OpenedLibrary<Minizip>());
  GLIMPSE_ASSIGN_OR_RETURN(const Archive archive, Open(*minizip, model, &reader));
  constexpr int kCaseMatters = 1;
  // A name with a zero byte inside would be looked up by its beginning.
  if (name.find('\0') != std::string::npos ||
      minizip->unzLocateFile(archive.get(), name.c_str(), kCaseMatters) != UNZ_OK)
    return fail(ErrorCode::kInvalidModel, "is not in the archive behind the model");
  unz_file_info64 info;
  if (const int code = minizip->unzGetCurrentFileInfo64(archive.get(), &info, nullptr, 0, nullptr, 0, nullptr, 0);
      code != UNZ_OK)
    return damaged(code);
  constexpr uint64_t kEncrypted = 1;
  if ((info.flag & kEncrypted) != 0) return fail(ErrorCode::kUnsupported, "is encrypted; pack it without a password");
  if (info.compression_method != 0 && info.compression_method != Z_DEFLATED)
    return fail(ErrorCode::kUnsupported, "is packed by method ", info.compression_method,
                "; stored and deflated files are read");
  if (info.uncompressed_size > max_bytes)
    return fail(ErrorCode::kExhausted, "has ", info.uncompressed_size, " bytes, more than ", max_bytes);
  if (const int code = minizip->unzOpenCurrentFile(archive.get()); code != UNZ_OK) return damaged(code);
  // Grows with what comes out: the size that the archive claims may be a lie within the limit.
  std::vector<std::byte> content;
  std::vector<std::byte> part(65536);
  for (;;) {
    const int got = minizip->unzReadCurrentFile(archive.get(), part.data(), static_cast<unsigned>(part.size()));
    if (got < 0) return damaged(got);
    if (got == 0) break;
    content.insert(content.end(), part.begin(), part.begin() + got);
  }
  // The checksum is judged only when all that was promised came out.
  if (content.size() != info.uncompressed_size) return damaged(Z_DATA_ERROR);
  if (const int code = minizip->unzCloseCurrentFile(archive.get()); code != UNZ_OK) return damaged(code);
  return content;
}

}  // namespace glimpse
