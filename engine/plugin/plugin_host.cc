// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/plugin_host.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>

#include "base/build_tree.h"
#include "base/file.h"
#include "base/strings.h"
#include "engine/plugin/elf_judge.h"
#include "engine/plugin/folder_trust.h"
#include "engine/plugin/host_facts.h"
#include "engine/plugin/loaded_image.h"
#include "engine/plugin/private_copy.h"
#include "engine/plugin/refusal.h"

namespace glimpse {
namespace {

class LoadedPlugin final : public Plugin {
 public:
  LoadedPlugin(const LoadedImage& image, std::string path) : image_(image), path_(std::move(path)) {}
  const std::string& name() const override { return image_.name(); }
  const std::string& version() const override { return image_.version(); }
  const std::string& path() const override { return path_; }
  const glimpse_op_factory& factory() const override { return image_.factory(); }
  const std::vector<glimpse_op_descriptor>& descriptors() const override { return image_.descriptors(); }

 private:
  const LoadedImage& image_;  // never freed
  std::string path_;
};

// A folder that was opened and found trustworthy.
struct Folder {
  UniqueFd fd;
  std::string path;
};

Result<Folder> OpenFolder(const std::string& path, const TrustedOwners& owners, std::pair<dev_t, ino_t>* identity) {
  Folder folder{UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), path};
  if (!folder.fd.valid()) return Unexpected(ErrnoError("cannot open the plugin folder", path));
  struct stat info {};
  if (::fstat(folder.fd.get(), &info) != 0) return Unexpected(ErrnoError("cannot stat the plugin folder", path));
  if (const std::string reason = ReasonForDistrust(folder.fd.get(), info, owners); !reason.empty()) {
    return Unexpected(ErrorCode::kPlugin, StrCat(path, ": the plugin folder ", reason));
  }
  *identity = {info.st_dev, info.st_ino};
  return folder;
}

// Names of what may be plugins, sorted. Hidden files are left out, as *.so leaves them out in a shell.
Result<std::vector<std::string>> PluginFiles(const Folder& folder) {
  // A descriptor of its own, which closedir() closes.
  const int fd = ::openat(folder.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = fd < 0 ? nullptr : ::fdopendir(fd);
  if (stream == nullptr) return Unexpected(ErrnoError("cannot list the plugin folder", folder.path));
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name.ends_with(".so") && !name.starts_with('.')) names.emplace_back(name);
  }
  const int failure = errno;
  ::closedir(stream);
  errno = failure;
  if (failure != 0) return Unexpected(ErrnoError("cannot list the plugin folder", folder.path));
  std::sort(names.begin(), names.end());
  return names;
}

// Opens the file once; everything after this looks at the descriptor or at the copy made from it.
Result<PrivateCopy> CopyTrustedFile(const Folder& folder, const std::string& name, const TrustedOwners& owners,
                                    PluginUse use) {
  // Non-blocking: a FIFO of that name must not hold us up.
  UniqueFd fd(::openat(folder.fd.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid() && errno == ELOOP) {
    return Refuse("is a symbolic link: put the file itself into the folder, or name the link's folder instead");
  }
  if (!fd.valid()) return Refuse(StrCat("cannot open: ", std::strerror(errno)));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Refuse(StrCat("cannot stat: ", std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) return Refuse("is not a regular file");
  if (const std::string reason = ReasonForDistrust(fd.get(), info, owners); !reason.empty()) return Refuse(reason);
  // A private copy is loaded, so the mount's rule has to be asked for explicitly.
  struct statvfs mount {};
  if (::fstatvfs(fd.get(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0) {
    return Refuse("lies on a file system that is mounted noexec");
  }
  if (use == PluginUse::kOnce && OnlyRootMayWrite(info)) return PrivateCopy::InPlace(std::move(fd));
  return PrivateCopy::Of(fd.get(), name);
}

class PluginHostImpl final : public PluginHost {
 public:
  PluginHostImpl(const glimpse_host& host, const PluginGate& gate, PluginUse use)
      : host_(host), gate_(gate), use_(use) {}
  const glimpse_host& host() const override { return host_; }
  const std::vector<std::shared_ptr<const Plugin>>& plugins() const override { return plugins_; }
  const std::vector<PluginRefusal>& refusals() const override { return refusals_; }

  const Plugin* Find(const std::string& name) const override {
    for (const auto& plugin : plugins_) {
      if (plugin->name() == name) return plugin.get();
    }
    return nullptr;
  }

  void LoadFile(const Folder& folder, const std::string& name, const TrustedOwners& owners) {
    const std::string path = StrCat(folder.path, folder.path.ends_with('/') ? "" : "/", name);
    const Result<void> loaded = TryLoad(folder, name, path, owners);
    if (!loaded) refusals_.push_back({path, loaded.error().message});
  }

 private:
  Result<void> TryLoad(const Folder& folder, const std::string& name, const std::string& path,
                       const TrustedOwners& owners) {
    GLIMPSE_ASSIGN_OR_RETURN(PrivateCopy copy, CopyTrustedFile(folder, name, owners, use_));
    GLIMPSE_ASSIGN_OR_RETURN(const ElfEntry judged, JudgeElf(copy.bytes(), ElfTarget::OfThisProgram()));
    if (gate_) GLIMPSE_RETURN_IF_ERROR(gate_(path, copy.bytes()));
    GLIMPSE_ASSIGN_OR_RETURN(LoadedImage* const image, LoadedImage::Map(std::move(copy), judged, host_));
    if (const Plugin* other = Find(image->name())) {
      return Refuse(StrCat("a plugin named ", image->name(), " is loaded already, from ", other->path()));
    }
    GLIMPSE_RETURN_IF_ERROR(image->Initialise());
    plugins_.push_back(std::make_shared<LoadedPlugin>(*image, path));
    return {};
  }

  const glimpse_host& host_;
  PluginGate gate_;
  PluginUse use_;
  std::vector<std::shared_ptr<const Plugin>> plugins_;
  std::vector<PluginRefusal> refusals_;
};

}  // namespace

Result<std::shared_ptr<PluginHost>> PluginHost::Load(const std::vector<std::string>& folders, const CpuInfo& cpu,
                                                     const PluginGate& gate, PluginUse use) {
  // The table of images belongs to the process.
  static std::mutex loading;
  const std::lock_guard lock(loading);
  const TrustedOwners owners = TrustedOwners::OfThisProcess();
  auto host = std::make_shared<PluginHostImpl>(HostFactsFor(cpu), gate, use);
  std::set<std::pair<dev_t, ino_t>> seen;
  for (const std::string& path : folders.empty() ? DefaultPluginFolders() : folders) {
    std::pair<dev_t, ino_t> identity;
    GLIMPSE_ASSIGN_OR_RETURN(const Folder folder, OpenFolder(path, owners, &identity));
    // Named twice, or by two names: its plugins would all be refused as duplicates of themselves.
    if (!seen.insert(identity).second) continue;
    GLIMPSE_ASSIGN_OR_RETURN(const auto names, PluginFiles(folder));
    for (const std::string& name : names) host->LoadFile(folder, name, owners);
  }
  return std::shared_ptr<PluginHost>(std::move(host));
}

std::vector<std::string> DefaultPluginFolders() {
  std::vector<std::string> folders;
  const char* given = ::secure_getenv("GLIMPSE_PLUGIN_PATH");
  for (std::string& folder : StrSplit(given == nullptr ? "" : given, ':')) {
    if (!folder.empty()) folders.push_back(std::move(folder));
  }
  if (!folders.empty()) return folders;
  const std::string tree = BuildTreeOfThisProgram();
  return {tree.empty() ? GLIMPSE_PLUGIN_DIR : tree + "/lib/glimpsed/kernels"};
}

}  // namespace glimpse
