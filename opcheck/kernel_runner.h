// SPDX-License-Identifier: Apache-2.0
// A host for one kernel that trusts it in nothing: every buffer is guarded, every word of the ABI is held against what
// the kernel does. Shared by glimpse-op-check and the tests of the operators.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "glimpse/op_abi.h"
#include "opcheck/guarded_block.h"
#include "opcheck/node.h"

namespace glimpse::opcheck {

struct PrepareForm {
  ShowForm show;
  // The host callback with this number, counted from 0 in the order of the calls (set_error() is none), fails.
  std::optional<uint32_t> failing_call;
  uint32_t workers = 1;  // threads that invoke() may divide its work among
};

struct InvokeForm {
  uint8_t output_poison = 0x5A;
  uint8_t scratch_poison = 0x3C;
  std::optional<size_t> alias = std::nullopt;  // this one of aliases(): the output lies in the memory of the input
  bool null_inputs = false;                    // as for a kernel that looks at shapes alone
  size_t input_tail = GLIMPSE_TAIL_BYTES;      // bytes behind inputs that are not constant which may be read
  size_t struct_tail = 0;
  GuardedBlock::Place place = GuardedBlock::Place::kOdd;  // of inputs, outputs and scratch memory
};

// What an invoke made: content of outputs, then of VARIABLE inputs.
struct Made {
  glimpse_status status = GLIMPSE_INTERNAL;
  std::vector<std::vector<int32_t>> shapes;
  std::vector<std::vector<uint8_t>> outputs;
  bool operator==(const Made&) const = default;
};

// Owns a kernel and the memory that it asks for. Not thread-safe; several runners may work in parallel.
class KernelRunner {
 public:
  // Destroys `kernel` in the end.
  explicit KernelRunner(glimpse_kernel* kernel) : kernel_(kernel) {}
  ~KernelRunner();
  KernelRunner(const KernelRunner&) = delete;
  KernelRunner& operator=(const KernelRunner&) = delete;

  // `node` must live until the next Prepare(). The status as the kernel gave it; what the kernel did wrong is in
  // problem().
  glimpse_status Prepare(const Node& node, const PrepareForm& form = {});
  // REQUIRES: Prepare() gave GLIMPSE_OK.
  Made Invoke(const InvokeForm& form = {});
  void Reset();

  const std::string& message() const { return message_; }  // the kernel's last words
  // What the kernel did, in any call so far, that the ABI forbids; "" when nothing.
  const std::string& problem() const { return problem_; }
  uint32_t calls() const { return calls_; }                 // of host callbacks in the last Prepare()
  const char* failed_call() const { return failed_call_; }  // the one that was made to fail, or nullptr
  const std::vector<std::vector<int32_t>>& shapes() const { return shapes_; }
  // Pairs of input and output that the kernel allows to lie in the same memory.
  const std::vector<std::pair<uint32_t, uint32_t>>& aliases() const { return aliases_; }
  bool has_dynamic_output() const { return std::find(dynamic_.begin(), dynamic_.end(), true) != dynamic_.end(); }
  uint64_t macs() const { return macs_; }

 private:
  static KernelRunner& From(void* context) { return *static_cast<KernelRunner*>(context); }
  // Counts a callback: the status that it has to answer at once when it is the one to fail.
  std::optional<glimpse_status> Call(const char* name, glimpse_status failure);
  glimpse_prepare Services();
  glimpse_status SetShape(uint32_t output, uint32_t rank, const int32_t* dims);
  glimpse_status Persistent(size_t bytes, void** memory);
  glimpse_status Share(void** memory);
  // As glimpse_invoke.parallel, on threads of its own.
  void Divide(uint32_t items, void (*task)(void* data, uint32_t item, uint32_t worker), void* data);
  glimpse_status Resize(uint32_t output, uint32_t rank, const int32_t* dims, void** data);
  void Problem(const std::string& text);
  template <typename Function>
  glimpse_status Guarded(const char* what, Function function);
  void CheckBlocks(const std::vector<std::unique_ptr<GuardedBlock>>& blocks);

  void Alias(std::pair<uint32_t, uint32_t> pair, std::vector<const void*>* ins, const std::vector<void*>& outs);
  GuardedBlock* AddInput(const NodeTensor& tensor, const InvokeForm& form, uint32_t index);

  glimpse_kernel* kernel_;
  const Node* node_ = nullptr;
  std::unique_ptr<ShownNode> shown_;
  PrepareForm form_;
  std::string message_, problem_;
  uint32_t calls_ = 0;
  const char* failed_call_ = nullptr;
  std::vector<std::vector<int32_t>> shapes_;
  std::vector<bool> shape_set_, dynamic_;
  std::vector<size_t> scratch_bytes_;
  std::vector<std::pair<uint32_t, uint32_t>> aliases_;
  uint64_t macs_ = 0;
  std::vector<std::unique_ptr<GuardedBlock>> persistent_;
  // Of the invoke that runs.
  std::vector<std::unique_ptr<GuardedBlock>> inputs_, outputs_, scratch_;
  std::vector<const NodeTensor*> input_tensors_;
  InvokeForm invoke_form_;
};

// Which call of a plugin is running, for a report about a crash in it: "prepare", or nullptr.
const char* RunningCall();
// Whether this thread is in a kernel's invoke(), and not in a service of the host's.
bool InvokeRuns();

}  // namespace glimpse::opcheck
