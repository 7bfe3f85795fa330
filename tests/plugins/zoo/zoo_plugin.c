/* SPDX-License-Identifier: Apache-2.0 */
/* A sound plugin with one kernel that copies its input, written against the C header alone. Each macro below turns one
 * thing into something else: tests/plugins/CMakeLists.txt builds a zoo from it, one shared object for each deviation.
 */
#include "glimpse/op_abi.h"

#ifndef ZOO_MAGIC
#define ZOO_MAGIC GLIMPSE_OP_PLUGIN_MAGIC
#endif
#ifndef ZOO_MAJOR
#define ZOO_MAJOR GLIMPSE_ABI_MAJOR
#endif
#ifndef ZOO_MINOR
#define ZOO_MINOR GLIMPSE_ABI_MINOR
#endif
#ifndef ZOO_ENTRY_SIZE
#define ZOO_ENTRY_SIZE sizeof(glimpse_op_plugin_entry)
#endif
#ifndef ZOO_ENTRY_RESERVED
#define ZOO_ENTRY_RESERVED 0
#endif
#ifndef ZOO_NAME
#define ZOO_NAME "zoo"
#endif
#ifndef ZOO_VERSION
#define ZOO_VERSION "1.0"
#endif
#ifndef ZOO_INIT
#define ZOO_INIT Init
#endif
#ifndef ZOO_INIT_STATUS
#define ZOO_INIT_STATUS GLIMPSE_OK
#endif
#ifndef ZOO_DEINIT
#define ZOO_DEINIT 0
#endif
#ifndef ZOO_GET_FACTORY
#define ZOO_GET_FACTORY GetFactory
#endif
#ifndef ZOO_FACTORY
#define ZOO_FACTORY &kFactory
#endif
#ifndef ZOO_FACTORY_SIZE
#define ZOO_FACTORY_SIZE sizeof(glimpse_op_factory)
#endif
#ifndef ZOO_COUNT
#define ZOO_COUNT 1
#endif
#ifndef ZOO_DESCRIPTORS
#define ZOO_DESCRIPTORS 1
#endif
#ifndef ZOO_DESCRIPTOR
#define ZOO_DESCRIPTOR Descriptor
#endif
#ifndef ZOO_CREATE
#define ZOO_CREATE Create
#endif
#ifndef ZOO_DESCRIPTOR_SIZE
#define ZOO_DESCRIPTOR_SIZE sizeof(glimpse_op_descriptor)
#endif
#ifndef ZOO_FLAGS
#define ZOO_FLAGS 0
#endif
#ifndef ZOO_OP
#define ZOO_OP "custom.Zoo"
#endif
#ifndef ZOO_OPS
#define ZOO_OPS kOps
#endif
#ifndef ZOO_OP_COUNT
#define ZOO_OP_COUNT 1
#endif
#ifndef ZOO_DESCRIPTOR_RESERVED
#define ZOO_DESCRIPTOR_RESERVED 0
#endif
#ifndef ZOO_IMPL
#define ZOO_IMPL "test.zoo"
#endif
#ifndef ZOO_IMPL_VERSION
#define ZOO_IMPL_VERSION "1.0"
#endif
#ifndef ZOO_VERSION_MIN
#define ZOO_VERSION_MIN 1
#endif
#ifndef ZOO_INPUT_MIN
#define ZOO_INPUT_MIN 1
#endif
#ifndef ZOO_OUTPUT_MAX
#define ZOO_OUTPUT_MAX 1
#endif
#ifndef ZOO_INPUT_TYPES
#define ZOO_INPUT_TYPES GLIMPSE_DTYPE_BIT(GLIMPSE_INT8)
#endif
#ifndef ZOO_NUMERICS
#define ZOO_NUMERICS 0
#endif
#ifndef ZOO_MARK
#define ZOO_MARK 7
#endif
#ifndef ZOO_ENTRY_QUALIFIER
#define ZOO_ENTRY_QUALIFIER const
#endif

#ifdef ZOO_CALLS_NOWHERE
extern void glimpse_zoo_that_nobody_defines(void);
#endif

/* What the host told, seen from outside through score(): the number of init() calls in the low bits, ZOO_MARK above. */
static uint32_t init_calls;
static const glimpse_host* host_of_init;

static uint32_t Score(const glimpse_host* host, const glimpse_node* node) {
  (void)host;
  (void)node;
  return (uint32_t)ZOO_MARK * 1000u + (uint32_t)host_of_init->cpu_features[0] % 100u * 10u + init_calls;
}

static const char* const kOps[] = {ZOO_OP};
static const char* const kNoOps[] = {0};
static const char* const kNoProfiles[] = {0};
static const char* const kBadProfiles[] = {"litert-reference", "No Profile", 0};
static const char* const kGoodProfiles[] = {"litert-reference", "tflite-micro", 0};
static const char kLongName[] = "a_name_that_is_longer_than_any_that_a_person_would_want_to_type_into_a_configuration";

static const glimpse_op_descriptor kDescriptor = {
    .struct_size = ZOO_DESCRIPTOR_SIZE,
    .flags = ZOO_FLAGS,
    .ops = ZOO_OPS,
    .op_count = ZOO_OP_COUNT,
    .reserved = ZOO_DESCRIPTOR_RESERVED,
    .impl = ZOO_IMPL,
    .version = ZOO_IMPL_VERSION,
    .op_version_min = ZOO_VERSION_MIN,
    .op_version_max = 1,
    .input_min = ZOO_INPUT_MIN,
    .input_max = 1,
    .output_min = 1,
    .output_max = ZOO_OUTPUT_MAX,
    .input_types = ZOO_INPUT_TYPES,
    .numerics = ZOO_NUMERICS,
    .cpu_features = {0, 0},
    .score = Score,
};

static glimpse_status Prepare(glimpse_kernel* kernel, const glimpse_node* node, const glimpse_prepare* prepare) {
  const glimpse_tensor* input = node->operators[0]->inputs[0];
  kernel->plugin_data = (void*)input->size_bytes;
  return prepare->set_output_shape(prepare->context, 0, input->rank, input->dims);
}

static glimpse_status Invoke(glimpse_kernel* kernel, const glimpse_invoke* invoke) {
  const char* in = (const char*)invoke->inputs[0];
  char* out = (char*)invoke->outputs[0];
  for (size_t i = 0; i < (size_t)kernel->plugin_data; ++i) out[i] = in[i];
  return GLIMPSE_OK;
}

static void Destroy(glimpse_kernel* kernel) { kernel->plugin_data = 0; }

static const glimpse_op_descriptor* Descriptor(const glimpse_op_factory* factory, uint32_t index) {
  (void)factory;
  return index < ZOO_DESCRIPTORS ? &kDescriptor : 0;
}

static glimpse_kernel the_kernel = {
    .struct_size = sizeof(glimpse_kernel), .prepare = Prepare, .invoke = Invoke, .destroy = Destroy};

static glimpse_status Create(const glimpse_op_factory* factory, uint32_t index, glimpse_kernel** kernel) {
  (void)factory;
  (void)index;
  *kernel = &the_kernel;
  return GLIMPSE_OK;
}

static const glimpse_op_factory kFactory = {ZOO_FACTORY_SIZE, ZOO_COUNT, ZOO_DESCRIPTOR, ZOO_CREATE};

static int SameText(const char* a, const char* b) {
  while (*a != 0 && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

static const void* GetFactory(const char* id) {
  return SameText(id, GLIMPSE_OP_FACTORY_ID) ? (const void*)(ZOO_FACTORY) : 0;
}

static glimpse_status Init(const glimpse_host* host) {
#ifdef ZOO_CALLS_NOWHERE
  glimpse_zoo_that_nobody_defines();
#endif
  ++init_calls;
  host_of_init = host;
  return ZOO_INIT_STATUS;
}

#ifdef ZOO_SPEAKS_AT_THE_END
#include <unistd.h>
static void Deinit(void) {
  static const char kText[] = "deinit of the zoo\n";
  const ssize_t written = write(2, kText, sizeof(kText) - 1);
  (void)written;
}
#endif

__attribute__((visibility("default"))) extern ZOO_ENTRY_QUALIFIER glimpse_op_plugin_entry glimpse_op_plugin;
ZOO_ENTRY_QUALIFIER glimpse_op_plugin_entry glimpse_op_plugin = {
    .magic = ZOO_MAGIC,
    .abi_major = ZOO_MAJOR,
    .abi_minor = ZOO_MINOR,
    .abi_patch = GLIMPSE_ABI_PATCH,
    .struct_size = ZOO_ENTRY_SIZE,
    .reserved = ZOO_ENTRY_RESERVED,
    .name = ZOO_NAME,
    .version = ZOO_VERSION,
    .init = ZOO_INIT,
    .deinit = ZOO_DEINIT,
    .get_factory = ZOO_GET_FACTORY,
};

#ifdef ZOO_CONSTRUCTOR
/* Runs as soon as the dynamic linker maps the plugin. */
__attribute__((constructor)) static void Constructor(void) { ZOO_CONSTRUCTOR; }
#endif
