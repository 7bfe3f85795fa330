// SPDX-License-Identifier: Apache-2.0
// The idx files that MNIST comes in: images (idx3-ubyte) and labels (idx1-ubyte), plain or gzip.
//
// Layout: two zero bytes, a type (0x08 unsigned byte), the number of dimensions, each dimension as a big-endian
// uint32, then the elements. Only unsigned bytes are read here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/limits.h"

namespace glimpse::media {

// Equally large grey pictures, one after another, row by row.
struct IdxImages {
  uint32_t count = 0;
  uint32_t height = 0;
  uint32_t width = 0;
  std::vector<uint8_t> pixels;  // count * height * width

  // Picture `i`. REQUIRES: i < count.
  std::span<const uint8_t> Image(size_t i) const {
    const size_t size = size_t{height} * width;
    return {pixels.data() + i * size, size};
  }
};

// `bytes` is the file, gzip or not, `name` goes into errors. The header must agree with the file's size exactly, and
// there must be at least one picture of at least one pixel.
// Errors: kInvalidArgument naming what does not fit; kExhausted beyond `limits`. Memory is taken only for what the
// file really holds, so a header that claims terabytes costs nothing. Thread-safe.
Result<IdxImages> ParseIdxImages(std::span<const std::byte> bytes, const std::string& name, const Limits& limits = {});
Result<std::vector<uint8_t>> ParseIdxLabels(std::span<const std::byte> bytes, const std::string& name,
                                            const Limits& limits = {});

// The same of a file; errors also kIo.
Result<IdxImages> ReadIdxImages(const std::string& path, const Limits& limits = {});
Result<std::vector<uint8_t>> ReadIdxLabels(const std::string& path, const Limits& limits = {});

}  // namespace glimpse::media
