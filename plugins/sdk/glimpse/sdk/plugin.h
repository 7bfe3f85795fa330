// SPDX-License-Identifier: Apache-2.0
// The list of kernels that a shared object offers, and the one symbol that it exports.
//
//     constexpr glimpse::sdk::OpSpec kOffers[] = {{
//         .op = "custom.HALVE",
//         .impl = "com.example.halve",
//         .version = "1.0",
//         .input_types = glimpse::sdk::Types<int8_t>(),
//         .make = glimpse::sdk::Make<HalveKernel>,
//     }};
//     GLIMPSE_OP_PLUGIN("example", "1.0", kOffers)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "glimpse/cpu_features.h"
#include "glimpse/op_abi.h"
#include "glimpse/sdk/kernel.h"

namespace glimpse::sdk {

// Bit set of dtypes: Types<int8_t, float>().
template <typename... Ts>
constexpr uint64_t Types() {
  return (uint64_t{0} | ... | GLIMPSE_DTYPE_BIT(kDtype<Ts>));
}

// One kernel on offer; fields as in glimpse_op_descriptor.
struct OpSpec {
  const char* op = nullptr;  // "tflite.CONV_2D" or "custom.NAME"
  // In place of `op`, a chain of two or more that the kernel computes as a whole (glimpse_node). The kernel must check
  // all but the first itself; the fields below speak of that one, output_min and output_max of the last.
  const char* chain[GLIMPSE_MAX_CHAIN] = {};
  const char* impl = nullptr;  // "com.example.conv_2d"
  const char* version = "0";
  uint32_t flags = 0;  // GLIMPSE_OP_*
  int32_t op_version_min = 1;
  int32_t op_version_max = 1;
  uint32_t input_min = 1;
  uint32_t input_max = 1;
  uint32_t output_min = 1;
  uint32_t output_max = 1;
  uint64_t input_types = 0;               // Types<...>() of the first input; 0: the operator has no inputs
  const char* const* numerics = nullptr;  // NULL-terminated list of profiles; nullptr: all of them
  uint64_t cpu_features[GLIMPSE_CPU_WORDS] = {};
  uint32_t (*score)(const glimpse_host* host, const glimpse_node* node) = nullptr;
  MakeKernel make = nullptr;
};

namespace internal {

inline const glimpse_host* host = nullptr;

inline glimpse_status Init(const glimpse_host* given) {
  host = given;
  return GLIMPSE_OK;
}

// Operators of the kernel's chain, 0 when it is one operator.
constexpr uint32_t ChainLength(const OpSpec& spec) {
  uint32_t length = 0;
  while (length < GLIMPSE_MAX_CHAIN && spec.chain[length] != nullptr) ++length;
  return length;
}

// Static data made of a list of OpSpec with static storage. `ops` of each descriptor points into that list.
template <const auto& kOffers>
struct Image {
  static constexpr size_t kCount = std::size(kOffers);

  template <size_t I>
  static constexpr glimpse_op_descriptor Describe() {
    constexpr const OpSpec& kSpec = kOffers[I];
    // `make` is not judged here: under -fsanitize=undefined GCC takes no function's address for a constant (its bug
    // 71962).
    static_assert(kSpec.impl != nullptr, "an offer lacks a field");
    static_assert((kSpec.op != nullptr) == (ChainLength(kSpec) == 0), "an offer is of one operator or of a chain");
    static_assert(kSpec.input_min <= kSpec.input_max && kSpec.output_min <= kSpec.output_max);
    static_assert(kSpec.op_version_min >= 1 && kSpec.op_version_min <= kSpec.op_version_max);
    glimpse_op_descriptor d{};
    d.struct_size = sizeof(d);
    d.flags = kSpec.flags;
    d.ops = kSpec.op != nullptr ? &kOffers[I].op : kOffers[I].chain;
    d.op_count = kSpec.op != nullptr ? 1 : ChainLength(kSpec);
    d.impl = kSpec.impl;
    d.version = kSpec.version;
    d.op_version_min = kSpec.op_version_min;
    d.op_version_max = kSpec.op_version_max;
    d.input_min = kSpec.input_min;
    d.input_max = kSpec.input_max;
    d.output_min = kSpec.output_min;
    d.output_max = kSpec.output_max;
    d.input_types = kSpec.input_types;
    d.numerics = kSpec.numerics;
    for (size_t word = 0; word < GLIMPSE_CPU_WORDS; ++word) d.cpu_features[word] = kSpec.cpu_features[word];
    d.score = kSpec.score;
    return d;
  }

  template <size_t... I>
  static constexpr std::array<glimpse_op_descriptor, kCount> DescribeAll(std::index_sequence<I...>) {
    return {Describe<I>()...};
  }

  static constexpr std::array<glimpse_op_descriptor, kCount> kDescriptors =
      DescribeAll(std::make_index_sequence<kCount>());

  static const glimpse_op_descriptor* Descriptor(const glimpse_op_factory*, uint32_t index) {
    return index < kCount ? &kDescriptors[index] : nullptr;
  }
  static glimpse_status CreateAt(const glimpse_op_factory*, uint32_t index, glimpse_kernel** kernel) {
    const bool known = index < kCount && kernel != nullptr && kOffers[index].make != nullptr;
    return known ? Create(kOffers[index].make, kDescriptors[index].op_count, kernel) : GLIMPSE_INTERNAL;
  }

  static constexpr glimpse_op_factory kFactory{sizeof(glimpse_op_factory), kCount, Descriptor, CreateAt};

  static const void* GetFactory(const char* id) {
    return id != nullptr && std::string_view(id) == GLIMPSE_OP_FACTORY_ID ? &kFactory : nullptr;
  }

  static constexpr glimpse_op_plugin_entry Entry(const char* name, const char* version) {
    return {.magic = GLIMPSE_OP_PLUGIN_MAGIC,
            .abi_major = GLIMPSE_ABI_MAJOR,
            .abi_minor = GLIMPSE_ABI_MINOR,
            .abi_patch = GLIMPSE_ABI_PATCH,
            .struct_size = sizeof(glimpse_op_plugin_entry),
            .reserved = 0,
            .name = name,
            .version = version,
            .init = Init,
            .deinit = nullptr,
            .get_factory = GetFactory};
  }
};

}  // namespace internal

// Facts of the machine; nullptr before the host has called. CPU features are asked here and nowhere else.
inline const glimpse_host* Host() { return internal::host; }
inline bool HasCpuFeature(uint64_t bit) { return Host() != nullptr && (Host()->cpu_features[0] & bit) != 0; }

}  // namespace glimpse::sdk

// Defines the plugin's exported symbol, once in a shared object, at namespace scope. `offers` is a constexpr array of
// OpSpec at namespace scope; `plugin_name` is what users write in their configuration, [a-z0-9_-]+.
#define GLIMPSE_OP_PLUGIN(plugin_name, plugin_version, offers)                                   \
  extern "C" {                                                                                   \
  extern __attribute__((visibility("default"))) const glimpse_op_plugin_entry glimpse_op_plugin; \
  constinit const glimpse_op_plugin_entry glimpse_op_plugin =                                    \
      ::glimpse::sdk::internal::Image<offers>::Entry(plugin_name, plugin_version);               \
  }
