// SPDX-License-Identifier: Apache-2.0
// A plugin that loads, and whose kernels then break the contract of the C header, one way each. README.md lists them.
// Written against the C header, since the SDK would not let it.
#include <stdexcept>

#include "glimpse/op_abi.h"
#include "tests/plugins/strange_plugin.h"

namespace {

glimpse_status Shape(const glimpse_prepare* p, const glimpse_node* node) {
  const glimpse_tensor* input = node->operators[0]->inputs[0];
  return p->set_output_shape(p->context, 0, input->rank, input->dims);
}

using PrepareFunction = glimpse_status (*)(glimpse_kernel*, const glimpse_node*, const glimpse_prepare*);
using InvokeFunction = glimpse_status (*)(glimpse_kernel*, const glimpse_invoke*);

// ---- prepare ----

glimpse_status BadStatus(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) {
  Shape(p, node);
  return 99;
}
glimpse_status NegativeStatus(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) {
  Shape(p, node);
  return -1;
}
glimpse_status NoShape(glimpse_kernel*, const glimpse_node*, const glimpse_prepare*) { return GLIMPSE_OK; }
glimpse_status RankNine(glimpse_kernel*, const glimpse_node*, const glimpse_prepare* p) {
  const int32_t dims[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  p->set_output_shape(p->context, 0, 9, dims);
  return GLIMPSE_OK;  // the refusal is not passed on
}
glimpse_status NegativeDims(glimpse_kernel*, const glimpse_node*, const glimpse_prepare* p) {
  const int32_t dims[2] = {1, -4};
  p->set_output_shape(p->context, 0, 2, dims);
  return GLIMPSE_OK;
}
glimpse_status HugeShape(glimpse_kernel*, const glimpse_node*, const glimpse_prepare* p) {
  const int32_t dims[4] = {0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff};
  return p->set_output_shape(p->context, 0, 4, dims);
}
glimpse_status NullDims(glimpse_kernel*, const glimpse_node*, const glimpse_prepare* p) {
  p->set_output_shape(p->context, 0, 4, nullptr);
  return GLIMPSE_OK;
}
glimpse_status NoSuchOutput(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) {
  Shape(p, node);
  const int32_t dims[1] = {1};
  p->set_output_shape(p->context, 5, 1, dims);
  return GLIMPSE_OK;
}
glimpse_status HugePersistent(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) {
  Shape(p, node);
  void* memory = nullptr;
  return p->persistent(p->context, SIZE_MAX, &memory);
}
glimpse_status HugeScratch(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) {
  Shape(p, node);
  uint32_t id = 0;
  return p->scratch(p->context, SIZE_MAX - 3, &id);
}
glimpse_status BadAlias(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) {
  Shape(p, node);
  p->allow_alias(p->context, 77, 0);
  return GLIMPSE_OK;
}
glimpse_status HugeWork(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) {
  Shape(p, node);
  return p->report_work(p->context, UINT64_MAX, UINT64_MAX);
}
glimpse_status Silent(glimpse_kernel*, const glimpse_node*, const glimpse_prepare*) { return GLIMPSE_INTERNAL; }
glimpse_status OddMessage(glimpse_kernel*, const glimpse_node*, const glimpse_prepare* p) {
  p->set_error(p->context, nullptr);
  p->set_error(p->context, "two\nlines and \x1b[31mcolour");
  return GLIMPSE_INVALID_NODE;
}
glimpse_status NeverServes(glimpse_kernel*, const glimpse_node*, const glimpse_prepare* p) {
  p->set_error(p->context, "this kernel serves nobody");
  return GLIMPSE_UNSUPPORTED;
}
glimpse_status PrepareThrows(glimpse_kernel*, const glimpse_node*, const glimpse_prepare*) {
  throw std::runtime_error("thrown in prepare");
}
glimpse_status Good(glimpse_kernel*, const glimpse_node* node, const glimpse_prepare* p) { return Shape(p, node); }

// ---- invoke ----

// Outputs of all these operators have the 4 elements of the tests' models; what is written does not matter.
glimpse_status InvokeGood(glimpse_kernel*, const glimpse_invoke*) { return GLIMPSE_OK; }
glimpse_status InvokeFails(glimpse_kernel*, const glimpse_invoke* invoke) {
  invoke->set_error(invoke->context, "the fuse is blown");
  return GLIMPSE_INTERNAL;
}
glimpse_status InvokeSilent(glimpse_kernel*, const glimpse_invoke*) { return GLIMPSE_INTERNAL; }
glimpse_status InvokeBadStatus(glimpse_kernel*, const glimpse_invoke*) { return 99; }
glimpse_status InvokeThrows(glimpse_kernel*, const glimpse_invoke*) { throw std::runtime_error("thrown in invoke"); }

// ---- kernels ----

enum class Creation { kGood, kNull, kFails, kNoPrepare, kNoInvoke, kNoDestroy, kShort };

struct Offer {
  const char* op;
  PrepareFunction prepare = Good;
  InvokeFunction invoke = InvokeGood;
  Creation creation = Creation::kGood;
};

constexpr Offer kOffers[] = {
    {"custom.TestBadStatus", BadStatus},
    {"custom.TestNegativeStatus", NegativeStatus},
    {"custom.TestNoShape", NoShape},
    {"custom.TestRankNine", RankNine},
    {"custom.TestNegativeDims", NegativeDims},
    {"custom.TestHugeShape", HugeShape},
    {"custom.TestNullDims", NullDims},
    {"custom.TestNoSuchOutput", NoSuchOutput},
    {"custom.TestHugePersistent", HugePersistent},
    {"custom.TestHugeScratch", HugeScratch},
    {"custom.TestBadAlias", BadAlias},
    {"custom.TestHugeWork", HugeWork},
    {"custom.TestSilent", Silent},
    {"custom.TestOddMessage", OddMessage},
    {"custom.TestNeverServes", NeverServes},
    {"custom.TestPrepareThrows", PrepareThrows},
    {"custom.TestInvokeFails", Good, InvokeFails},
    {"custom.TestInvokeSilent", Good, InvokeSilent},
    {"custom.TestInvokeBadStatus", Good, InvokeBadStatus},
    {"custom.TestInvokeThrows", Good, InvokeThrows},
    {"custom.TestCreateNull", Good, InvokeGood, Creation::kNull},
    {"custom.TestCreateFails", Good, InvokeGood, Creation::kFails},
    {"custom.TestNoPrepare", Good, InvokeGood, Creation::kNoPrepare},
    {"custom.TestNoInvoke", Good, InvokeGood, Creation::kNoInvoke},
    {"custom.TestNoDestroy", Good, InvokeGood, Creation::kNoDestroy},
    {"custom.TestShortKernel", Good, InvokeGood, Creation::kShort},
};
constexpr uint32_t kCount = sizeof(kOffers) / sizeof(kOffers[0]);

glimpse_kernel kernels[kCount];
glimpse_op_descriptor descriptors[kCount];

void Destroy(glimpse_kernel*) {}

const glimpse_op_descriptor* Descriptor(const glimpse_op_factory*, uint32_t index) {
  glimpse_op_descriptor& d = descriptors[index];
  d.struct_size = sizeof(d);
  d.ops = &kOffers[index].op;
  d.op_count = 1;
  d.impl = "test.misbehaving";
  d.version = "1.0";
  d.op_version_min = d.op_version_max = 1;
  d.input_min = d.input_max = 1;
  d.output_min = d.output_max = 1;
  d.input_types = GLIMPSE_DTYPE_BIT(GLIMPSE_INT8);
  return &d;
}

glimpse_status Create(const glimpse_op_factory*, uint32_t index, glimpse_kernel** out) {
  const Offer& offer = kOffers[index];
  if (offer.creation == Creation::kFails) return GLIMPSE_NO_MEMORY;
  if (offer.creation == Creation::kNull) {
    *out = nullptr;
    return GLIMPSE_OK;
  }
  glimpse_kernel& kernel = kernels[index];
  kernel = {};
  kernel.struct_size = offer.creation == Creation::kShort ? 8 : sizeof(kernel);
  kernel.prepare = offer.creation == Creation::kNoPrepare ? nullptr : offer.prepare;
  kernel.invoke = offer.creation == Creation::kNoInvoke ? nullptr : offer.invoke;
  kernel.destroy = offer.creation == Creation::kNoDestroy ? nullptr : Destroy;
  *out = &kernel;
  return GLIMPSE_OK;
}

constexpr glimpse_op_factory kFactory{sizeof(glimpse_op_factory), kCount, Descriptor, Create};

glimpse_status Init(const glimpse_host*) { return GLIMPSE_OK; }
const void* GetFactory(const char*) { return &kFactory; }

}  // namespace

extern "C" {
extern __attribute__((visibility("default"))) const glimpse_op_plugin_entry glimpse_op_plugin;
constinit const glimpse_op_plugin_entry glimpse_op_plugin =
    glimpse::testkit::PluginEntry("misbehaving", Init, nullptr, GetFactory);
}
