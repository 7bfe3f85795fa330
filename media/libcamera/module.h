// SPDX-License-Identifier: Apache-2.0
// What the libcamera module, glimpse-source-libcamera.so, exports.
//
// libcamera's interface and SONAME differ between distributions, so the programs do not link it: this module does, is
// packaged by itself, and is loaded when a camera of source `libcamera` is opened. Module and program pass C++
// objects to each other, so they must come from one build: the version is compared first, and is exact.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/listed_camera.h"
#include "media/source.h"

namespace glimpse::media {

// The symbol's type. The first two members keep their places for ever, so that a module of any version can be read
// far enough to be refused.
struct SourceModule {
  uint32_t struct_size;  // sizeof(SourceModule)
  const char* version;   // the project's version, "0.1.0"
  // As OpenSource for source libcamera. Throws nothing.
  Result<std::unique_ptr<Source>> (*open)(const config::Camera& camera, const std::string& name);
  // The cameras that libcamera finds, which it does not take for that. Errors: kIo. Throws nothing.
  Result<std::vector<ListedCamera>> (*list)();
};

inline constexpr char kSourceModuleSymbol[] = "glimpse_source_module";

}  // namespace glimpse::media
