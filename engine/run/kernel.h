// SPDX-License-Identifier: Apache-2.0
// The host's side of one kernel instance: calls it, and checks what it answers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/aligned_memory.h"
#include "engine/run/worker_pool.h"
#include "glimpse/op_abi.h"

namespace glimpse {

// What a kernel asked for and said while it was prepared.
struct PreparedNode {
  std::vector<std::vector<int32_t>> output_shapes;  // of outputs that are not dynamic
  std::vector<bool> dynamic_outputs;                // invoke() tells their shapes
  std::vector<std::shared_ptr<AlignedMemory>> persistent;
  std::vector<size_t> scratch_bytes;                   // by scratch id
  std::vector<std::pair<uint32_t, uint32_t>> aliases;  // input, output
  uint64_t macs = 0;
  uint64_t work = 0;
  size_t persistent_bytes = 0;
};

// Status of a prepare, with the kernel's own words ("" when it gave none).
struct PrepareOutcome {
  glimpse_status status = GLIMPSE_INTERNAL;  // one of the named values
  std::string message;
  PreparedNode node;  // meaningful when status is GLIMPSE_OK
};

// Gives outputs whose shape is only known in invoke() their memory.
class OutputResizer {
 public:
  virtual ~OutputResizer() = default;
  // Dimensions are at most GLIMPSE_MAX_RANK and none is negative; `output` is for the callee to check. Errors: any.
  virtual Result<std::byte*> ResizeOutput(uint32_t output, std::span<const int32_t> dims) = 0;
};

// Owns one glimpse_kernel; destroys it before the memory that it was given. Not thread-safe.
class Kernel {
 public:
  // Errors: kPlugin, when the plugin's create() fails or hands out a kernel with missing functions.
  static Result<std::unique_ptr<Kernel>> Create(const Plugin& plugin, uint32_t descriptor);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  const Plugin& plugin() const { return plugin_; }
  const glimpse_op_descriptor& descriptor() const { return plugin_.descriptors()[descriptor_]; }

  // May ask for at most `max_bytes` of persistent memory. The kernel may divide its work among `workers`, which outlive
  // it; nullptr: it is alone. An output without a shape, a wrong rank or a negative dimension is the kernel's defect:
  // GLIMPSE_INTERNAL with a message.
  PrepareOutcome Prepare(const glimpse_node& node, size_t max_bytes, WorkerPool* workers = nullptr);

  // REQUIRES: a successful Prepare(); `invoke` filled but for context and callbacks; `resizer` when an output is
  // dynamic. Errors, with the kernel's words: kInvalidArgument when values of the inputs break the operator's
  // definition, kExhausted, kInternal.
  Result<void> Invoke(glimpse_invoke& invoke, OutputResizer* resizer = nullptr);

  void Reset();

 private:
  Kernel(const Plugin& plugin, uint32_t descriptor, glimpse_kernel* kernel)
      : plugin_(plugin), descriptor_(descriptor), kernel_(kernel) {}

  const Plugin& plugin_;
  uint32_t descriptor_;
  std::vector<std::shared_ptr<AlignedMemory>> persistent_;
  glimpse_kernel* kernel_;
  WorkerPool* workers_ = nullptr;
};

}  // namespace glimpse
