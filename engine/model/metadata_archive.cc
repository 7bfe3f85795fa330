// SPDX-License-Identifier: Apache-2.0
// The ZIP archive behind a model, read by libzip.
#include <zip.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/strings.h"
#include "engine/model/metadata.h"

namespace glimpse {
namespace {

// An archive ends in a record of 22 bytes and a comment of at most 65535; before the record may stand a locator of 20.
constexpr size_t kEndBytes = 20 + 22 + 65535;
// Without the locator of the 64-bit form the end record counts entries in 16 bits, which bounds the memory that libzip
// takes for its directory to a few MiB.
constexpr std::string_view kLocator64("PK\x06\x07", 4);

struct Closer {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

std::string Take(zip_error_t* error) {
  std::string text = zip_error_strerror(error);
  zip_error_fini(error);
  return text;
}

// Where the archive begins when its offsets count from its own first byte, as in one that was made apart and put behind
// the model; 0 when they count from the file's, or when there is no archive.
size_t StartOf(std::span<const std::byte> file) {
  constexpr std::string_view kEnd("PK\x05\x06", 4);
  constexpr size_t kRecordBytes = 22;
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const size_t at = text.rfind(kEnd);
  if (at == std::string_view::npos || file.size() - at < kRecordBytes) return 0;
  const auto number = [&](size_t offset) {
    size_t value = 0;
    for (size_t i = 4; i-- > 0;) value = value << 8 | std::to_integer<size_t>(file[at + offset + i]);
    return value;
  };
  const size_t directory_bytes = number(12);
  const size_t directory_at = number(16);
  return directory_bytes + directory_at <= at ? at - directory_bytes - directory_at : 0;
}

Result<std::unique_ptr<zip_t, Closer>> Open(const Model& model) {
  const std::span<const std::byte> file = model.bytes();
  const auto fail = [&model](ErrorCode code, const std::string& problem) {
    return Unexpected(code, StrCat(Printable(model.path()), ": the archive behind the model: ", problem));
  };
  const std::span<const std::byte> end = file.last(std::min(file.size(), kEndBytes));
  if (std::string_view(reinterpret_cast<const char*>(end.data()), end.size()).find(kLocator64) !=
      std::string_view::npos)
    return fail(ErrorCode::kUnsupported, "is in the 64-bit form of ZIP, which is not read");
  const std::span<const std::byte> bytes = file.subspan(StartOf(file));
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return fail(ErrorCode::kExhausted, Take(&error));
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    return fail(ErrorCode::kInvalidModel, StrCat(Take(&error), "; there is none, or it is damaged"));
  }
  zip_error_fini(&error);
  return std::unique_ptr<zip_t, Closer>(archive);
}

ErrorCode CodeOf(int zip_code) {
  switch (zip_code) {
    case ZIP_ER_COMPNOTSUPP:
    case ZIP_ER_ENCRNOTSUPP:
    case ZIP_ER_NOPASSWD:
      return ErrorCode::kUnsupported;
    case ZIP_ER_MEMORY:
      return ErrorCode::kExhausted;
    default:
      return ErrorCode::kInvalidModel;
  }
}

}  // namespace

Result<std::vector<std::byte>> ReadAssociatedFile(const Model& model, const std::string& name, size_t max_bytes) {
  const auto fail = [&](ErrorCode code, const auto&... parts) {
    return Unexpected(code,
                      StrCat(Printable(model.path()), ": its packed file '", Printable(name, 100), "' ", parts...));
  };
  GLIMPSE_ASSIGN_OR_RETURN(const auto archive, Open(model));
  // A name with a zero byte inside would be looked up by its beginning.
  const zip_int64_t index =
      name.find('\0') == std::string::npos ? zip_name_locate(archive.get(), name.c_str(), ZIP_FL_ENC_GUESS) : -1;
  if (index < 0) return fail(ErrorCode::kInvalidModel, "is not in the archive behind the model");
  const std::unique_ptr<zip_file_t, Closer> file(zip_fopen_index(archive.get(), static_cast<zip_uint64_t>(index), 0));
  if (file == nullptr) {
    zip_error_t* error = zip_get_error(archive.get());
    return fail(CodeOf(zip_error_code_zip(error)), "cannot be unpacked: ", zip_error_strerror(error));
  }
  // The size that the archive claims is not trusted: what comes out counts, and the checksum is judged at its end.
  std::vector<std::byte> content;
  std::vector<std::byte> part(65536);
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), part.data(), part.size());
    if (got == 0) return content;
    if (got < 0) {
      zip_error_t* error = zip_file_get_error(file.get());
      return fail(CodeOf(zip_error_code_zip(error)), "cannot be unpacked: ", zip_error_strerror(error));
    }
    if (static_cast<size_t>(got) > max_bytes - content.size())
      return fail(ErrorCode::kExhausted, "has more than ", max_bytes, " bytes");
    content.insert(content.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  }
}

}  // namespace glimpse
