// SPDX-License-Identifier: Apache-2.0
// Shared libraries of the system that few runs need, opened when one does:
// docs/adr/0011-libraries-opened-when-needed.md.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace glimpse {

// The base of a table of a library's functions:
//
//   struct Libpng : SystemLibrary {
//     Libpng() : SystemLibrary(GLIMPSE_LIBPNG, "PNG pictures") {}
//     GLIMPSE_SYSTEM_FUNCTION(png_image_free);
//   };
//   GLIMPSE_ASSIGN_OR_RETURN(const Libpng* const png, OpenedLibrary<Libpng>());
//   png->png_image_free(&image);
//
// GLIMPSE_LIBPNG is the file's name as the link editor would record it; CMake's glimpse_open_when_needed() finds it
// out.
class SystemLibrary {
 public:
  SystemLibrary(const SystemLibrary&) = delete;
  SystemLibrary& operator=(const SystemLibrary&) = delete;

  // Why it cannot be used: kIo, naming the file, what needs it (`purpose`), and what to do. No error: all was found.
  const Result<void>& usable() const { return usable_; }

 protected:
  // Opens `file` as the dynamic linker finds it for a program that is linked with it.
  SystemLibrary(const char* file, const char* purpose);
  ~SystemLibrary() = default;  // it stays mapped until the process ends

  // Its function of that name, or null.
  template <typename Function>
  Function* Find(const char* name) {
    return reinterpret_cast<Function*>(Address(name));
  }

 private:
  void* Address(const char* name);

  const char* file_;
  const char* purpose_;
  void* handle_;
  Result<void> usable_;
};

#define GLIMPSE_SYSTEM_FUNCTION(name) decltype(::name)* const name = Find<decltype(::name)>(#name)

// The table, opened at the first call; a failure is tried again at the next. Errors: usable(). Thread-safe.
template <typename Library>
Result<const Library*> OpenedLibrary() {
  static std::mutex mutex;
  static std::unique_ptr<const Library> opened;
  const std::lock_guard lock(mutex);
  if (opened == nullptr) {
    auto library = std::make_unique<const Library>();
    GLIMPSE_RETURN_IF_ERROR(library->usable());
    opened = std::move(library);
  }
  return opened.get();
}

}  // namespace glimpse
