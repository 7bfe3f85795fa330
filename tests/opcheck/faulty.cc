// SPDX-License-Identifier: Apache-2.0
// REVERSE_V2 of int8 along one axis, against the C header, with the one fault that the environment names, if it
// does: each is one that glimpse-op-check has to find.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "glimpse/op_abi.h"
#include "tests/plugins/strange_plugin.h"

namespace {

using glimpse::testkit::Crash;
using glimpse::testkit::Hang;

// Whether this is the fault that the environment variable FAULT names.
bool Has(const char* fault) {
  static const char* const planted = std::getenv("FAULT");
  return planted != nullptr && std::strcmp(planted, fault) == 0;
}

struct Plan {
  glimpse_kernel kernel;
  int64_t outer, axis, inner;
  bool prepared;
  uint32_t scratch;
  uint8_t* persistent;
  uint8_t* shared;
  const int32_t* kept;
  uint8_t runs;
  void* extra;
};

Plan& Of(glimpse_kernel* kernel) { return *static_cast<Plan*>(kernel->plugin_data); }

glimpse_status Ask(Plan& plan, const glimpse_prepare* p) {
  void* memory = nullptr;
  glimpse_status status = p->persistent(p->context, 40, &memory);
  if (status != GLIMPSE_OK && Has("UsesRefusedMemory")) {
    std::memset(memory, 1, 40);
  } else if (status != GLIMPSE_OK) {
    return status;
  }
  plan.persistent = static_cast<uint8_t*>(memory);
  if ((status = p->persistent(p->context, 40, &memory)) != GLIMPSE_OK) return status;
  if ((status = p->share(p->context, &memory)) != GLIMPSE_OK) return status;
  plan.shared = static_cast<uint8_t*>(memory);
  if ((status = p->scratch(p->context, 100, &plan.scratch)) != GLIMPSE_OK) return status;
  if (Has("FalseAlias")) return p->allow_alias(p->context, 0, 0);
  return p->report_work(p->context, 0, 1);
}

glimpse_status Prepare(glimpse_kernel* kernel, const glimpse_node* node, const glimpse_prepare* p) {
  Plan& plan = Of(kernel);
  if (Has("WantsExactSizes") && p->struct_size != sizeof(*p)) return GLIMPSE_INTERNAL;
  const glimpse_operator& op = *node->operators[0];
  const glimpse_tensor* input = op.inputs[0];
  const glimpse_tensor* axes = op.inputs[1];
  if (Has("WantsNames") && std::strlen(input->name) == 0) return GLIMPSE_INTERNAL;
  if (!Has("WantsAxis") && axes == nullptr) return GLIMPSE_INVALID_NODE;
  if (axes->dtype != GLIMPSE_INT32 || (axes->flags & GLIMPSE_TENSOR_CONST) == 0 || axes->size_bytes != 4) {
    return GLIMPSE_UNSUPPORTED;
  }
  if (op.outputs[0]->dtype != GLIMPSE_INT8 || input->scale_count != 1) return GLIMPSE_UNSUPPORTED;
  if (Has("WantsAlignment") && reinterpret_cast<uintptr_t>(axes->data) % 64 != 0) Crash();
  int32_t axis = *static_cast<const int32_t*>(axes->data);
  if (axis < 0) axis += static_cast<int32_t>(input->rank);
  if (axis < 0 || axis >= static_cast<int32_t>(input->rank)) return GLIMPSE_INVALID_NODE;
  if (!Has("PreparesOnce") || !plan.prepared) {
    plan.outer = plan.inner = 1;
    for (int32_t i = 0; i < axis; ++i) plan.outer *= input->dims[i];
    plan.axis = input->dims[axis];
    for (uint32_t i = static_cast<uint32_t>(axis) + 1; i < input->rank; ++i) plan.inner *= input->dims[i];
  }
  plan.kept = static_cast<const int32_t*>(axes->data);
  plan.runs = 0;
  if (Has("Leaks") && std::malloc(100) == nullptr) return GLIMPSE_NO_MEMORY;
  if (Has("FreesTwice")) std::free(plan.extra);  // that pointer stays
  if (Has("NoShape")) return Ask(plan, p);
  const glimpse_status status = p->set_output_shape(p->context, 0, input->rank, input->dims);
  if (status != GLIMPSE_OK && !Has("IgnoresRefusal")) return status;
  const glimpse_status asked = Ask(plan, p);
  if (asked != GLIMPSE_OK) return asked;
  plan.prepared = true;
  return Has("OddStatus") ? 99 : GLIMPSE_OK;
}

// Held by all kernels, which must not be.
char common[1 << 20];

void ReverseRow(const Plan& plan, const char* in, char* out, int64_t row) {
  for (int64_t i = 0; i < plan.inner; ++i) {
    for (int64_t a = 0; a < plan.axis; ++a) {
      out[(row * plan.axis + a) * plan.inner + i] = in[(row * plan.axis + plan.axis - 1 - a) * plan.inner + i];
    }
  }
}

// What a task needs, and a number that all of them use as if it were their own.
struct Division {
  const Plan& plan;
  const char* in;
  char* out;
  volatile int64_t row = 0;
};

void Divide(const Plan& plan, const glimpse_invoke* invoke, const char* in, char* out) {
  Division division{plan, in, out};
  const auto task = [](void* data, uint32_t item, uint32_t) {
    auto& all = *static_cast<Division*>(data);
    all.row = item;
    if (Has("SharesNumber")) ::usleep(200);
    ReverseRow(all.plan, all.in, all.out, Has("SharesNumber") ? all.row : int64_t{item});
  };
  const auto rows = static_cast<uint32_t>(plan.outer);
  invoke->parallel(invoke->context, Has("LosesAPart") && rows > 0 ? rows - 1 : rows, task, &division);
}

glimpse_status Invoke(glimpse_kernel* kernel, const glimpse_invoke* invoke) {
  Plan& plan = Of(kernel);
  const char* in = static_cast<const char*>(invoke->inputs[0]);
  char* out = static_cast<char*>(invoke->outputs[0]);
  auto* scratch = static_cast<uint8_t*>(invoke->scratch[plan.scratch]);
  const int64_t size = plan.outer * plan.axis * plan.inner;
  const char last = Has("Unwritten") && size > 0 ? out[size - 1] : '\0';
  if (Has("UsesHeap")) {
    void* volatile block = std::malloc(10);
    std::free(block);
  }
  if (Has("Hangs")) Hang();
  if (Has("Exits")) std::exit(0);
  if (Has("Aborts")) std::abort();
  if (Has("Throws")) throw std::runtime_error("thrown in invoke");
  if (Has("SharesBuffer") && size <= static_cast<int64_t>(sizeof(common))) {
    std::memcpy(common, in, static_cast<size_t>(size));
    ::usleep(200);
    in = common;
  }
  if ((Has("LosesAPart") || Has("SharesNumber")) && invoke->parallel != nullptr) {
    Divide(plan, invoke, in, out);
  } else {
    for (int64_t row = 0; row < plan.outer; ++row) ReverseRow(plan, in, out, row);
  }
  volatile char sink = 0;
  if (Has("WritesBehind")) out[size + 1] = 1;
  if (Has("WritesBefore")) out[-3] = 1;
  if (Has("WritesFar")) out[size + 5000] = 1;
  if (Has("ReadsFar")) sink = in[size + 5000];
  if (Has("WritesInput")) const_cast<char*>(in)[0] = 1;
  if (Has("ScratchOverrun")) scratch[100] = 1;
  if (Has("PersistentOverrun")) plan.persistent[40] = 1;
  if (Has("WritesShared")) plan.shared[0] = 1;
  if (Has("KeepsPointer")) sink = static_cast<char>(*plan.kept);
  if (Has("ReadsScratch") && size > 0) out[0] = static_cast<char>(scratch[7]);
  if (Has("Counts") && size > 0) out[0] = static_cast<char>(plan.runs++);
  if (Has("ForgetsReset") && size > 0) out[0] = static_cast<char>(out[0] + plan.runs);
  // Where the largest value meets the end of a row of odd length.
  if (Has("WrongAtEnds") && size > 0 && size % 2 != 0 && out[size - 1] == 127) out[size - 1] = 126;
  (void)sink;
  // As if the loop had ended early.
  if (Has("Unwritten") && size > 0) out[size - 1] = last;
  return GLIMPSE_OK;
}

void Reset(glimpse_kernel* kernel) { Of(kernel).runs = 5; }

void Destroy(glimpse_kernel* kernel) {
  Plan* plan = &Of(kernel);
  std::free(plan->extra);
  std::free(plan);
}

glimpse_status Create(const glimpse_op_factory*, uint32_t, glimpse_kernel** kernel) {
  static Plan the_only;
  auto* plan = Has("SameKernel") ? &the_only : static_cast<Plan*>(std::calloc(1, sizeof(Plan)));
  plan->extra = Has("SameKernel") ? nullptr : std::malloc(24);
  plan->kernel = {};
  plan->kernel.struct_size = sizeof(glimpse_kernel);
  plan->kernel.plugin_data = plan;
  plan->kernel.prepare = Prepare;
  plan->kernel.invoke = Invoke;
  plan->kernel.reset = Reset;
  plan->kernel.destroy = Has("NoDestroy") ? nullptr : Has("SameKernel") ? [](glimpse_kernel*) {} : Destroy;
  *kernel = Has("CreateNull") ? nullptr : &plan->kernel;
  return GLIMPSE_OK;
}

uint32_t Score(const glimpse_host*, const glimpse_node*) {
  static uint32_t asked = 0;
  if (Has("ScoreCrashes")) Crash();
  return Has("ScoreChanges") ? 1 + asked++ : 7;
}

const char* const kOps[] = {"tflite.REVERSE_V2"};

const glimpse_op_descriptor* Descriptor(const glimpse_op_factory*, uint32_t) {
  static glimpse_op_descriptor d{};
  d.struct_size = sizeof(d);
  d.flags = Has("ReadsForShape") ? GLIMPSE_OP_SHAPE_ONLY : 0;
  d.ops = kOps;
  d.op_count = 1;
  d.impl = "test.faulty.reverse";
  d.version = "1";
  d.op_version_min = 1;
  d.op_version_max = 3;
  d.input_min = d.input_max = 2;
  d.output_min = d.output_max = 1;
  d.input_types = GLIMPSE_DTYPE_BIT(GLIMPSE_INT8);
  d.score = Score;
  return &d;
}

constexpr glimpse_op_factory kFactory{sizeof(glimpse_op_factory), 1, Descriptor, Create};

glimpse_status Init(const glimpse_host*) { return GLIMPSE_OK; }
void Deinit() {
  if (Has("EndCrashes")) Crash();
}
const void* GetFactory(const char* id) { return std::strcmp(id, GLIMPSE_OP_FACTORY_ID) == 0 ? &kFactory : nullptr; }

__attribute__((constructor)) void AtLoad() {
  if (Has("LoadCrashes")) Crash();
  if (Has("LoadHangs")) Hang();
}

}  // namespace

extern "C" {
extern __attribute__((visibility("default"))) const glimpse_op_plugin_entry glimpse_op_plugin;
constinit const glimpse_op_plugin_entry glimpse_op_plugin =
    glimpse::testkit::PluginEntry("faulty", Init, Deinit, GetFactory);
}
