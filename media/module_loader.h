// SPDX-License-Identifier: Apache-2.0
// Loads the libcamera source module.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "media/listed_camera.h"
#include "media/source.h"

namespace glimpse::media {

// Opens a camera through glimpse-source-libcamera.so, loaded at the first call and kept until the process ends. It is
// looked for in the folder GLIMPSE_SOURCE_PATH names (ignored in set-user-id programs), else, for a program that runs
// from a build tree, in that tree, else where it is installed.
//
// The module is code that runs as us. File and folder must belong to root or the effective user, or, in a build tree,
// to the owner of the running program, and not be writable by group (in a build tree: by a group other than our own)
// or others; the file is opened once, judged on that descriptor, and loaded through it.
//
// Errors: kPlugin, naming the package glimpsed-libcamera when there is no module, both versions when they differ, and
// what is wrong with owner or mode; else as the module says (media/source.h). Thread-safe.
Result<std::unique_ptr<Source>> OpenLibcamera(const config::Camera& camera, const std::string& name);

// The cameras that libcamera finds, through the same module. Errors: likewise. Thread-safe.
Result<std::vector<ListedCamera>> ListLibcamera();

}  // namespace glimpse::media
