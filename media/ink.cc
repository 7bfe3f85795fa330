// SPDX-License-Identifier: Apache-2.0
#include "media/ink.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace glimpse::media {
namespace {

constexpr int kSmallSide = 160;  // the longest side that is looked at
constexpr int kInk = 64;         // the level of cleaned ink that the box surrounds

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

void InkFinder::Residuals(const GridLevels& paper) {
  surface_.SetSize(small_.width, small_.height);
  residual_.resize(small_.pixels.size());
  // Two tables in turn: a count that is raised again at once would wait for itself.
  std::array<SignedLevels, 2> counts{};
  for (int y = 0; y < small_.height; ++y) {
    const uint8_t* const in = small_.Row(y);
    int* const out = residual_.data() + static_cast<size_t>(y) * static_cast<size_t>(small_.width);
    surface_.Row(paper, y, 0, small_.width, out);
    for (int x = 0; x < small_.width; ++x) out[x] = in[x] - out[x];
    for (int x = 0; x < small_.width; ++x)
      ++counts[static_cast<size_t>(x & 1)][static_cast<size_t>(out[x] + kMostLevel)];
  }
  for (size_t i = 0; i < levels_.size(); ++i) levels_[i] = counts[0][i] + counts[1][i];
}

int InkFinder::MedianDistance() const {
  uint32_t below = CountAt(0);
  int distance = 0;
  while (2 * below < residual_.size()) {
    ++distance;
    below += CountAt(distance) + CountAt(-distance);
  }
  return distance;
}

int InkFinder::Contrast(bool dark) const {
  const size_t wanted = std::max<size_t>(4, residual_.size() / 640);
  size_t above = 0;
  int level = kMostLevel;
  while (level > 0 && (above += CountAt(dark ? -level : level)) < wanted) --level;
  return level;
}

int64_t InkFinder::Excess(int sign, int threshold) const {
  int64_t sum = 0;
  for (int level = threshold + 1; level <= kMostLevel; ++level)
    sum += int64_t{CountAt(sign * level)} * (level - threshold);
  return sum;
}

Ink InkFinder::Look(const Image& luma) {
  Shrink(luma);
  medians_.Run(small_, 2, nullptr, nullptr, paper_);
  Residuals(paper_);
  Ink ink;
  ink.noise = MedianDistance();
  const int threshold = std::max(12, 5 * ink.noise);
  ink.dark = Excess(-1, threshold) > Excess(1, threshold);
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

// Only where mask_ is set is anything computed: ink is little of a picture.
Rect InkFinder::Clean(const Image& luma, const GridLevels& paper, int low, int high, Image& clean) {
  // The first pixel over each small one; pixel x lies over small pixel x * small width / width.
  first_pixels_.resize(static_cast<size_t>(small_.width) + 1);
  for (int i = 0; i <= small_.width; ++i) {
    first_pixels_[static_cast<size_t>(i)] =
        static_cast<int>((int64_t{i} * luma.width + small_.width - 1) / small_.width);
  }
  std::array<uint8_t, 2 * kMostLevel + 1> scaled;  // of every level above the paper
  for (int level = -kMostLevel; level <= kMostLevel; ++level) {
    scaled[static_cast<size_t>(level + kMostLevel)] =
        static_cast<uint8_t>(std::clamp((level - low) * 255 / (high - low), 0, 255));
  }
  surface_.SetSize(luma.width, luma.height);
  row_.resize(static_cast<size_t>(luma.width));
  clean.Reshape(luma.width, luma.height, 1);
  Rect box{luma.width, luma.height, 0, 0};
  int right = -1;
  int bottom = -1;
  for (int y = 0; y < luma.height; ++y) {
    const uint8_t* const in = luma.Row(y);
    uint8_t* const out = clean.Row(y);
    std::fill_n(out, luma.width, uint8_t{0});
    const auto small_y = static_cast<size_t>(int64_t{y} * small_.height / luma.height);
    const uint8_t* const mask = mask_.data() + small_y * static_cast<size_t>(small_.width);
    const auto is_set = [](uint8_t m) { return m != 0; };
    const auto left = static_cast<int>(std::find_if(mask, mask + small_.width, is_set) - mask);
    if (left == small_.width) continue;
    int past = small_.width;
    while (mask[past - 1] == 0) --past;
    const int origin = first_pixels_[static_cast<size_t>(left)];
    surface_.Row(paper, y, origin, first_pixels_[static_cast<size_t>(past)], row_.data());
    for (int from = left, to = left; from < past; from = to + 1) {  // a run of masked small pixels
      for (to = from; to < past && mask[to] != 0;) ++to;
      const int begin = first_pixels_[static_cast<size_t>(from)];
      const int end = first_pixels_[static_cast<size_t>(to)];
      for (int x = begin; x < end; ++x)
        out[x] = scaled[static_cast<size_t>(in[x] - row_[static_cast<size_t>(x - origin)] + kMostLevel)];
      const auto is_ink = [](uint8_t level) { return level >= kInk; };
      const uint8_t* const first = std::find_if(out + begin, out + end, is_ink);
      if (first == out + end) continue;
      uint8_t* last = out + end - 1;
      while (!is_ink(*last)) --last;
      box.x = std::min(box.x, static_cast<int>(first - out));
      box.y = std::min(box.y, y);
      right = std::max(right, static_cast<int>(last - out));
      bottom = y;
    }
  }
  box.width = std::max(0, right - box.x + 1);
  box.height = std::max(0, bottom - box.y + 1);
  return box;
}

Ink InkFinder::RemovePaper(const Image& light_on_dark, Image& clean, Rect& box) {
  Shrink(light_on_dark);
  medians_.Run(small_, 2, nullptr, nullptr, wide_paper_);
  Residuals(wide_paper_);
  Ink ink;
  ink.noise = MedianDistance();
  ink.contrast = Contrast(false);
  MaskAbove(std::max(3 * ink.contrast / 10, 4 * ink.noise), std::max(1, std::max(small_.width, small_.height) / 64));
  medians_.Run(small_, 3, &mask_, &wide_paper_, paper_);
  Residuals(paper_);
  ink.noise = MedianDistance();
  ink.contrast = Contrast(false);
  ink.blank = ink.contrast < std::max(20, 8 * ink.noise);
  if (ink.blank) return ink;
  FindPieces(std::max(35 * ink.contrast / 100, 4 * ink.noise), 55 * ink.contrast / 100);
  ChoosePieces();
  KeepMask();
  const int low = std::max(12 * ink.contrast / 100, 2 * ink.noise);
  const int high = std::max(low + 1, 80 * ink.contrast / 100);
  const Rect found = Clean(light_on_dark, paper_, low, high, clean);
  if (found.width == 0) {  // all that stood out was averaged away or belongs to nothing
    ink.blank = true;
    return ink;
  }
  box = found;
  return ink;
}

}  // namespace glimpse::media
