// SPDX-License-Identifier: Apache-2.0
// The example's MAX_POOL_2D with one fault, which PLANTED_FAULT chooses: what a reload has to find before it serves.
#include <cstdint>
#include <cstdlib>

#include "glimpse/sdk.h"
#include "max_pool.h"
#include "tests/plugins/strange_plugin.h"

namespace {

using glimpse::sdk::InvokeContext;
using glimpse::sdk::Make;
using glimpse::sdk::OpSpec;
using glimpse::sdk::PrepareContext;
using glimpse::sdk::Status;
using glimpse::sdk::Types;
using glimpse::testkit::Crash;
using glimpse::testkit::Hang;

enum Fault { kNone, kWrong, kCrash, kHang, kPrepareCrash, kLoadCrash, kLoadHang, kAbort };
constexpr Fault kFault = PLANTED_FAULT;

class Planted final : public glimpse::sdk::Kernel {
 public:
  Status Prepare(PrepareContext& context) override {
    if (kFault == kPrepareCrash) Crash();
    int64_t count = 1;
    const auto dims = context.output(0).dims();
    for (const int32_t dim : dims) count *= dim;
    count_ = count;
    return pool_.Prepare(context);
  }

  Status Invoke(const InvokeContext& context) override {
    if (kFault == kCrash) Crash();
    if (kFault == kAbort) std::abort();
    if (kFault == kHang) Hang();
    const Status status = pool_.Invoke(context);
    // One element, by one step: an "almost equal" kernel.
    if (kFault == kWrong && count_ > 0) {
      auto* last = context.output<int8_t>(0) + (count_ - 1);
      *last = static_cast<int8_t>(*last == 127 ? 126 : *last + 1);
    }
    return status;
  }

 private:
  example::MaxPool pool_;
  int64_t count_ = 0;
};

uint32_t OnlyWhenAsked(const glimpse_host*, const glimpse_node*) { return 5; }

constexpr OpSpec kOffers[] = {{.op = "tflite.MAX_POOL_2D",
                               .impl = "test.planted.max_pool_2d",
                               .version = PLANTED_VERSION,
                               .op_version_min = 1,
                               .op_version_max = 3,
                               .input_types = Types<int8_t>(),
                               .score = OnlyWhenAsked,
                               .make = Make<Planted>}};

// Runs as soon as the dynamic linker has mapped the plugin.
__attribute__((constructor)) void AtLoad() {
  if (kFault == kLoadCrash) Crash();
  if (kFault == kLoadHang) Hang();
}

}  // namespace

GLIMPSE_OP_PLUGIN("planted", PLANTED_VERSION, kOffers)
