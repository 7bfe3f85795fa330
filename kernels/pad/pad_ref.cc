// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/pad/pad.h"

namespace glimpse::kernels {
namespace {

// Writes one block of the output after the other; `input` and `output` advance.
class Padder {
 public:
  Padder(const PadParams& params, const void* value, const void* input, void* output)
      : p_(params),
        value_(static_cast<const char*>(value)),
        input_(static_cast<const char*>(input)),
        output_(static_cast<char*>(output)) {
    size_t size = 1;
    for (int d = p_.rank - 1; d >= 0; --d) {
      const auto k = static_cast<size_t>(d);
      inner_[k] = size;
      size *=
          static_cast<size_t>(p_.before[k]) + static_cast<size_t>(p_.input_dims[k]) + static_cast<size_t>(p_.after[k]);
    }
  }

  void Dimension(int d) {
    if (d == p_.rank) {  // only when the rank is 0
      Copy(1);
      return;
    }
    const auto k = static_cast<size_t>(d);
    Fill(static_cast<size_t>(p_.before[k]) * inner_[k]);
    if (d == p_.rank - 1) {
      Copy(static_cast<size_t>(p_.input_dims[k]));
    } else {
      for (int32_t i = 0; i < p_.input_dims[k]; ++i) Dimension(d + 1);
    }
    Fill(static_cast<size_t>(p_.after[k]) * inner_[k]);
  }

 private:
  void Copy(size_t elements) {
    const size_t bytes = elements * p_.element_bytes;
    if (bytes == 0) return;
    std::memcpy(output_, input_, bytes);
    input_ += bytes;
    output_ += bytes;
  }

  void Fill(size_t elements) {
    for (size_t i = 0; i < elements; ++i, output_ += p_.element_bytes) std::memcpy(output_, value_, p_.element_bytes);
  }

  const PadParams& p_;
  std::array<size_t, kMaxPadRank> inner_{};  // output elements in one step along each dimension
  const char* value_;
  const char* input_;
  char* output_;
};

}  // namespace

void PadRef(const PadParams& params, const void* value, const void* input, void* output) {
  Padder(params, value, input, output).Dimension(0);
}

}  // namespace glimpse::kernels
