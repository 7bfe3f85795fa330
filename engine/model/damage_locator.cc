// SPDX-License-Identifier: Apache-2.0
#include "engine/model/damage_locator.h"

#include <cstdint>
#include <cstring>
#include <optional>

#include "base/strings.h"
#include "engine/schema/tflite_generated.h"

namespace glimpse {
namespace {

using flatbuffers::TypeCode;
using flatbuffers::TypeTable;

// Of tables visited and levels deep; a little more than the verifier's own, so that it is never the stricter one by
// much.
constexpr size_t kMostTables = 1'000'000;
constexpr int kMostDepth = 16;

uint64_t ScalarSize(unsigned short type) {
  switch (type) {
    case flatbuffers::ET_UTYPE:
    case flatbuffers::ET_BOOL:
    case flatbuffers::ET_CHAR:
    case flatbuffers::ET_UCHAR:
      return 1;
    case flatbuffers::ET_SHORT:
    case flatbuffers::ET_USHORT:
      return 2;
    case flatbuffers::ET_LONG:
    case flatbuffers::ET_ULONG:
    case flatbuffers::ET_DOUBLE:
      return 8;
    default:
      return 4;
  }
}

// Where the walk stands, as a chain from the innermost field outwards; put into words only when it is needed.
struct Place {
  const Place* outer = nullptr;
  const char* field = nullptr;  // null: entry `index` of the vector `outer`
  uint64_t index = 0;

  std::string Text() const {
    const std::string before = outer == nullptr ? "" : outer->Text();
    if (field == nullptr) return StrCat(before, "[", index, "]");
    return before.empty() ? field : StrCat(before, ".", field);
  }
};

// Walks tables along the type tables that flatc wrote, with bounds-checked reads of its own. Every function returns
// false once damage is found; problem_ then says where.
class Walker {
 public:
  explicit Walker(std::span<const std::byte> file) : file_(file) {}

  std::string Walk() {
    constexpr Place kRoot = {nullptr, "the root table", 0};
    const auto root = Offset(0, kRoot);
    if (root) Table(*root, *wire::ModelTypeTable(), nullptr, 0);
    return problem_;
  }

 private:
  template <typename T>
  std::optional<T> Read(uint64_t at) const {
    if (at > file_.size() || file_.size() - at < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, file_.data() + at, sizeof(T));
    return value;
  }

  bool Damaged(const Place* place, const std::string& what) {
    problem_ = StrCat(place == nullptr ? "the root table" : place->Text(), " ", what);
    return false;
  }

  // Where the offset stored at `at` leads.
  std::optional<uint64_t> Offset(uint64_t at, const Place& place) {
    const auto offset = Read<uint32_t>(at);
    if (offset && at % 4 == 0 && *offset != 0 && *offset <= INT32_MAX && at + *offset < file_.size())
      return at + *offset;
    Damaged(&place, "lies outside of the file");
    return std::nullopt;
  }

  bool Table(uint64_t at, const TypeTable& type, const Place* place, int depth) {
    if (depth > kMostDepth || ++tables_ > kMostTables) return false;
    const auto back = Read<int32_t>(at);
    if (!back || at % 4 != 0) return Damaged(place, "lies outside of the file");
    const uint64_t vtable = at - static_cast<uint64_t>(static_cast<int64_t>(*back));
    const auto vtable_size = Read<uint16_t>(vtable);
    if (!vtable_size || vtable % 2 != 0 || *vtable_size % 2 != 0 || file_.size() - vtable < *vtable_size) {
      return Damaged(place, "has no list of fields inside the file");
    }
    for (size_t i = 0; i < type.num_elems; ++i) {
      if (!Field(at, vtable, *vtable_size, type, i, {place, type.names[i], 0}, depth)) return false;
    }
    return true;
  }

  // Position of field `index`; nothing when the table leaves it out.
  std::optional<uint64_t> FieldPosition(uint64_t table, uint64_t vtable, uint16_t vtable_size, size_t index) const {
    const uint64_t slot = 4 + 2 * index;
    if (slot + 2 > vtable_size) return std::nullopt;
    const auto distance = Read<uint16_t>(vtable + slot);
    return distance && *distance != 0 ? std::optional<uint64_t>(table + *distance) : std::nullopt;
  }

  bool Field(uint64_t table, uint64_t vtable, uint16_t vtable_size, const TypeTable& type, size_t index,
             const Place& name, int depth) {
    const auto at = FieldPosition(table, vtable, vtable_size, index);
    if (!at) return true;
    const TypeCode code = type.type_codes[index];
    const TypeTable* child = code.sequence_ref >= 0 ? type.type_refs[code.sequence_ref]() : nullptr;
    if (code.is_repeating != 0) return Vector(*at, code, child, name, depth);
    if (code.base_type == flatbuffers::ET_STRING) return Vector(*at, code, nullptr, name, depth);
    if (code.base_type != flatbuffers::ET_SEQUENCE) {
      const uint64_t size = ScalarSize(code.base_type);
      if (*at % size == 0 && *at + size <= file_.size()) return true;
      return Damaged(&name, "lies outside of the file");
    }
    if (child->st == flatbuffers::ST_UNION) {
      // The member's number is the field before.
      const auto type_at = FieldPosition(table, vtable, vtable_size, index - 1);
      const auto member = type_at ? Read<uint8_t>(*type_at) : std::optional<uint8_t>(0);
      if (!member || *member == 0 || *member >= child->num_elems) return true;
      child = child->type_refs[child->type_codes[*member].sequence_ref]();
    }
    const auto target = Offset(*at, name);
    return target && Table(*target, *child, &name, depth + 1);
  }

  bool Vector(uint64_t field, TypeCode code, const TypeTable* child, const Place& name, int depth) {
    const auto at = Offset(field, name);
    if (!at) return false;
    const auto count = Read<uint32_t>(*at);
    if (!count || *at % 4 != 0) return Damaged(&name, "lies outside of the file");
    const bool string = code.base_type == flatbuffers::ET_STRING;
    const uint64_t begin = *at + 4;
    const uint64_t bytes = string ? uint64_t{*count} + 1 : *count * ScalarSize(code.base_type);
    if (file_.size() - begin < bytes) {
      return Damaged(&name, StrCat("claims ", *count, string ? " bytes" : " entries", ", more than the file holds"));
    }
    if (string && file_[static_cast<size_t>(begin + *count)] != std::byte{0})
      return Damaged(&name, "is a string without an end");
    if (code.base_type != flatbuffers::ET_SEQUENCE) return true;
    for (uint64_t i = 0; i < *count; ++i) {
      const Place element = {&name, nullptr, i};
      const auto target = Offset(begin + 4 * i, element);
      if (!target || !Table(*target, *child, &element, depth + 1)) return false;
    }
    return true;
  }

  const std::span<const std::byte> file_;
  size_t tables_ = 0;
  std::string problem_;
};

}  // namespace

std::string LocateDamage(std::span<const std::byte> file) { return Walker(file).Walk(); }

}  // namespace glimpse
