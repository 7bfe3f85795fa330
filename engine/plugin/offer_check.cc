// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/offer_check.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/strings.h"

namespace glimpse {
namespace {

constexpr size_t kMaxNameBytes = 64;
constexpr size_t kMaxTextBytes = 256;
constexpr size_t kMaxProfiles = 64;
// What a descriptor of ABI 1.0 has, and every later one at least: they grow at their end.
constexpr uint32_t kDescriptorBytes = offsetof(glimpse_op_descriptor, score) + sizeof(glimpse_op_descriptor::score);
// The low half of a flag word must be understood by its reader; the high half holds hints.
constexpr uint32_t kMustUnderstand = 0xffffu;
constexpr uint32_t kKnownFlags = GLIMPSE_OP_FOLDABLE | GLIMPSE_OP_SHAPE_ONLY;

// The text at `text` when it is 1 to `max_bytes` printable ASCII characters without blanks.
std::optional<std::string_view> Word(const char* text, size_t max_bytes) {
  if (text == nullptr) return std::nullopt;
  const std::string_view word(text, ::strnlen(text, max_bytes + 1));
  if (word.empty() || word.size() > max_bytes) return std::nullopt;
  for (const char c : word) {
    if (c <= ' ' || c > '~') return std::nullopt;
  }
  return word;
}

// Which characters a name may have. Every name of every kernel goes through it while a command waits.
class CharacterSet {
 public:
  constexpr explicit CharacterSet(std::string_view characters) {
    for (const char c : characters) in_[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool HasAllOf(std::string_view word) const {
    return std::all_of(word.begin(), word.end(), [this](char c) { return in_[static_cast<unsigned char>(c)]; });
  }

 private:
  bool in_[256] = {};
};

constexpr CharacterSet kLower("abcdefghijklmnopqrstuvwxyz0123456789_-");
constexpr CharacterSet kUpper("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
constexpr CharacterSet kProfile("abcdefghijklmnopqrstuvwxyz0123456789_-.");

std::string FactoryReason(const glimpse_op_factory* factory) {
  if (factory == nullptr) return StrCat("get_factory(\"", GLIMPSE_OP_FACTORY_ID, "\") returned no factory");
  if (factory->struct_size < sizeof(*factory)) {
    return StrCat("its factory claims ", factory->struct_size, " bytes in struct_size, it needs ", sizeof(*factory));
  }
  if (factory->descriptor == nullptr) return "its factory has no descriptor()";
  if (factory->create == nullptr) return "its factory has no create()";
  if (factory->count == 0) return "it offers no kernels";
  if (factory->count > kMaxKernelsOfPlugin) {
    return StrCat("it claims to offer ", factory->count, " kernels, ", kMaxKernelsOfPlugin, " are possible");
  }
  return "";
}

std::string OperatorReason(const char* name) {
  if (name == nullptr) return "an entry of ops is null";
  const auto op = Word(name, kMaxTextBytes);
  const auto starts = [&](std::string_view prefix) {
    return op && op->size() > prefix.size() && op->starts_with(prefix);
  };
  const bool builtin = starts("tflite.") && kUpper.HasAllOf(op->substr(7));
  if (!builtin && !starts("custom.")) {
    return StrCat("operator '", Printable(op.value_or("")), "' is neither tflite.NAME (A-Z, 0-9, _) nor custom.NAME");
  }
  return "";
}

std::string OperatorsReason(const glimpse_op_descriptor& d) {
  if (d.op_count == 0 || d.op_count > GLIMPSE_MAX_CHAIN) {
    return StrCat("op_count is ", d.op_count, "; a kernel computes 1 to ", GLIMPSE_MAX_CHAIN, " operators");
  }
  if (d.ops == nullptr) return "ops is null";
  for (uint32_t i = 0; i < d.op_count; ++i) {
    if (std::string reason = OperatorReason(d.ops[i]); !reason.empty()) return reason;
  }
  return "";
}

std::string RangesReason(const glimpse_op_descriptor& d) {
  if (d.op_version_min < 1 || d.op_version_min > d.op_version_max) {
    return StrCat("operator versions ", d.op_version_min, " to ", d.op_version_max, " are no range from 1 up");
  }
  if (d.input_min > d.input_max) return StrCat("input counts ", d.input_min, " to ", d.input_max, " are no range");
  if (d.output_min > d.output_max || d.output_max == 0) {
    return StrCat("output counts ", d.output_min, " to ", d.output_max, " are no range with an output in it");
  }
  if ((d.input_types == 0) != (d.input_max == 0)) {
    return d.input_types == 0 ? "input_types is 0, though it takes inputs"
                              : "input_types is set, though it takes no inputs";
  }
  return "";
}

std::string ProfilesReason(const char* const* numerics) {
  if (numerics == nullptr) return "";
  size_t count = 0;
  for (; numerics[count] != nullptr; ++count) {
    if (count == kMaxProfiles) return StrCat("its list of numerics has no end after ", kMaxProfiles, " names");
    const auto profile = Word(numerics[count], kMaxNameBytes);
    if (!profile || !kProfile.HasAllOf(*profile)) {
      return StrCat("entry ", count, " of its list of numerics is no profile name (a-z, 0-9, _, - and .)");
    }
  }
  return count == 0 ? "its list of numerics is empty: name a profile, or leave the list out" : "";
}

std::string SizeReason(const glimpse_op_descriptor& d) {
  if (d.struct_size >= kDescriptorBytes) return "";
  return StrCat("claims ", d.struct_size, " bytes in struct_size, it needs ", kDescriptorBytes);
}

// Of a descriptor that is large enough: no field behind its end is read.
glimpse_op_descriptor Extended(const glimpse_op_descriptor& given) {
  glimpse_op_descriptor whole{};
  std::memcpy(&whole, &given, std::min<size_t>(given.struct_size, sizeof(whole)));
  return whole;
}

bool SameOps(const glimpse_op_descriptor& a, const glimpse_op_descriptor& b) {
  return std::equal(a.ops, a.ops + a.op_count, b.ops, b.ops + b.op_count,
                    [](std::string_view one, std::string_view other) { return one == other; });
}

std::string DescriptorReason(const glimpse_op_descriptor& d) {
  if (!Word(d.impl, kMaxTextBytes)) return "impl is not 1 to 256 printable characters without blanks";
  if (!Word(d.version, kMaxNameBytes)) return "version is not 1 to 64 printable characters without blanks";
  if (std::string reason = OperatorsReason(d); !reason.empty()) return reason;
  if (d.reserved != 0) return StrCat("reserved is ", d.reserved, ", not 0");
  if (const uint32_t unknown = d.flags & kMustUnderstand & ~kKnownFlags; unknown != 0) {
    return StrCat("flags holds ", unknown, ", which this program does not know and must");
  }
  if (std::string reason = RangesReason(d); !reason.empty()) return reason;
  return ProfilesReason(d.numerics);
}

}  // namespace

Error ThrownError(const char* what, const std::string& text) {
  return {ErrorCode::kPlugin, StrCat(what, " threw an exception: ", Printable(text))};
}

Result<void> CheckEntry(const glimpse_op_plugin_entry& entry) {
  const auto refuse = [](const char* reason) { return Unexpected(ErrorCode::kPlugin, reason); };
  const auto name = Word(entry.name, kMaxNameBytes);
  if (!name || !kLower.HasAllOf(*name)) {
    return refuse("the plugin's name is not 1 to 64 characters of a-z, 0-9, _ and -");
  }
  // Names of kernel choices, which the configuration could not tell from a plugin's.
  if (*name == "auto") return refuse("the plugin's name is auto, which means a choice among plugins");
  if (!Word(entry.version, kMaxNameBytes)) {
    return refuse("the plugin's version is not 1 to 64 printable characters without blanks");
  }
  if (entry.init == nullptr) return refuse("glimpse_op_plugin has no init()");
  if (entry.get_factory == nullptr) return refuse("glimpse_op_plugin has no get_factory()");
  return {};
}

std::string ChainName(std::span<const char* const> ops) {
  return StrJoin(std::vector<std::string>(ops.begin(), ops.end()), "+");
}

Result<std::vector<glimpse_op_descriptor>> CheckFactory(const glimpse_op_factory* factory) {
  if (const std::string reason = FactoryReason(factory); !reason.empty()) return Unexpected(ErrorCode::kPlugin, reason);
  std::vector<glimpse_op_descriptor> descriptors;
  std::multimap<std::string_view, uint32_t> seen;  // positions by impl
  for (uint32_t index = 0; index < factory->count; ++index) {
    const glimpse_op_descriptor* given = nullptr;
    GLIMPSE_RETURN_IF_ERROR(CallPlugin("descriptor()", [&] { given = factory->descriptor(factory, index); }));
    if (given == nullptr) {
      return Unexpected(ErrorCode::kPlugin,
                        StrCat("it claims to offer ", factory->count, " kernels, but has no descriptor ", index));
    }
    std::string reason = SizeReason(*given);
    glimpse_op_descriptor descriptor{};
    if (reason.empty()) {
      descriptor = Extended(*given);
      reason = DescriptorReason(descriptor);
    }
    if (reason.empty()) {
      const auto [begin, end] = seen.equal_range(descriptor.impl);
      if (std::any_of(begin, end, [&](const auto& one) { return SameOps(descriptors[one.second], descriptor); })) {
        reason = StrCat("offers ", ChainName({descriptor.ops, descriptor.op_count}), " as ", descriptor.impl,
                        " a second time");
      }
      seen.emplace_hint(end, descriptor.impl, index);
    }
    if (!reason.empty()) return Unexpected(ErrorCode::kPlugin, StrCat("descriptor ", index, ": ", reason));
    descriptors.push_back(descriptor);
  }
  return descriptors;
}

}  // namespace glimpse
