// SPDX-License-Identifier: Apache-2.0
// The host's services as a kernel sees them: during Prepare, and during Invoke.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "glimpse/op_abi.h"
#include "glimpse/sdk/status.h"
#include "glimpse/sdk/tensor.h"

namespace glimpse::sdk {

// What is to be prepared, and the services for it. [control], good until Prepare returns. A Status that a service
// returns is to be passed on.
class PrepareContext {
 public:
  PrepareContext(const glimpse_node* node, const glimpse_prepare* services) : node_(node), services_(services) {}

  // The operator, the first of a chain.
  Operator op() const { return Operator(node_->operators[0]); }
  // One of a chain, in the order in which they run. REQUIRES: a position below the length of the offer's chain.
  Operator op(uint32_t position) const { return Operator(node_->operators[position]); }
  Tensor input(uint32_t i) const { return op().input(i); }
  Tensor output(uint32_t i) const { return op().output(i); }
  // The profile to compute bit for bit: "litert-reference".
  std::string_view numerics() const { return node_->numerics; }

  // For every output either this or SetDynamicOutput() must be called once.
  Status SetOutputShape(uint32_t output, std::span<const int32_t> dims) {
    return Check(
        services_->set_output_shape(services_->context, output, static_cast<uint32_t>(dims.size()), dims.data()),
        "the host refuses an output shape");
  }
  // The output's shape depends on values that only Invoke sees, which must call ResizeOutput() before it writes there.
  Status SetDynamicOutput(uint32_t output) {
    return Check(services_->set_dynamic_output(services_->context, output), "the host refuses a dynamic output");
  }
  // The kernel can write `output` over `input`; both have the same size in bytes then.
  Status AllowAlias(uint32_t input, uint32_t output) {
    return Check(services_->allow_alias(services_->context, input, output), "the host refuses an alias");
  }
  // Workers that InvokeContext::Parallel() has at most, 1 when there is nothing to divide: so many parts of one Invoke
  // may run at once, each with scratch memory of its own.
  uint32_t worker_count() const { return services_->worker_count == 0 ? 1 : services_->worker_count; }
  // Work of one Invoke, for the host's limits.
  Status ReportWork(uint64_t macs, uint64_t other_steps) {
    return Check(services_->report_work(services_->context, macs, other_steps), "the operator needs too much work");
  }

 private:
  template <typename T>
  friend class Persistent;
  template <typename T>
  friend class Scratch;

  static Status Check(glimpse_status status, const char* message) {
    return status == GLIMPSE_OK ? Ok() : Status(status, message);
  }

  const glimpse_node* node_;
  const glimpse_prepare* services_;
};

// What one Invoke works on. [worker], good until Invoke returns. Sizes are those of Prepare.
class InvokeContext {
 public:
  explicit InvokeContext(const glimpse_invoke* invoke) : invoke_(invoke) {}

  // nullptr for an absent optional input.
  template <typename T>
  const T* input(uint32_t i) const {
    return i < invoke_->input_count ? static_cast<const T*>(invoke_->inputs[i]) : nullptr;
  }
  // For an input that is VARIABLE: it may be written.
  template <typename T>
  T* variable(uint32_t i) const {
    return const_cast<T*>(input<T>(i));
  }
  // Every byte of it must be written.
  template <typename T>
  T* output(uint32_t i) const {
    return static_cast<T*>(invoke_->outputs[i]);
  }
  // Memory for an output that Prepare declared dynamic, now of this shape. May allocate.
  template <typename T>
  Status ResizeOutput(uint32_t output, std::span<const int32_t> dims, T** data) const {
    void* memory = nullptr;
    const glimpse_status status =
        invoke_->resize_output(invoke_->context, output, static_cast<uint32_t>(dims.size()), dims.data(), &memory);
    if (status != GLIMPSE_OK) return {status, "the host refuses memory for an output"};
    *data = static_cast<T*>(memory);
    return Ok();
  }
  // The result is no longer wanted: a long loop may return Cancelled().
  bool should_stop() const {
    return invoke_->should_stop != nullptr && __atomic_load_n(invoke_->should_stop, __ATOMIC_RELAXED) != 0;
  }
  static Status Cancelled() { return {GLIMPSE_CANCELLED, {}}; }
  // Calls task(item, worker) for every item below `item_count`, in no particular order, several at once where the host
  // has workers, and returns when all have ended. No two calls with the same `worker`, which is below worker_count(),
  // overlap. A task must not throw, and writes nothing that another reads or writes.
  template <typename Task>
  void Parallel(uint32_t item_count, const Task& task) const {
    if (invoke_->parallel == nullptr) {
      for (uint32_t item = 0; item < item_count; ++item) task(item, uint32_t{0});
      return;
    }
    const auto call = [](void* data, uint32_t item, uint32_t worker) {
      (*static_cast<const Task*>(data))(item, worker);
    };
    invoke_->parallel(invoke_->context, item_count, call, const_cast<Task*>(&task));
  }

 private:
  template <typename T>
  friend class Scratch;

  const glimpse_invoke* invoke_;
};

// Memory that Prepare fills and Invoke reads, owned by the host until the next Prepare or the kernel's end. T must be
// trivial. Zeroed, aligned to GLIMPSE_ALIGN.
template <typename T>
class Persistent {
 public:
  Status Allocate(PrepareContext& context, size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    values_ = {};
    if (count == 0) return Ok();
    if (count > std::numeric_limits<size_t>::max() / sizeof(T))
      return {GLIMPSE_NO_MEMORY, "persistent memory overflows"};
    void* memory = nullptr;
    const glimpse_prepare& services = *context.services_;
    GLIMPSE_SDK_TRY(PrepareContext::Check(services.persistent(services.context, count * sizeof(T), &memory),
                                          "the host refuses persistent memory"));
    values_ = {static_cast<T*>(memory), count};
    return Ok();
  }

  // The content is complete and will not change: the host may hold it together with equal content of other instances.
  // data() may be another address afterwards.
  Status Share(PrepareContext& context) {
    if (values_.empty()) return Ok();
    void* memory = values_.data();
    const glimpse_prepare& services = *context.services_;
    GLIMPSE_SDK_TRY(
        PrepareContext::Check(services.share(services.context, &memory), "the host refuses to share memory"));
    values_ = {static_cast<T*>(memory), values_.size()};
    return Ok();
  }

  T* data() const { return values_.data(); }
  size_t size() const { return values_.size(); }
  T& operator[](size_t i) const { return values_[i]; }
  std::span<T> span() const { return values_; }

 private:
  std::span<T> values_;
};

// Memory for the duration of one Invoke, shared with other kernels; content undefined at entry. Aligned to
// GLIMPSE_ALIGN.
template <typename T>
class Scratch {
 public:
  Status Request(PrepareContext& context, size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (count > std::numeric_limits<size_t>::max() / sizeof(T)) return {GLIMPSE_NO_MEMORY, "scratch memory overflows"};
    count_ = count;
    const glimpse_prepare& services = *context.services_;
    return PrepareContext::Check(services.scratch(services.context, count * sizeof(T), &id_),
                                 "the host refuses scratch memory");
  }

  std::span<T> in(const InvokeContext& context) const {
    return {static_cast<T*>(context.invoke_->scratch[id_]), count_};
  }

 private:
  uint32_t id_ = 0;
  size_t count_ = 0;
};

}  // namespace glimpse::sdk
