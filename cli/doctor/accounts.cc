// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor/accounts.h"

#include <sys/stat.h>

#include <charconv>
#include <fstream>
#include <functional>
#include <vector>

#include "base/strings.h"

namespace glimpse::cli {
namespace {

std::optional<unsigned> ReadNumber(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Calls `visit` with the fields of each line of at least `fields`, until it says that it has enough.
void EachLine(const std::string& path, size_t fields,
              const std::function<bool(const std::vector<std::string>&)>& visit) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> parts = StrSplit(line, ':');
    if (parts.size() >= fields && visit(parts)) return;
  }
}

}  // namespace

std::optional<Account> FindAccount(const media::SystemRoot& root, const std::string& user) {
  std::optional<Account> account;
  EachLine(root.At("/etc/passwd"), 4, [&](const std::vector<std::string>& fields) {
    const auto uid = ReadNumber(fields[2]);
    const auto gid = ReadNumber(fields[3]);
    if (fields[0] != user || !uid || !gid) return false;
    account = Account{user, *uid, {*gid}};
    return true;
  });
  if (!account) return account;
  EachLine(root.At("/etc/group"), 4, [&](const std::vector<std::string>& fields) {
    const auto gid = ReadNumber(fields[2]);
    for (const std::string& member : StrSplit(fields[3], ',')) {
      if (gid && member == user) account->groups.insert(*gid);
    }
    return false;
  });
  return account;
}

std::optional<gid_t> FindGroup(const media::SystemRoot& root, const std::string& group) {
  std::optional<gid_t> found;
  EachLine(root.At("/etc/group"), 3, [&](const std::vector<std::string>& fields) {
    if (fields[0] != group) return false;
    found = ReadNumber(fields[2]);
    return true;
  });
  return found;
}

std::string NameOfGroup(const media::SystemRoot& root, gid_t group) {
  std::string name = StrCat("number ", group);
  EachLine(root.At("/etc/group"), 3, [&](const std::vector<std::string>& fields) {
    if (ReadNumber(fields[2]) != group) return false;
    name = fields[0];
    return true;
  });
  return name;
}

bool MayUse(const Account& account, uid_t owner, gid_t group, mode_t mode) {
  if (account.uid == 0) return true;
  if (account.uid == owner) return (mode & S_IRUSR) != 0 && (mode & S_IWUSR) != 0;
  if (account.groups.count(group) > 0) return (mode & S_IRGRP) != 0 && (mode & S_IWGRP) != 0;
  return (mode & S_IROTH) != 0 && (mode & S_IWOTH) != 0;
}

}  // namespace glimpse::cli
