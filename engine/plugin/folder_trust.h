// SPDX-License-Identifier: Apache-2.0
// Who may put code into our process: the owner and mode that a plugin's file and folder must have.
//
// The owner must be root, the effective user, or, when the program runs from a build tree, the owner of the program's
// file (so that root may run what a user built). Nobody else may be able to write: no write bit for all; one for the
// group only when the group cannot hold anybody but the owner, that is the owner's private group of the same name
// without other members, as distributions with a umask of 002 use it, and no access list gives rights to others.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace glimpse {

// The users whose files are trusted.
struct TrustedOwners {
  uid_t effective_user = 0;
  std::optional<uid_t> program_owner;  // set only for a program that runs from a build tree

  static TrustedOwners OfThisProcess();
};

// Why the opened file or folder `fd` with the facts `info` is not trusted, or "": "belongs to user 1001 ...".
std::string ReasonForDistrust(int fd, const struct stat& info, const TrustedOwners& owners);

// Whether nobody but root may change what a file with these facts holds.
bool OnlyRootMayWrite(const struct stat& info);

// Whether group `gid` has no member but `uid`: it bears the user's name and lists nobody else. False when the system
// knows neither.
bool IsPrivateGroup(gid_t gid, uid_t uid);

}  // namespace glimpse
