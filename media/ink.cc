// SPDX-License-Identifier: Apache-2.0
#include "media/ink.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

namespace glimpse::media {
namespace {

constexpr int kSmallSide = 160;  // the longest side that is looked at
constexpr int kWholeWeight = 256;

// The smallest level that at least half of the counted pixels do not exceed.
int MedianOf(const std::array<uint32_t, 256>& histogram, uint32_t count) {
  uint32_t below = 0;
  for (int level = 0; level < 256; ++level) {
    below += histogram[static_cast<size_t>(level)];
    if (2 * below >= count) return level;
  }
  return 255;
}

}  // namespace

void InkFinder::Shrink(const Image& luma) {
  const int longest = std::max(luma.width, luma.height);
  const Rect all{0, 0, luma.width, luma.height};
  if (longest <= kSmallSide) {
    small_ = luma;
    return;
  }
  const auto side = [&](int length) { return std::max(1, static_cast<int>(int64_t{length} * kSmallSide / longest)); };
  resampler_.Run(luma, all, side(luma.width), side(luma.height), small_);
}

void InkFinder::Medians(int window_divisor, bool use_mask, Grid& grid) {
  grid.resize(kGrid * kGrid);
  const auto range = [&](int node, int size) {  // a window around the node's centre, cut at the picture's edge
    const int centre = (2 * node + 1) * size / (2 * kGrid);
    const int reach = std::max(1, size / (2 * window_divisor));
    return std::pair{std::max(0, centre - reach), std::min(size, centre + reach + 1)};
  };
  for (int gy = 0; gy < kGrid; ++gy) {
    const auto [top, bottom] = range(gy, small_.height);
    for (int gx = 0; gx < kGrid; ++gx) {
      const auto [left, right] = range(gx, small_.width);
      std::array<uint32_t, 256> histogram{};
      uint32_t count = 0;
      for (int y = top; y < bottom; ++y) {
        const size_t row = static_cast<size_t>(y) * static_cast<size_t>(small_.width);
        for (int x = left; x < right; ++x) {
          const size_t at = row + static_cast<size_t>(x);
          if (use_mask && mask_[at] != 0) continue;
          ++histogram[small_.pixels[at]];
          ++count;
        }
      }
      // Where ink leaves hardly any paper, what the wide windows said stands.
      const auto window = static_cast<uint32_t>((right - left) * (bottom - top));
      const auto node = static_cast<size_t>(gy * kGrid + gx);
      grid[node] = use_mask && count < window / 8 ? first_grid_[node] : MedianOf(histogram, count);
    }
  }
}

void InkFinder::Places(int size, std::vector<Place>& places) {
  places.resize(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {  // in 1/(2 size) of a node: pixel centre minus the first node's centre
    const int64_t at = std::clamp<int64_t>(int64_t{2 * i + 1} * kGrid - size, 0, int64_t{2} * size * (kGrid - 1));
    const int node = std::min(kGrid - 2, static_cast<int>(at / (2 * size)));
    const int64_t part = at - int64_t{2} * size * node;
    places[static_cast<size_t>(i)] = {node, static_cast<int>(part * kWholeWeight / (2 * size))};
  }
}

namespace {

// The grid's surface between four nodes, in 1/256 levels across and whole levels down.
template <typename Place>
int SurfaceAt(const std::vector<int>& grid, int grid_width, const Place& column, const Place& row) {
  const int* node = grid.data() + row.node * grid_width + column.node;
  const int upper = node[0] * (kWholeWeight - column.right) + node[1] * column.right;
  const int lower = node[grid_width] * (kWholeWeight - column.right) + node[grid_width + 1] * column.right;
  return (upper * (kWholeWeight - row.right) + lower * row.right + kWholeWeight * kWholeWeight / 2) /
         (kWholeWeight * kWholeWeight);
}

}  // namespace

void InkFinder::Residuals(const Grid& grid) {
  Places(small_.width, columns_);
  Places(small_.height, rows_);
  residual_.resize(small_.pixels.size());
  size_t at = 0;
  for (const Place& row : rows_) {
    for (const Place& column : columns_) {
      residual_[at] = int{small_.pixels[at]} - SurfaceAt(grid, kGrid, column, row);
      ++at;
    }
  }
}

int InkFinder::MedianDistance() const {
  std::array<uint32_t, 256> histogram{};
  for (const int r : residual_) ++histogram[static_cast<size_t>(std::min(255, std::abs(r)))];
  return MedianOf(histogram, static_cast<uint32_t>(residual_.size()));
}

int InkFinder::Contrast(bool dark) const {
  std::array<uint32_t, 256> histogram{};
  for (const int r : residual_) ++histogram[static_cast<size_t>(std::clamp(dark ? -r : r, 0, 255))];
  const size_t wanted = std::max<size_t>(4, residual_.size() / 640);
  size_t above = 0;
  int level = 255;
  while (level > 0 && (above += histogram[static_cast<size_t>(level)]) < wanted) --level;
  return level;
}

Ink InkFinder::Look(const Image& luma) {
  Shrink(luma);
  Medians(2, false, grid_);
  Residuals(grid_);
  Ink ink;
  ink.noise = MedianDistance();
  const int threshold = std::max(12, 5 * ink.noise);
  int64_t darker = 0;
  int64_t lighter = 0;
  for (const int r : residual_) {
    darker += std::max(0, -r - threshold);
    lighter += std::max(0, r - threshold);
  }
  ink.dark = darker > lighter;
  ink.contrast = Contrast(ink.dark);
  ink.blank = ink.contrast < std::max(20, 8 * ink.noise);
  return ink;
}

// Sets mask_ to the pixels within `radius` (a square) of one whose residual exceeds `level`.
void InkFinder::MaskAbove(int level, int radius) {
  mask_.assign(small_.pixels.size(), 0);
  for (int y = 0; y < small_.height; ++y) {
    for (int x = 0; x < small_.width; ++x) {
      if (residual_[static_cast<size_t>(y * small_.width + x)] <= level) continue;
      for (int my = std::max(0, y - radius); my <= std::min(small_.height - 1, y + radius); ++my) {
        const auto row = mask_.begin() + ptrdiff_t{my} * small_.width;
        std::fill(row + std::max(0, x - radius), row + std::min(small_.width, x + radius + 1), uint8_t{1});
      }
    }
  }
}

void InkFinder::FindPieces(int weak, int strong) {
  labels_.assign(small_.pixels.size(), 0);
  pieces_.clear();
  const int width = small_.width;
  const int height = small_.height;
  for (size_t seed = 0; seed < labels_.size(); ++seed) {
    if (labels_[seed] != 0 || residual_[seed] < weak) continue;
    const int label = static_cast<int>(pieces_.size()) + 1;
    Piece piece;
    piece.left = width;
    piece.top = height;
    labels_[seed] = label;
    stack_.assign(1, static_cast<int>(seed));
    while (!stack_.empty()) {
      const int at = stack_.back();
      stack_.pop_back();
      const int x = at % width;
      const int y = at / width;
      const int level = residual_[static_cast<size_t>(at)];
      piece.mass += level;
      piece.strong |= level >= strong;
      piece.left = std::min(piece.left, x);
      piece.right = std::max(piece.right, x);
      piece.top = std::min(piece.top, y);
      piece.bottom = std::max(piece.bottom, y);
      for (int ny = std::max(0, y - 1); ny <= std::min(height - 1, y + 1); ++ny) {
        for (int nx = std::max(0, x - 1); nx <= std::min(width - 1, x + 1); ++nx) {
          const int next = ny * width + nx;
          if (labels_[static_cast<size_t>(next)] != 0 || residual_[static_cast<size_t>(next)] < weak) continue;
          labels_[static_cast<size_t>(next)] = label;
          stack_.push_back(next);
        }
      }
    }
    piece.at_border = piece.left == 0 || piece.top == 0 || piece.right == width - 1 || piece.bottom == height - 1;
    pieces_.push_back(piece);
  }
}

void InkFinder::ChoosePieces() {
  const auto lighter = [](const Piece& a, const Piece& b) { return a.mass < b.mass; };
  Piece* main = &*std::max_element(pieces_.begin(), pieces_.end(), lighter);
  if (main->at_border) {
    Piece* inner = nullptr;
    for (Piece& piece : pieces_) {
      if (!piece.at_border && piece.strong && (inner == nullptr || piece.mass > inner->mass)) inner = &piece;
    }
    if (inner != nullptr && 2 * inner->mass >= main->mass) main = inner;
  }
  const int reach = std::max(main->right - main->left, main->bottom - main->top) / 3 + 1;
  for (Piece& piece : pieces_) {
    const bool near = piece.left <= main->right + reach && piece.right >= main->left - reach &&
                      piece.top <= main->bottom + reach && piece.bottom >= main->top - reach;
    const bool inside = !piece.at_border || main->at_border;
    piece.kept = &piece == main || (piece.strong && inside && near && 25 * piece.mass >= main->mass);
  }
}

// Sets mask_ to the kept pieces and the ring of one pixel around them that carries their soft edges.
void InkFinder::KeepMask() {
  mask_.assign(small_.pixels.size(), 0);
  for (int y = 0; y < small_.height; ++y) {
    for (int x = 0; x < small_.width; ++x) {
      const int label = labels_[static_cast<size_t>(y * small_.width + x)];
      if (label == 0 || !pieces_[static_cast<size_t>(label - 1)].kept) continue;
      for (int my = std::max(0, y - 1); my <= std::min(small_.height - 1, y + 1); ++my) {
        const auto row = mask_.begin() + ptrdiff_t{my} * small_.width;
        std::fill(row + std::max(0, x - 1), row + std::min(small_.width, x + 2), uint8_t{1});
      }
    }
  }
}

void InkFinder::Clean(const Image& luma, const Grid& grid, int low, int high, Image& clean) const {
  std::vector<Place> columns;
  std::vector<Place> rows;
  Places(luma.width, columns);
  Places(luma.height, rows);
  clean.Reshape(luma.width, luma.height, 1);
  for (int y = 0; y < luma.height; ++y) {
    const int small_y = static_cast<int>(int64_t{y} * small_.height / luma.height);
    const uint8_t* in = luma.Row(y);
    uint8_t* out = clean.Row(y);
    for (int x = 0; x < luma.width; ++x) {
      const int small_x = static_cast<int>(int64_t{x} * small_.width / luma.width);
      out[x] = 0;
      if (mask_[static_cast<size_t>(small_y * small_.width + small_x)] == 0) continue;
      const int level =
          int{in[x]} - SurfaceAt(grid, kGrid, columns[static_cast<size_t>(x)], rows[static_cast<size_t>(y)]);
      out[x] = static_cast<uint8_t>(std::clamp((level - low) * 255 / (high - low), 0, 255));
    }
  }
}

Ink InkFinder::RemovePaper(const Image& light_on_dark, Image& clean, Rect& box) {
  Shrink(light_on_dark);
  Medians(2, false, first_grid_);
  Residuals(first_grid_);
  Ink ink;
  ink.noise = MedianDistance();
  ink.contrast = Contrast(false);
  MaskAbove(std::max(3 * ink.contrast / 10, 4 * ink.noise), std::max(1, std::max(small_.width, small_.height) / 64));
  Medians(3, true, grid_);
  Residuals(grid_);
  ink.noise = MedianDistance();
  ink.contrast = Contrast(false);
  ink.blank = ink.contrast < std::max(20, 8 * ink.noise);
  if (ink.blank) return ink;
  FindPieces(std::max(35 * ink.contrast / 100, 4 * ink.noise), 55 * ink.contrast / 100);
  ChoosePieces();
  KeepMask();
  const int low = std::max(12 * ink.contrast / 100, 2 * ink.noise);
  const int high = std::max(low + 1, 80 * ink.contrast / 100);
  Clean(light_on_dark, grid_, low, high, clean);
  Rect found{light_on_dark.width, light_on_dark.height, 0, 0};
  int right = -1;
  int bottom = -1;
  for (int y = 0; y < clean.height; ++y) {
    for (int x = 0; x < clean.width; ++x) {
      if (clean.Row(y)[x] < 64) continue;
      found.x = std::min(found.x, x);
      found.y = std::min(found.y, y);
      right = std::max(right, x);
      bottom = std::max(bottom, y);
    }
  }
  if (right < 0) {  // all that stood out was averaged away or belongs to nothing
    ink.blank = true;
    return ink;
  }
  found.width = right - found.x + 1;
  found.height = bottom - found.y + 1;
  box = found;
  return ink;
}

}  // namespace glimpse::media
