// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/folder_trust.h"

#include <grp.h>
#include <pwd.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iomanip>
#include <memory>
#include <sstream>

#include "base/build_tree.h"
#include "base/strings.h"

namespace glimpse {
namespace {

constexpr size_t kMaxRecordBytes = size_t{1} << 20;

// Calls one of getpwuid_r and getgrgid_r with a buffer that grows until the record fits.
template <typename Record, typename Id>
bool Lookup(int (*get)(Id, Record*, char*, size_t, Record**), Id id, Record& record, std::vector<char>& buffer) {
  for (size_t bytes = 1024; bytes <= kMaxRecordBytes; bytes *= 2) {
    buffer.resize(bytes);
    Record* found = nullptr;
    const int status = get(id, &record, buffer.data(), buffer.size(), &found);
    if (status != ERANGE) return status == 0 && found != nullptr;
  }
  return false;
}

std::string Octal(mode_t mode) {
  std::ostringstream out;
  out << std::oct << std::setw(4) << std::setfill('0') << (mode & 07777);
  return out.str();
}

// With an access list, the group bits are only the upper bound of what it grants to anybody.
bool HasAccessList(int fd) { return ::fgetxattr(fd, "system.posix_acl_access", nullptr, 0) > 0; }

}  // namespace

bool IsPrivateGroup(gid_t gid, uid_t uid) {
  struct passwd user {};
  struct group group {};
  std::vector<char> user_buffer, group_buffer;
  if (!Lookup<struct passwd, uid_t>(::getpwuid_r, uid, user, user_buffer)) return false;
  if (!Lookup<struct group, gid_t>(::getgrgid_r, gid, group, group_buffer)) return false;
  const std::string name = user.pw_name;
  if (name != group.gr_name || user.pw_gid != gid) return false;
  for (char** member = group.gr_mem; member != nullptr && *member != nullptr; ++member) {
    if (name != *member) return false;
  }
  return true;
}

TrustedOwners TrustedOwners::OfThisProcess() {
  TrustedOwners owners;
  owners.effective_user = ::geteuid();
  struct stat program {};
  if (!BuildTreeOfThisProgram().empty() && ::stat("/proc/self/exe", &program) == 0) {
    owners.program_owner = program.st_uid;
  }
  return owners;
}

std::string ReasonForDistrust(int fd, const struct stat& info, const TrustedOwners& owners) {
  const bool owned = info.st_uid == 0 || info.st_uid == owners.effective_user || info.st_uid == owners.program_owner;
  if (!owned) {
    return StrCat("belongs to user ", info.st_uid, ", but must belong to root or to user ", owners.effective_user,
                  ", who runs this program", owners.program_owner ? ", or to the owner of the program" : "",
                  ": change its owner with chown");
  }
  if ((info.st_mode & S_IWOTH) != 0) {
    return StrCat("is writable by everybody (mode ", Octal(info.st_mode), "): take that away with chmod o-w");
  }
  // Users and groups are asked for only where it matters: that reads files.
  if ((info.st_mode & S_IWGRP) != 0 && (!IsPrivateGroup(info.st_gid, info.st_uid) || HasAccessList(fd))) {
    return StrCat("is writable by group ", info.st_gid, " (mode ", Octal(info.st_mode),
                  "): take that away with chmod g-w");
  }
  return "";
}

// With an access list the group bits are its upper bound.
bool OnlyRootMayWrite(const struct stat& info) { return info.st_uid == 0 && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0; }

}  // namespace glimpse
