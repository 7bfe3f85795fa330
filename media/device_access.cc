// SPDX-License-Identifier: Apache-2.0
#include "media/device_access.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/strings.h"

namespace glimpse::media {
namespace {

namespace fs = std::filesystem;

std::string GroupName(gid_t group) {
  ::group entry{};
  ::group* found = nullptr;
  std::array<char, 4096> room{};
  if (::getgrgid_r(group, &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return StrCat("number ", group);
  }
  return entry.gr_name;
}

std::string UserName() {
  ::passwd entry{};
  ::passwd* found = nullptr;
  std::array<char, 4096> room{};
  const uid_t user = ::geteuid();
  if (::getpwuid_r(user, &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return StrCat("number ", user);
  }
  return entry.pw_name;
}

std::string Denied(const std::string& device) {
  struct stat info {};
  if (::stat(device.c_str(), &info) != 0) return "this user may not open it";
  const std::string group = GroupName(info.st_gid);
  const std::string user = UserName();
  if ((info.st_mode & (S_IRGRP | S_IWGRP)) != (S_IRGRP | S_IWGRP)) {
    return StrCat("user '", user, "' may not open it, nor may its group '", group,
                  "'; a udev rule should give it to the group video with mode 0660");
  }
  return StrCat("user '", user, "' is not in the group '", group, "', which may open it; run 'usermod -aG ", group, " ",
                user, "' as root and start the program anew");
}

}  // namespace

std::vector<Holder> HoldersOf(const std::string& device, const SystemRoot& root) {
  std::vector<Holder> holders;
  std::error_code error;
  fs::directory_iterator process(root.At("/proc"), error);
  for (; !error && process != fs::directory_iterator(); process.increment(error)) {
    const std::string number = process->path().filename().string();
    int pid = 0;
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), pid);
    if (problem != std::errc() || end != number.data() + number.size() || pid == ::getpid()) continue;
    std::error_code hidden;  // another user's, or gone meanwhile
    fs::directory_iterator file(process->path() / "fd", hidden);
    for (; !hidden && file != fs::directory_iterator(); file.increment(hidden)) {
      std::error_code vanished;
      if (fs::read_symlink(file->path(), vanished) != device || vanished) continue;
      Holder holder{pid, ""};
      std::ifstream(process->path() / "comm") >> holder.name;
      holders.push_back(std::move(holder));
      break;
    }
  }
  std::sort(holders.begin(), holders.end(), [](const Holder& a, const Holder& b) { return a.pid < b.pid; });
  return holders;
}

std::string InUseText(const std::string& device, const SystemRoot& root) {
  std::vector<std::string> names;
  for (const Holder& holder : HoldersOf(device, root)) {
    names.push_back(
        StrCat(holder.name.empty() ? "a program" : Printable(holder.name, 40), " (process ", holder.pid, ")"));
  }
  return StrCat("in use by ", names.empty() ? "another program" : StrJoin(names, ", "));
}

std::string ExplainOpenError(const std::string& device, int error) {
  switch (error) {
    case EACCES:
      return Denied(device);
    case EPERM:
      return "the system does not let this service use it; see DeviceAllow= of its unit";
    case ENOENT:
    case ENXIO:
    case ENODEV:
      return "there is no such camera; see whether it is plugged in, and what 'glimpse cameras' lists";
    case EBUSY:
      return StrCat(InUseText(device), "; end that first");
    default:
      return std::strerror(error);
  }
}

}  // namespace glimpse::media
