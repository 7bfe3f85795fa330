// SPDX-License-Identifier: Apache-2.0
// Users and groups of a machine that need not be this one: read from its files.
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>

#include "media/device_access.h"

namespace glimpse::cli {

struct Account {
  std::string name;
  uid_t uid = 0;
  std::set<gid_t> groups;  // the primary one, and those whose member it is
};

// Nothing when there is no such user.
std::optional<Account> FindAccount(const media::SystemRoot& root, const std::string& user);
// Nothing when there is no such group.
std::optional<gid_t> FindGroup(const media::SystemRoot& root, const std::string& group);
// The group's name, or "number N".
std::string NameOfGroup(const media::SystemRoot& root, gid_t group);

// Whether `account` may read and write a file of that owner, group and mode.
bool MayUse(const Account& account, uid_t owner, gid_t group, mode_t mode);

}  // namespace glimpse::cli
