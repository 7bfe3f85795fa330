// SPDX-License-Identifier: Apache-2.0
// Runs one model: binds every operator to a kernel, plans memory once, then invokes without allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/model/model.h"
#include "engine/plugin/plugin_host.h"
#include "engine/run/kernel_spec.h"
#include "engine/run/worker_pool.h"

namespace glimpse {

inline constexpr const char* kDefaultNumerics = "litert-reference";

// The profiles this version knows. Whether kernels honour one is for the plugins to say.
const std::vector<std::string>& KnownNumerics();

// Errors: kInvalidArgument with the nearest known name, when `name` is no profile.
Result<void> CheckNumerics(const std::string& name);

struct InterpreterOptions {
  std::string numerics = kDefaultNumerics;
  KernelSpec kernels;
  // Every tensor keeps memory of its own, so that all are readable after an invoke (dump, diff, explain). Operators are
  // not fused then.
  bool preserve_all_tensors = false;
  // Kernels may divide their work among these; several interpreters may share them. nullptr: one thread, which is what
  // results are compared with, and which they equal bit for bit.
  std::shared_ptr<WorkerPool> workers;
  Limits limits;
};

// A tensor's memory during the life of an interpreter. `shape` is the one set at prepare, or, of a dynamic tensor, what
// the last invoke gave; before the first one it is the file's claim, without content.
struct TensorView {
  const TensorInfo* info = nullptr;
  std::vector<int32_t> shape;
  // Its memory. Of an intermediate tensor only during its lifetime, unless preserve_all_tensors; of one between fused
  // operators none. Constants (file or folded) must not be written.
  std::span<std::byte> data;
  bool constant = false;
  bool dynamic = false;  // shape and memory may change with every invoke
};

// How one operator is executed.
struct PlannedOperator {
  const OperatorInfo* info = nullptr;
  std::string impl;    // "org.glimpse.reference.CONV_2D"
  std::string plugin;  // "reference"
  std::string plugin_path;
  std::string why;      // one line: pinned, preferred, best score among ...
  bool folded = false;  // ran once at set-up; its outputs are constants
  int fused_into = -1;  // the operator whose kernel computes this one too, or -1
  int fused = 0;        // how many operators behind this one its kernel computes too
  uint64_t macs = 0;
  uint64_t work = 0;                  // macs and other steps
  std::vector<std::string> rejected;  // "avx2: needs avx2", one line for each kernel that was considered and not taken
};

// Told about every operator of the main subgraph as it runs, in order; those that were folded at set-up, too. Called on
// the thread that invokes.
class OperatorObserver {
 public:
  virtual ~OperatorObserver() = default;
  virtual void Before(const PlannedOperator& op) = 0;
  // The operator's outputs hold what it computed; the next operators may overwrite them. Outputs of one that is fused
  // with the next have no memory. An error ends the invoke.
  virtual Result<void> After(const PlannedOperator& op) = 0;
};

// States: created (Create() succeeded) --Invoke()*--. Not thread-safe; different interpreters are independent and may
// share model and plugins.
class Interpreter {
 public:
  // Errors: kUnsupported, listing *every* operator without a kernel (name, version, type, profile), one after the other
  // separated by "; "; kInvalidModel when a kernel finds that a node breaks the operator's definition; kInvalidArgument
  // for a profile or kernel name that does not exist (with the nearest known one); kExhausted.
  static Result<std::unique_ptr<Interpreter>> Create(std::shared_ptr<const Model> model,
                                                     std::shared_ptr<const PluginHost> plugins,
                                                     const InterpreterOptions& options);
  virtual ~Interpreter() = default;

  virtual const Model& model() const = 0;
  virtual const InterpreterOptions& options() const = 0;

  // Inputs and outputs of the main subgraph, in its order. Input data may be written between invokes; it may be
  // overwritten by an invoke, so write all inputs each time.
  virtual const std::vector<TensorView>& inputs() const = 0;
  virtual const std::vector<TensorView>& outputs() const = 0;
  // Any tensor of the main subgraph, by its index in the file. REQUIRES: index in range.
  virtual const TensorView& tensor(int index) const = 0;

  // Runs all operators once. Errors, with the operator and the kernel's message: kInvalidArgument when values of the
  // inputs break an operator's definition; kUnsupported when no kernel serves shapes that were only known now;
  // kExhausted; kInternal. No allocation on success, unless a tensor is dynamic.
  virtual Result<void> Invoke() = 0;
  // The same, seen operator by operator in the memory in which Invoke() computes. Errors: as Invoke(), and those of the
  // observer as they are.
  virtual Result<void> InvokeObserved(OperatorObserver& observer) = 0;
  // Runs one operator, with those fused into it, on whatever its input tensors hold; one that is fused into another or
  // folded does nothing. REQUIRES: preserve_all_tensors, or that all operators are run in their order. Errors as
  // Invoke().
  virtual Result<void> InvokeOperator(int index) = 0;
  // Zero-fills variable tensors (int8 ones with their zero point), forgets resource variables, lets CALL_ONCE run again
  // and resets kernels: state is as after Create().
  virtual void ResetVariables() = 0;
  // Takes over the state that `other` has: content of variable tensors and resource variables, and what CALL_ONCE has
  // run. What a kernel keeps to itself stays behind. Allocates only for resource variables that are assigned. Errors,
  // after which the state is as after ResetVariables(): kInvalidArgument for another model; kUnsupported when a
  // subgraph with variables has not run here yet; kExhausted.
  virtual Result<void> CopyStateFrom(const Interpreter& other) = 0;
  // The running invoke, or else the next one, ends with kExhausted between two operators, or earlier where a kernel
  // looks. May be called by any thread.
  virtual void RequestStop() = 0;

  // One entry for each operator of the main subgraph, in order.
  virtual const std::vector<PlannedOperator>& plan() const = 0;
  // The same for any subgraph; empty when the main one does not lead to it. REQUIRES: index in range.
  virtual std::vector<PlannedOperator> plan(int subgraph) const = 0;
  virtual uint64_t macs() const = 0;            // of one invoke, each subgraph that may run counting once
  virtual size_t arena_bytes() const = 0;       // activations
  virtual size_t persistent_bytes() const = 0;  // kernels' own memory
};

}  // namespace glimpse
