// SPDX-License-Identifier: Apache-2.0
#include "media/module_loader.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/build_tree.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "media/libcamera/module.h"

namespace glimpse::media {
namespace {

constexpr char kFileName[] = "glimpse-source-libcamera.so";

Unexpected Refused(const std::string& path, const std::string& reason) {
  return Unexpected(ErrorCode::kPlugin, StrCat(path, ": ", reason));
}

std::string ModuleFolder(const std::string& build_tree) {
  const char* chosen = ::secure_getenv("GLIMPSE_SOURCE_PATH");
  if (chosen != nullptr && *chosen != '\0') return chosen;
  return build_tree.empty() ? GLIMPSE_SOURCE_DIR : build_tree + "/lib/glimpsed/sources";
}

Result<void> CheckTrust(const struct stat& info, const std::string& path, bool from_build_tree) {
  bool trusted = info.st_uid == 0 || info.st_uid == ::geteuid();
  struct stat program {};
  if (!trusted && from_build_tree && ::stat("/proc/self/exe", &program) == 0) trusted = info.st_uid == program.st_uid;
  if (!trusted) {
    return Refused(path, StrCat("belongs to user ", info.st_uid,
                                "; a module must belong to root or to the user that "
                                "runs this program"));
  }
  if ((info.st_mode & S_IWOTH) != 0) return Refused(path, "may be written by everyone; run chmod o-w on it");
  const bool groups_own = info.st_gid == 0 || info.st_gid == ::getegid();
  if ((info.st_mode & S_IWGRP) != 0 && !(from_build_tree && groups_own)) {
    return Refused(path, "may be written by its group; run chmod g-w on it");
  }
  return {};
}

Result<const SourceModule*> Load(const std::string& folder, bool from_build_tree) {
  const std::string path = (std::filesystem::path(folder) / kFileName).string();
  const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Left open for good: dlopen tells files apart by name, and this number must not come to name another.
  static UniqueFd file;
  if (directory.valid()) file.reset(::openat(directory.get(), kFileName, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!directory.valid() || !file.valid()) {
    const int problem = errno;
    return Refused(
        path, StrCat(std::strerror(problem), problem == ENOENT ? "; source libcamera needs it: install the package "
                                                                 "glimpsed-libcamera, or use source files or idx"
                                                               : ""));
  }
  struct stat folder_info {};
  struct stat file_info {};
  if (::fstat(directory.get(), &folder_info) != 0 || ::fstat(file.get(), &file_info) != 0) {
    return Refused(path, std::strerror(errno));
  }
  if (!S_ISREG(file_info.st_mode)) return Refused(path, "is not a regular file");
  GLIMPSE_RETURN_IF_ERROR(CheckTrust(folder_info, folder, from_build_tree));
  GLIMPSE_RETURN_IF_ERROR(CheckTrust(file_info, path, from_build_tree));
  // The process's number instead of "self": kernel plugins are loaded by /proc/self/fd/N, and an N of theirs that was
  // closed and is ours now would find their handle.
  const std::string by_descriptor = StrCat("/proc/", ::getpid(), "/fd/", file.get());
  void* handle = ::dlopen(by_descriptor.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return Refused(path, StrCat("cannot be loaded: ", Printable(::dlerror(), 400)));
  const auto* module = static_cast<const SourceModule*>(::dlsym(handle, kSourceModuleSymbol));
  if (module == nullptr) return Refused(path, StrCat("is no camera module: it has no symbol ", kSourceModuleSymbol));
  const std::string version = module->version != nullptr ? module->version : "";
  if (version != GLIMPSE_VERSION || module->struct_size != sizeof(SourceModule)) {
    return Refused(path, StrCat("is of version ", Printable(version), ", this program of ", GLIMPSE_VERSION,
                                "; install glimpsed and glimpsed-libcamera of one version"));
  }
  return module;
}

Result<const SourceModule*> Module() {
  static std::mutex mutex;
  static const SourceModule* loaded = nullptr;  // a failure is tried again: the package may have come meanwhile
  const std::lock_guard lock(mutex);
  if (loaded != nullptr) return loaded;
  const std::string build_tree = BuildTreeOfThisProgram();
  GLIMPSE_ASSIGN_OR_RETURN(loaded, Load(ModuleFolder(build_tree), !build_tree.empty()));
  return loaded;
}

}  // namespace

Result<std::unique_ptr<Source>> OpenLibcamera(const config::Camera& camera, const std::string& name) {
  const auto module = Module();
  if (module) return (*module)->open(camera, name);
  return Unexpected(module.error().code, StrCat("camera '", Printable(name), "': ", module.error().message));
}

Result<std::vector<ListedCamera>> ListLibcamera() {
  GLIMPSE_ASSIGN_OR_RETURN(const SourceModule* module, Module());
  return module->list();
}

}  // namespace glimpse::media
