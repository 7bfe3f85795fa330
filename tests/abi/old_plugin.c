/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin in plain C that uses every part of the ABI since 0.3: LOGICAL_NOT, and NEG of float32. Built against the
 * headers of each version in frozen/. */
#include <stdlib.h>

#include "glimpse/op_abi.h"

typedef struct {
  glimpse_kernel kernel;
  size_t count;
  uint32_t scratch;
  const float* factor;
} OldKernel;

static glimpse_status Prepare(glimpse_kernel* kernel, const glimpse_node* node, const glimpse_prepare* prepare) {
  OldKernel* old = (OldKernel*)kernel->plugin_data;
  const glimpse_tensor* input = node->operators[0]->inputs[0];
  const glimpse_tensor* output = node->operators[0]->outputs[0];
  void* memory = 0;
  glimpse_status status;
  if (output->dtype != input->dtype) {
    prepare->set_error(prepare->context, "the output must have the input's type");
    return GLIMPSE_INVALID_NODE;
  }
  old->count = input->size_bytes / (input->dtype == GLIMPSE_BOOL ? 1 : sizeof(float));
  if ((status = prepare->set_output_shape(prepare->context, 0, input->rank, input->dims)) != GLIMPSE_OK) return status;
  if ((status = prepare->persistent(prepare->context, sizeof(float), &memory)) != GLIMPSE_OK) return status;
  *(float*)memory = -1.0f;
  if ((status = prepare->share(prepare->context, &memory)) != GLIMPSE_OK) return status;
  old->factor = (const float*)memory;
  if ((status = prepare->scratch(prepare->context, 16, &old->scratch)) != GLIMPSE_OK) return status;
  if ((status = prepare->allow_alias(prepare->context, 0, 0)) != GLIMPSE_OK) return status;
  return prepare->report_work(prepare->context, 0, old->count);
}

static glimpse_status InvokeNot(glimpse_kernel* kernel, const glimpse_invoke* invoke) {
  const OldKernel* old = (const OldKernel*)kernel->plugin_data;
  const unsigned char* in = (const unsigned char*)invoke->inputs[0];
  unsigned char* out = (unsigned char*)invoke->outputs[0];
  size_t i;
  for (i = 0; i < old->count; ++i) out[i] = in[i] == 0;
  return GLIMPSE_OK;
}

static glimpse_status InvokeNeg(glimpse_kernel* kernel, const glimpse_invoke* invoke) {
  const OldKernel* old = (const OldKernel*)kernel->plugin_data;
  const float* in = (const float*)invoke->inputs[0];
  float* out = (float*)invoke->outputs[0];
  float* scratch = (float*)invoke->scratch[old->scratch];
  size_t i;
  for (i = 0; i < old->count; ++i) {
    scratch[i % 4] = in[i] * *old->factor;
    out[i] = scratch[i % 4];
  }
  return GLIMPSE_OK;
}

static void Destroy(glimpse_kernel* kernel) { free(kernel->plugin_data); }

static const char* const kNot[] = {"tflite.LOGICAL_NOT"};
static const char* const kNeg[] = {"tflite.NEG"};
static const char* const kProfiles[] = {"litert-reference", "tflite-micro", 0};

static uint32_t Score(const glimpse_host* host, const glimpse_node* node) {
  return host->struct_size > 0 && node->operator_count == 1 ? 3 : 0;
}

static const glimpse_op_descriptor kDescriptors[] = {
    {.struct_size = sizeof(glimpse_op_descriptor),
     .flags = GLIMPSE_OP_FOLDABLE,
     .ops = kNot,
     .op_count = 1,
     .impl = "test.old.not",
     .version = "1",
     .op_version_min = 1,
     .op_version_max = 1,
     .input_min = 1,
     .input_max = 1,
     .output_min = 1,
     .output_max = 1,
     .input_types = GLIMPSE_DTYPE_BIT(GLIMPSE_BOOL),
     .score = Score},
    {.struct_size = sizeof(glimpse_op_descriptor),
     .ops = kNeg,
     .op_count = 1,
     .impl = "test.old.neg",
     .version = "1",
     .op_version_min = 1,
     .op_version_max = 1,
     .input_min = 1,
     .input_max = 1,
     .output_min = 1,
     .output_max = 1,
     .input_types = GLIMPSE_DTYPE_BIT(GLIMPSE_FLOAT32),
     .numerics = kProfiles},
};

static const glimpse_op_descriptor* Descriptor(const glimpse_op_factory* factory, uint32_t index) {
  (void)factory;
  return &kDescriptors[index];
}

static glimpse_status Create(const glimpse_op_factory* factory, uint32_t index, glimpse_kernel** kernel) {
  OldKernel* old = (OldKernel*)calloc(1, sizeof(OldKernel));
  (void)factory;
  if (old == 0) return GLIMPSE_NO_MEMORY;
  old->kernel.struct_size = sizeof(glimpse_kernel);
  old->kernel.plugin_data = old;
  old->kernel.prepare = Prepare;
  old->kernel.invoke = index == 0 ? InvokeNot : InvokeNeg;
  old->kernel.destroy = Destroy;
  *kernel = &old->kernel;
  return GLIMPSE_OK;
}

static const glimpse_op_factory kFactory = {sizeof(glimpse_op_factory), 2, Descriptor, Create};

static glimpse_status Init(const glimpse_host* host) { return host->struct_size == 0 ? GLIMPSE_INTERNAL : GLIMPSE_OK; }

static const void* GetFactory(const char* id) {
  static const char kKnown[] = GLIMPSE_OP_FACTORY_ID;
  size_t i = 0;
  while (i < sizeof(kKnown) && id[i] == kKnown[i]) {
    if (id[i] == 0) return &kFactory;
    ++i;
  }
  return 0;
}

extern __attribute__((visibility("default"))) const glimpse_op_plugin_entry glimpse_op_plugin;
const glimpse_op_plugin_entry glimpse_op_plugin = {
    .magic = GLIMPSE_OP_PLUGIN_MAGIC,
    .abi_major = GLIMPSE_ABI_MAJOR,
    .abi_minor = GLIMPSE_ABI_MINOR,
    .abi_patch = GLIMPSE_ABI_PATCH,
    .struct_size = sizeof(glimpse_op_plugin_entry),
    .name = "old",
    .version = "1",
    .init = Init,
    .get_factory = GetFactory,
};
