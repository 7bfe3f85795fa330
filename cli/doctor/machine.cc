// SPDX-License-Identifier: Apache-2.0
// The machine itself: its clock and its disks.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "base/strings.h"
#include "cli/doctor/checks.h"

namespace glimpse::cli {
namespace {

constexpr uint64_t kLeastFreeBytes = 16u << 20;
constexpr time_t kSlack = 60;  // seconds that clocks of file systems may be ahead

std::string DateText(time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
  return text.data();
}

}  // namespace

// A Raspberry Pi has no clock that runs without power: until the network tells it the time it goes on from where it
// was. What was written later than now shows that.
Findings CheckClock(const Patient& patient) {
  const time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::array<std::string, 4> files = {
      patient.root.At("/var/lib/systemd/timesync/clock"), patient.root.At("/etc/fake-hwclock.data"),
      patient.root.At(patient.config_path), std::filesystem::read_symlink("/proc/self/exe").string()};
  for (const std::string& file : files) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0 || info.st_mtime <= now + kSlack) continue;
    return {{Level::kProblem, "clock",
             StrCat("the clock says ", DateText(now), ", but ", file, " is of ", DateText(info.st_mtime)),
             "see 'timedatectl'; without a network set it with 'timedatectl set-time'"}};
  }
  std::error_code error;
  if (std::filesystem::exists(patient.root.At("/run/systemd/timesync"), error) &&
      !std::filesystem::exists(patient.root.At("/run/systemd/timesync/synchronized"), error)) {
    return {{Level::kWarning, "clock", StrCat("the clock says ", DateText(now), " and was not set by the network yet"),
             "see 'timedatectl timesync-status'"}};
  }
  return {{Level::kOk, "clock", StrCat("it is ", DateText(now)), ""}};
}

Findings CheckDisk(const Patient& patient) {
  Findings findings;
  std::vector<std::string> folders = {"/var/log", "/var/lib/glimpsed", "/run", "/tmp"};
  if (patient.config && !patient.config->metrics.textfile.empty()) {
    folders.push_back(std::filesystem::path(patient.config->metrics.textfile).parent_path().string());
  }
  for (const std::string& folder : folders) {
    struct statvfs info {};
    if (::statvfs(patient.root.At(folder).c_str(), &info) != 0 || info.f_blocks == 0) continue;
    const uint64_t free_bytes = uint64_t{info.f_bavail} * info.f_frsize;
    const uint64_t all_bytes = uint64_t{info.f_blocks} * info.f_frsize;
    const bool no_files = info.f_files > 0 && info.f_favail == 0;
    // A small disk of its own, such as /run, is judged by its size.
    if (free_bytes >= std::min(kLeastFreeBytes, all_bytes / 20) && !no_files) continue;
    findings.push_back(
        {Level::kProblem, "disk",
         no_files ? StrCat(folder, " has room for no further file")
                  : StrCat(folder, " is full: ", free_bytes, " of ", all_bytes, " bytes are free"),
         StrCat("remove what is not needed ('du -xh ", folder,
                " | sort -h' shows what is large); 'journalctl --vacuum-size=100M' shrinks the journal")});
  }
  if (findings.empty()) findings.push_back({Level::kOk, "disk", "there is room", ""});
  return findings;
}

}  // namespace glimpse::cli
