// SPDX-License-Identifier: Apache-2.0
// Kernels and plugins made inside a test program: what the engine sees is the same C ABI, without shared objects.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/plugin/plugin_host.h"

namespace glimpse::testkit {

// One kernel on offer, with the behaviour of its instances.
struct FakeKernel {
  std::string op;                 // "tflite.RELU"
  std::vector<std::string> then;  // further operators of a chain
  std::string impl = "test.kernel";
  uint32_t flags = 0;
  int32_t version_min = 1;
  int32_t version_max = 1;
  uint32_t input_min = 1;
  uint32_t input_max = 8;
  uint32_t output_min = 1;
  uint32_t output_max = 8;
  uint64_t input_types = ~uint64_t{0};
  std::vector<std::string> numerics;  // empty: every profile
  uint64_t cpu_features = 0;
  uint32_t score = 100;
  std::function<glimpse_status(const glimpse_node&, const glimpse_prepare&)> prepare;
  std::function<glimpse_status(const glimpse_invoke&)> invoke;
};

// A prepare that gives every output the shape of the first input, and work to do.
glimpse_status ShapeOfFirstInput(const glimpse_node& node, const glimpse_prepare& prepare);

// A PluginHost with plugins that a test puts together. Counts instances, so that a test sees leaks.
class FakePluginHost final : public PluginHost {
 public:
  explicit FakePluginHost(uint64_t cpu_features = 0);
  ~FakePluginHost() override;

  void Add(const std::string& plugin, std::vector<FakeKernel> kernels);

  const glimpse_host& host() const override { return host_; }
  const std::vector<std::shared_ptr<const Plugin>>& plugins() const override { return plugins_; }
  const std::vector<PluginRefusal>& refusals() const override { return refusals_; }
  const Plugin* Find(const std::string& name) const override;

 private:
  glimpse_host host_{};
  std::vector<std::shared_ptr<const Plugin>> plugins_;
  std::vector<PluginRefusal> refusals_;
};

// Kernel instances that exist at this moment, in the whole program.
int LiveKernels();

}  // namespace glimpse::testkit
