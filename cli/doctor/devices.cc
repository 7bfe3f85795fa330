// SPDX-License-Identifier: Apache-2.0
// Devices: are they there, may they be opened, who holds them.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/strings.h"
#include "cli/doctor/accounts.h"
#include "cli/doctor/checks.h"

namespace glimpse::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kCameraGroup[] = "video";  // systemd's udev rules give it cameras
constexpr char kUnit[] = "/usr/lib/systemd/system/glimpsed.service";

// Files of `folder` whose names begin with `prefix`, as they are called on the machine.
std::vector<std::string> Named(const media::SystemRoot& root, const std::string& folder, const std::string& prefix) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(root.At(folder), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(prefix)) names.push_back(StrCat(folder, "/", name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> CameraDevices(const media::SystemRoot& root) {
  std::vector<std::string> devices = Named(root, "/dev", "video");
  const std::vector<std::string> media = Named(root, "/dev", "media");
  devices.insert(devices.end(), media.begin(), media.end());
  return devices;
}

// Whether the unit gives the daemon the group, so that the user need not be in it.
bool UnitGivesGroup(const Patient& patient) {
  std::ifstream unit(patient.root.At(kUnit));
  for (std::string line; std::getline(unit, line);) {
    if (!line.starts_with("SupplementaryGroups=")) continue;
    const std::vector<std::string> groups = StrSplit(line.substr(line.find('=') + 1), ' ');
    if (std::find(groups.begin(), groups.end(), kCameraGroup) != groups.end()) return true;
  }
  return false;
}

// The account that the daemon has, with the groups that its unit adds.
std::optional<Account> DaemonAccount(const Patient& patient) {
  auto account = FindAccount(patient.root, patient.user);
  const auto video = FindGroup(patient.root, kCameraGroup);
  if (account && video && patient.user == "glimpsed" && UnitGivesGroup(patient)) account->groups.insert(*video);
  return account;
}

// Cameras on USB bring frames in memory of their driver's; libcamera asks for a heap only for those that have none.
bool AllCamerasAreUsb(const media::SystemRoot& root) {
  const std::vector<std::string> devices = Named(root, "/dev", "video");
  return !devices.empty() && std::all_of(devices.begin(), devices.end(), [&root](const std::string& device) {
    std::error_code error;
    const fs::path link = StrCat("/sys/class/video4linux/", fs::path(device).filename().string(), "/device/driver");
    return fs::read_symlink(root.At(link.string()), error).filename() == "uvcvideo";
  });
}

bool NeedsCamera(const Patient& patient) {
  return patient.Uses(config::Camera::Source::kLibcamera) || patient.Uses(config::Camera::Source::kV4l2);
}

}  // namespace

Findings CheckGroups(const Patient& patient) {
  const auto account = DaemonAccount(patient);
  if (!account) {
    return {{Level::kProblem, "groups", StrCat("there is no user '", Printable(patient.user), "'"),
             "install the package glimpsed, or name the daemon's user with --user"}};
  }
  const auto video = FindGroup(patient.root, kCameraGroup);
  if (!video) {
    return {{NeedsCamera(patient) ? Level::kProblem : Level::kWarning, "groups", "there is no group 'video'",
             "run 'groupadd --system video' as root; udev gives it the cameras"}};
  }
  if (account->uid == 0 || account->groups.count(*video) > 0) {
    return {{Level::kOk, "groups", StrCat("user '", patient.user, "' has the cameras' group 'video'"), ""}};
  }
  return {{NeedsCamera(patient) ? Level::kProblem : Level::kWarning, "groups",
           StrCat("user '", patient.user, "' is not in the group 'video', to which cameras belong"),
           StrCat("run 'usermod -aG video ", patient.user, "' as root and start the daemon anew")}};
}

Findings CheckDevices(const Patient& patient) {
  const std::vector<std::string> devices = CameraDevices(patient.root);
  if (devices.empty()) {
    const bool needed = patient.config && NeedsCamera(patient);
    return {{needed ? Level::kProblem : Level::kWarning, "devices",
             "there is no camera: no /dev/video* and no /dev/media*",
             "plug the camera in, or see whether its driver is loaded ('dmesg' names it)"}};
  }
  const auto account = DaemonAccount(patient);
  Findings findings;
  for (const std::string& device : devices) {
    struct stat info {};
    if (::stat(patient.root.At(device).c_str(), &info) != 0) continue;  // gone meanwhile
    if (account && MayUse(*account, info.st_uid, info.st_gid, info.st_mode)) continue;
    const std::string group = NameOfGroup(patient.root, info.st_gid);
    findings.push_back(
        {NeedsCamera(patient) ? Level::kProblem : Level::kWarning, "devices",
         StrCat("user '", patient.user, "' may not open ", device, ", which belongs to the group '", group, "'"),
         group == kCameraGroup ? StrCat("run 'usermod -aG video ", patient.user, "' as root")
                               : "add a udev rule that gives it to the group video with mode 0660"});
  }
  if (findings.empty()) {
    findings.push_back({Level::kOk, "devices", StrCat(devices.size(), " devices of cameras, all may be opened"), ""});
  }
  return findings;
}

Findings CheckBusy(const Patient& patient) {
  Findings findings;
  for (const std::string& device : CameraDevices(patient.root)) {
    for (const media::Holder& holder : media::HoldersOf(device, patient.root)) {
      if (holder.name == "glimpsed" || holder.name == "pipewire" || holder.name == "wireplumber") continue;
      const std::string name = holder.name.empty() ? "a program" : Printable(holder.name, 40);
      findings.push_back({NeedsCamera(patient) ? Level::kProblem : Level::kWarning, "busy",
                          StrCat(device, " is in use by ", name, " (process ", holder.pid, ")"),
                          StrCat("end ", name, ": one program at a time can have a camera")});
    }
  }
  if (findings.empty()) findings.push_back({Level::kOk, "busy", "no other program has a camera open", ""});
  return findings;
}

Findings CheckDmaHeap(const Patient& patient) {
  std::vector<std::string> heaps = Named(patient.root, "/dev/dma_heap", "");
  const bool has_heap = !heaps.empty();
  if (std::error_code error; fs::exists(patient.root.At("/dev/udmabuf"), error)) heaps.emplace_back("/dev/udmabuf");
  const bool needed =
      patient.config && patient.Uses(config::Camera::Source::kLibcamera) && !AllCamerasAreUsb(patient.root);
  const Level level = needed ? Level::kProblem : Level::kWarning;
  if (heaps.empty()) {
    return {{level, "dma_heap", "libcamera has no memory for frames: there is no /dev/dma_heap/* and no /dev/udmabuf",
             "use a kernel with CONFIG_DMABUF_HEAPS (Raspberry Pi OS has it), or the source v4l2 for a USB camera"}};
  }
  const auto account = DaemonAccount(patient);
  for (const std::string& heap : heaps) {
    struct stat info {};
    if (::stat(patient.root.At(heap).c_str(), &info) != 0 || !account) continue;
    if (MayUse(*account, info.st_uid, info.st_gid, info.st_mode)) {
      return {{Level::kOk, "dma_heap", StrCat(heap, " may be opened"), ""}};
    }
  }
  return {{level, "dma_heap", StrCat("user '", patient.user, "' may open none of ", StrJoin(heaps, ", ")),
           StrCat("add the udev rule ",
                  has_heap ? "SUBSYSTEM==\"dma_heap\", GROUP=\"video\", MODE=\"0660\""
                           : StrCat("KERNEL==\"udmabuf\", OWNER=\"", patient.user, "\""),
                  " and restart; the package glimpsed-libcamera brings both")}};
}

}  // namespace glimpse::cli
