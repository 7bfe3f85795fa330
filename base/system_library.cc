// SPDX-License-Identifier: Apache-2.0
#include "base/system_library.h"

#include <dlfcn.h>

#include "base/strings.h"

namespace glimpse {

SystemLibrary::SystemLibrary(const char* file, const char* purpose)
    : file_(file), purpose_(purpose), handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ != nullptr) return;
  usable_ =
      Unexpected(ErrorCode::kIo, StrCat(Printable(::dlerror(), 400), "; ", purpose, " need it: install the package of ",
                                        file, ", or glimpse-tools anew, which depends on it"));
}

void* SystemLibrary::Address(const char* name) {
  if (handle_ == nullptr) return nullptr;
  void* const address = ::dlsym(handle_, name);
  if (address == nullptr && usable_) {
    usable_ = Unexpected(ErrorCode::kIo, StrCat(file_, ": has no function ", name, ", which ", purpose_,
                                                " need: it is not the library that this program was built for"));
  }
  return address;
}

}  // namespace glimpse
