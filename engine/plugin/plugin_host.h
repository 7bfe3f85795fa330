// SPDX-License-Identifier: Apache-2.0
// Finds, judges and loads operator plugins.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// The machine as plugins are told about it.
struct CpuInfo {
  uint64_t features[GLIMPSE_CPU_WORDS] = {};
  std::string part;
  uint32_t l1d_bytes = 0;
  uint32_t l2_bytes = 0;

  // Reads the machine we run on. GLIMPSE_CPU_MASK (a hexadecimal number) clears features[0] bits, for tests.
  static CpuInfo Detect();
};

// Names of the features set in `words`, "avx2" for instance, in bit order.
std::vector<std::string> CpuFeatureNames(const uint64_t words[GLIMPSE_CPU_WORDS]);

// Names of the features that the kernel needs and the machine lacks, in bit order.
std::vector<std::string> MissingCpuFeatures(const glimpse_op_descriptor& kernel, const glimpse_host& host);

// One loaded plugin; its code stays mapped until the process ends.
class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual const std::string& name() const = 0;  // "reference"
  virtual const std::string& version() const = 0;
  virtual const std::string& path() const = 0;
  virtual const glimpse_op_factory& factory() const = 0;
  // Validated, in the factory's order: copies, in which fields that the plugin's version of the ABI lacks are 0.
  virtual const std::vector<glimpse_op_descriptor>& descriptors() const = 0;
};

// A shared object that was found and not loaded.
struct PluginRefusal {
  std::string path;
  std::string reason;
};

// Asked about every file that was judged, before any of its code runs: an error is the reason why it is refused.
using PluginGate = std::function<Result<void>(const std::string& path, std::span<const std::byte> bytes)>;

// How long a process uses its plugins.
enum class PluginUse {
  kService,  // as long as it is left to run: every plugin is copied, so that nothing that happens to its file is
             // noticed
  kOnce,  // for a task that ends by itself: a file that only root may write is mapped as libraries are, which is faster
};

// All plugins of a process. [control] only while loading; afterwards immutable and thread-safe.
class PluginHost {
 public:
  // Loads every *.so directly inside the folders, in name order; a folder that is missing is an error, an empty one is
  // not. `folders` empty: DefaultPluginFolders(). A file that is refused is in refusals(), and does not stop the
  // others: whether a refusal is fatal is the caller's choice. Two plugins with one name: the second is refused.
  // Errors: kIo, kPlugin (a folder with wrong owner or mode).
  static Result<std::shared_ptr<PluginHost>> Load(const std::vector<std::string>& folders, const CpuInfo& cpu,
                                                  const PluginGate& gate = nullptr,
                                                  PluginUse use = PluginUse::kService);

  virtual ~PluginHost() = default;
  virtual const glimpse_host& host() const = 0;
  virtual const std::vector<std::shared_ptr<const Plugin>>& plugins() const = 0;
  virtual const std::vector<PluginRefusal>& refusals() const = 0;

  // The plugin with that name, or null.
  virtual const Plugin* Find(const std::string& name) const = 0;
};

// GLIMPSE_PLUGIN_PATH (folders separated by ':') when set; else, for a program that runs from a build tree, the folder
// of the plugins built there; else the installed one.
std::vector<std::string> DefaultPluginFolders();

}  // namespace glimpse
