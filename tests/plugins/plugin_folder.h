// SPDX-License-Identifier: Apache-2.0
// A folder of plugins for one test, copied from the zoo.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "engine/plugin/plugin_host.h"

namespace glimpse::testkit {

// Trusted when it is made (ours, 0755), removed at the end.
class PluginFolder {
 public:
  PluginFolder() {
    std::string path = std::string(GLIMPSE_TEST_FOLDER) + "/folder-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) std::abort();
    path_ = path;
    ::chmod(path_.c_str(), 0755);
  }
  ~PluginFolder() { std::filesystem::remove_all(path_); }
  PluginFolder(const PluginFolder&) = delete;
  PluginFolder& operator=(const PluginFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

  // The zoo's animal `animal` as a file of its own with mode 0644.
  std::string Put(const std::string& animal, const std::string& as = "") const {
    const std::string to = File((as.empty() ? animal : as) + ".so");
    std::filesystem::copy_file(Zoo(animal), to, std::filesystem::copy_options::overwrite_existing);
    ::chmod(to.c_str(), 0644);
    return to;
  }
  // Puts it beside and renames it over `to`, as package managers do.
  void Replace(const std::string& animal, const std::string& to) const {
    const std::string beside = to + ".new";
    std::filesystem::copy_file(Zoo(animal), beside);
    ::chmod(beside.c_str(), 0644);
    std::filesystem::rename(beside, to);
  }

  static std::string Zoo(const std::string& animal) { return std::string(GLIMPSE_ZOO_FOLDER) + "/" + animal + ".so"; }

 private:
  std::string path_;
};

inline std::vector<std::byte> ZooBytes(const std::string& animal) {
  auto bytes = ReadFile(PluginFolder::Zoo(animal), uint64_t{64} << 20);
  if (!bytes) {
    ADD_FAILURE() << bytes.error().message;
    return {};
  }
  return std::move(bytes).value();
}

}  // namespace glimpse::testkit
