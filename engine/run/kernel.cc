// SPDX-License-Identifier: Apache-2.0
#include "engine/run/kernel.h"

#include <algorithm>
#include <exception>

#include "base/checked_math.h"
#include "base/strings.h"
#include "engine/run/shared_blocks.h"

namespace glimpse {
namespace {

// The context behind glimpse_prepare: everything a kernel says lands here and is judged afterwards.
class PrepareRecorder {
 public:
  PrepareRecorder(const glimpse_node& node, size_t max_bytes, const WorkerPool* workers)
      : inputs_(InputCount(node)),
        outputs_(node.operators[node.operator_count - 1]->output_count),
        max_bytes_(max_bytes),
        shapes_set_(outputs_, false) {
    outcome_.node.output_shapes.resize(outputs_);
    outcome_.node.dynamic_outputs.resize(outputs_, false);
    api_.struct_size = sizeof(api_);
    api_.context = this;
    api_.worker_count = workers == nullptr ? 1 : workers->worker_count();
    api_.set_error = [](void* self, const char* message) noexcept { From(self).SetError(message); };
    api_.set_output_shape = [](void* self, uint32_t output, uint32_t rank, const int32_t* dims) noexcept {
      return From(self).SetOutputShape(output, rank, dims);
    };
    api_.set_dynamic_output = [](void* self, uint32_t output) noexcept { return From(self).SetDynamicOutput(output); };
    api_.persistent = [](void* self, size_t bytes, void** memory) noexcept {
      return From(self).Persistent(bytes, memory);
    };
    api_.share = [](void* self, void** memory) noexcept { return From(self).Share(memory); };
    api_.scratch = [](void* self, size_t bytes, uint32_t* id) noexcept { return From(self).Scratch(bytes, id); };
    api_.allow_alias = [](void* self, uint32_t input, uint32_t output) noexcept {
      return From(self).AllowAlias(input, output);
    };
    api_.report_work = [](void* self, uint64_t macs, uint64_t other) noexcept {
      return From(self).ReportWork(macs, other);
    };
  }

  const glimpse_prepare* api() const { return &api_; }

  PrepareOutcome Finish(glimpse_status status) {
    outcome_.status = status;
    if (status < GLIMPSE_OK || status > GLIMPSE_INTERNAL) {
      Defect(StrCat("prepare() returned the unknown status ", status));
    } else if (!defect_.empty()) {
      Defect(defect_);
    } else if (status == GLIMPSE_OK && !std::all_of(shapes_set_.begin(), shapes_set_.end(), [](bool b) { return b; })) {
      Defect("prepare() succeeded without setting the shape of every output");
    } else if (status == GLIMPSE_NO_MEMORY && outcome_.message.empty()) {
      outcome_.message = StrCat("needs more than the ", max_bytes_, " bytes of memory that are left to it");
    }
    return std::move(outcome_);
  }

 private:
  // Inputs of all operators, without the links between them.
  static uint32_t InputCount(const glimpse_node& node) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < node.operator_count; ++i) count += node.operators[i]->input_count;
    return count - (node.operator_count - 1);
  }

  static PrepareRecorder& From(void* self) { return *static_cast<PrepareRecorder*>(self); }

  void Defect(const std::string& text) {
    outcome_.status = GLIMPSE_INTERNAL;
    outcome_.message = text;
  }

  void SetError(const char* message) {
    if (message != nullptr) outcome_.message = Printable(message, 500);
  }

  glimpse_status SetOutputShape(uint32_t output, uint32_t rank, const int32_t* dims) {
    if (output >= outputs_ || rank > GLIMPSE_MAX_RANK || (rank > 0 && dims == nullptr)) {
      defect_ = StrCat("set_output_shape(", output, ") with rank ", rank, " is out of range");
      return GLIMPSE_INTERNAL;
    }
    std::vector<int32_t> shape(dims, dims + rank);
    if (std::any_of(shape.begin(), shape.end(), [](int32_t d) { return d < 0; })) {
      defect_ = StrCat("set_output_shape(", output, ") with a negative dimension");
      return GLIMPSE_INTERNAL;
    }
    outcome_.node.output_shapes[output] = std::move(shape);
    outcome_.node.dynamic_outputs[output] = false;
    shapes_set_[output] = true;
    return GLIMPSE_OK;
  }

  glimpse_status SetDynamicOutput(uint32_t output) {
    if (output >= outputs_) {
      defect_ = StrCat("set_dynamic_output(", output, ") is out of range");
      return GLIMPSE_INTERNAL;
    }
    outcome_.node.dynamic_outputs[output] = true;
    shapes_set_[output] = true;
    return GLIMPSE_OK;
  }

  glimpse_status Persistent(size_t bytes, void** memory) {
    const auto total = CheckedAdd(outcome_.node.persistent_bytes, bytes);
    if (memory == nullptr) return GLIMPSE_INTERNAL;
    if (!total || *total > max_bytes_) return GLIMPSE_NO_MEMORY;
    auto block = AlignedMemory::Allocate(bytes);
    if (!block) return GLIMPSE_NO_MEMORY;
    *memory = block->bytes().data();
    outcome_.node.persistent.push_back(std::make_shared<AlignedMemory>(std::move(*block)));
    outcome_.node.persistent_bytes = *total;
    return GLIMPSE_OK;
  }

  glimpse_status Share(void** memory) {
    for (std::shared_ptr<AlignedMemory>& block : outcome_.node.persistent) {
      if (memory == nullptr || block->bytes().data() != *memory) continue;
      block = SharedBlocks::OfProcess().Share(std::move(block));
      *memory = block->bytes().data();
      return GLIMPSE_OK;
    }
    defect_ = "share() was given memory that persistent() did not give";
    return GLIMPSE_INTERNAL;
  }

  glimpse_status Scratch(size_t bytes, uint32_t* id) {
    if (id == nullptr) return GLIMPSE_INTERNAL;
    if (bytes > max_bytes_) return GLIMPSE_NO_MEMORY;
    *id = static_cast<uint32_t>(outcome_.node.scratch_bytes.size());
    outcome_.node.scratch_bytes.push_back(bytes);
    return GLIMPSE_OK;
  }

  glimpse_status AllowAlias(uint32_t input, uint32_t output) {
    if (input >= inputs_ || output >= outputs_) {
      defect_ = StrCat("allow_alias(", input, ", ", output, ") is out of range");
      return GLIMPSE_INTERNAL;
    }
    outcome_.node.aliases.emplace_back(input, output);
    return GLIMPSE_OK;
  }

  glimpse_status ReportWork(uint64_t macs, uint64_t other) {
    PreparedNode& node = outcome_.node;
    const auto work = CheckedAdd(macs, other);
    const auto all_macs = CheckedAdd(node.macs, macs);
    const auto all_work = work ? CheckedAdd(node.work, *work) : std::nullopt;
    // Saturate: the limit on work refuses it later.
    node.macs = all_macs.value_or(UINT64_MAX);
    node.work = all_work.value_or(UINT64_MAX);
    return GLIMPSE_OK;
  }

  uint32_t inputs_;
  uint32_t outputs_;
  size_t max_bytes_;
  std::vector<bool> shapes_set_;
  std::string defect_;
  PrepareOutcome outcome_;
  glimpse_prepare api_{};
};

// Calls into a plugin. An exception must not cross the C boundary; one that does all the same is the kernel's defect,
// not our end.
template <typename Call, typename OnException>
glimpse_status Guarded(Call call, OnException on_exception) {
  try {
    return call();
  } catch (const std::exception& exception) {
    on_exception(StrCat("threw an exception: ", exception.what()).c_str());
  } catch (...) {
    on_exception("threw an exception");
  }
  return GLIMPSE_INTERNAL;
}

// The context behind glimpse_invoke.
struct InvokeState {
  OutputResizer* resizer = nullptr;
  WorkerPool* workers = nullptr;
  Error error;  // what the kernel said, or why the host refused memory

  void SetError(const char* message) {
    // The host's own reason is better than what a kernel makes of it.
    if (message != nullptr && error.code == ErrorCode::kInternal) error.message = Printable(message, 500);
  }

  glimpse_status Resize(uint32_t output, uint32_t rank, const int32_t* dims, void** data) {
    if (resizer == nullptr || data == nullptr || rank > GLIMPSE_MAX_RANK || (rank > 0 && dims == nullptr) ||
        std::any_of(dims, dims + rank, [](int32_t d) { return d < 0; })) {
      error = {ErrorCode::kInternal, StrCat("resize_output(", output, ") with rank ", rank,
                                            " is out of range, or of an output that is not dynamic")};
      return GLIMPSE_INTERNAL;
    }
    const auto memory = resizer->ResizeOutput(output, {dims, rank});
    if (!memory) {
      error = memory.error();
      return error.code == ErrorCode::kInternal ? GLIMPSE_INTERNAL : GLIMPSE_NO_MEMORY;
    }
    *data = *memory;
    return GLIMPSE_OK;
  }
};

ErrorCode CodeOf(glimpse_status status, ErrorCode known) {
  if (known != ErrorCode::kInternal) return known;
  switch (status) {
    case GLIMPSE_INVALID_NODE:
      return ErrorCode::kInvalidArgument;
    case GLIMPSE_NO_MEMORY:
    case GLIMPSE_CANCELLED:
      return ErrorCode::kExhausted;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Result<std::unique_ptr<Kernel>> Kernel::Create(const Plugin& plugin, uint32_t descriptor) {
  const glimpse_op_factory& factory = plugin.factory();
  glimpse_kernel* raw = nullptr;
  const glimpse_status status = factory.create(&factory, descriptor, &raw);
  const auto refuse = [&](const std::string& why) {
    return Unexpected(ErrorCode::kPlugin,
                      StrCat(plugin.path(), ": kernel ", plugin.descriptors()[descriptor].impl, ": ", why));
  };
  if (status != GLIMPSE_OK) return refuse(StrCat("create() returned status ", status));
  if (raw == nullptr) return refuse("create() handed out no kernel");
  if (raw->struct_size < sizeof(glimpse_kernel) || raw->prepare == nullptr || raw->invoke == nullptr ||
      raw->destroy == nullptr) {
    return refuse("create() handed out a kernel without prepare, invoke or destroy");
  }
  return std::unique_ptr<Kernel>(new Kernel(plugin, descriptor, raw));
}

Kernel::~Kernel() { kernel_->destroy(kernel_); }

PrepareOutcome Kernel::Prepare(const glimpse_node& node, size_t max_bytes, WorkerPool* workers) {
  PrepareRecorder recorder(node, max_bytes, workers);
  workers_ = workers;
  PrepareOutcome outcome =
      recorder.Finish(Guarded([&] { return kernel_->prepare(kernel_, &node, recorder.api()); },
                              [&](const char* what) { recorder.api()->set_error(recorder.api()->context, what); }));
  // Kept even after a failure: the kernel may hold pointers into it until it is destroyed or prepared again.
  persistent_ = std::move(outcome.node.persistent);
  return outcome;
}

Result<void> Kernel::Invoke(glimpse_invoke& invoke, OutputResizer* resizer) {
  InvokeState state;
  state.resizer = resizer;
  state.workers = workers_;
  invoke.context = &state;
  invoke.set_error = [](void* context, const char* message) noexcept {
    static_cast<InvokeState*>(context)->SetError(message);
  };
  invoke.resize_output = [](void* context, uint32_t output, uint32_t rank, const int32_t* dims, void** data) noexcept {
    return static_cast<InvokeState*>(context)->Resize(output, rank, dims, data);
  };
  if (workers_ != nullptr) {
    invoke.parallel = [](void* context, uint32_t items, WorkerPool::Task task, void* data) noexcept {
      static_cast<InvokeState*>(context)->workers->Run(items, task, data);
    };
  }
  const glimpse_status status = Guarded([&] { return kernel_->invoke(kernel_, &invoke); },
                                        [&](const char* what) {
                                          state.error = {ErrorCode::kInternal, what};
                                        });
  invoke.context = nullptr;
  if (status == GLIMPSE_OK) return {};
  if (state.error.message.empty()) state.error.message = StrCat("invoke() returned status ", status);
  return Unexpected(CodeOf(status, state.error.code), std::move(state.error.message));
}

void Kernel::Reset() {
  if (kernel_->reset != nullptr) kernel_->reset(kernel_);
}

}  // namespace glimpse
