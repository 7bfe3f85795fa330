// SPDX-License-Identifier: Apache-2.0
// The class to derive a kernel from, and the trampolines that carry the calls of the C ABI to it.
#pragma once

#include <exception>
#include <memory>
#include <new>
#include <string>

#include "glimpse/op_abi.h"
#include "glimpse/sdk/context.h"
#include "glimpse/sdk/status.h"

namespace glimpse::sdk {

// One kernel instance: created, prepared (perhaps again with other shapes), invoked many times, destroyed in any state.
class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  virtual ~Kernel() = default;

  // [control] Validates everything, since the model is untrusted; sets the shape of every output; asks for memory;
  // computes constants. After a failure the kernel must still be good for another Prepare.
  virtual Status Prepare(PrepareContext& context) = 0;
  // [worker] Computes. No heap, no locks, no I/O. Must not fail for any content of the inputs.
  virtual Status Invoke(const InvokeContext& context) = 0;
  // [control] Forgets state that is kept outside of VARIABLE tensors.
  virtual void Reset() {}
};

// Makes an instance; must not call the host.
using MakeKernel = std::unique_ptr<Kernel> (*)();

// The usual MakeKernel: Make<MyKernel>.
template <typename K>
std::unique_ptr<Kernel> Make() {
  return std::make_unique<K>();
}

namespace internal {

// A glimpse_kernel with the C++ object behind it.
struct Instance {
  glimpse_kernel abi{};
  uint32_t operators = 1;  // of a node
  std::unique_ptr<Kernel> kernel;
};

inline Instance& InstanceOf(glimpse_kernel* abi) { return *static_cast<Instance*>(abi->plugin_data); }
inline Kernel& KernelOf(glimpse_kernel* abi) { return *InstanceOf(abi).kernel; }

// No exception crosses the C boundary: runs `body`, tells the host what went wrong.
template <typename Services, typename Body>
glimpse_status Guard(const Services* services, Body body) noexcept {
  const auto fail = [services](glimpse_status code, const char* message) {
    if (services != nullptr && services->set_error != nullptr && message != nullptr && *message != '\0') {
      services->set_error(services->context, message);
    }
    return code;
  };
  try {
    const Status status = body();
    return status.ok() ? GLIMPSE_OK : fail(status.code(), status.message().c_str());
  } catch (const std::bad_alloc&) {
    return fail(GLIMPSE_NO_MEMORY, "the plugin is out of memory");
  } catch (const std::exception& error) {
    return fail(GLIMPSE_INTERNAL, error.what());
  } catch (...) {
    return fail(GLIMPSE_INTERNAL, "the plugin threw something that is no std::exception");
  }
}

inline glimpse_status PrepareTrampoline(glimpse_kernel* abi, const glimpse_node* node,
                                        const glimpse_prepare* services) {
  return Guard(services, [&]() -> Status {
    // A host of a later minor version has longer structs, one of an earlier version would not have taken the plugin.
    if (node->struct_size < sizeof(glimpse_node) || services->struct_size < sizeof(glimpse_prepare)) {
      return Internal("the host's structs are shorter than those of this ABI version");
    }
    if (node->operator_count != InstanceOf(abi).operators) {
      return Unsupported("a chain of ", node->operator_count, " operators; ", InstanceOf(abi).operators, " are served");
    }
    PrepareContext context(node, services);
    return KernelOf(abi).Prepare(context);
  });
}

inline glimpse_status InvokeTrampoline(glimpse_kernel* abi, const glimpse_invoke* invoke) {
  return Guard(invoke, [&] { return KernelOf(abi).Invoke(InvokeContext(invoke)); });
}

inline void ResetTrampoline(glimpse_kernel* abi) noexcept {
  try {
    KernelOf(abi).Reset();
  } catch (...) {  // reset() has no way to say so
  }
}

inline void DestroyTrampoline(glimpse_kernel* abi) noexcept { delete static_cast<Instance*>(abi->plugin_data); }

inline glimpse_status Create(MakeKernel make, uint32_t operators, glimpse_kernel** out) noexcept {
  try {
    auto instance = std::make_unique<Instance>();
    instance->operators = operators;
    instance->kernel = make();
    if (instance->kernel == nullptr) return GLIMPSE_INTERNAL;
    instance->abi = {.struct_size = sizeof(glimpse_kernel),
                     .plugin_data = instance.get(),
                     .prepare = PrepareTrampoline,
                     .invoke = InvokeTrampoline,
                     .reset = ResetTrampoline,
                     .destroy = DestroyTrampoline,
                     .get_extension = nullptr};
    *out = &instance.release()->abi;
    return GLIMPSE_OK;
  } catch (const std::bad_alloc&) {
    return GLIMPSE_NO_MEMORY;
  } catch (...) {
    return GLIMPSE_INTERNAL;
  }
}

}  // namespace internal
}  // namespace glimpse::sdk
