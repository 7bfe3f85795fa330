// SPDX-License-Identifier: Apache-2.0
// How winograd.h cuts an image: tiles of 4x4 outputs, and where an axis ends in fewer, tiles of an edge.
//
//     body | right         A tile of `bottom` lacks the points that its rows do not have, one of `right` those of its
//     -----+-------        columns. In the order bottom, body, right, corner, the tiles that have a point are
//     bottom| corner       neighbours, whatever the point: all; bottom and body; body and right; or the body alone.
//
// Internal linkage throughout, like kernels/quant/requantize_avx2.h.
#pragma once

#include <cstdint>

namespace glimpse::kernels {
namespace {

// Points of a form of `outputs` outputs along an axis (winograd_forms.h).
constexpr int32_t WinogradPoints(int32_t outputs) { return outputs + 2; }

// Outputs along one axis: `whole` times four, and `edge`, which is 0, 2 or 3. One output that is left is taken for two.
struct WinogradAxis {
  int32_t whole = 0;
  int32_t edge = 0;

  static WinogradAxis Of(int32_t outputs) {
    const int32_t left = outputs % 4;
    return {outputs / 4, left == 1 ? 2 : left};
  }
  int32_t outputs() const { return whole * 4 + edge; }
  int32_t tiles() const { return whole + (edge != 0 ? 1 : 0); }
  // Points that all tiles have; the others are those of whole ones alone.
  int32_t common() const { return edge != 0 ? WinogradPoints(edge) : 6; }
};

// Neighbours in the order of tiles.
struct TileRange {
  int32_t first = 0;
  int32_t count = 0;

  TileRange Within(int32_t begin, int32_t end) const {
    const int32_t from = first < begin ? begin : first;
    const int32_t to = first + count < end ? first + count : end;
    return {from, to > from ? to - from : 0};
  }
};

struct WinogradTile {
  int32_t top = 0;  // first output
  int32_t left = 0;
  int32_t rows = 4;
  int32_t columns = 4;
};

// The tiles of `rows` x `columns` outputs.
class WinogradTiles {
 public:
  WinogradTiles(const WinogradAxis& rows, const WinogradAxis& columns)
      : rows_(rows),
        columns_(columns),
        body_(rows.edge != 0 ? columns.whole : 0),
        right_(body_ + rows.whole * columns.whole),
        corner_(right_ + (columns.edge != 0 ? rows.whole : 0)),
        count_(corner_ + (rows.edge != 0 && columns.edge != 0 ? 1 : 0)) {}

  int32_t count() const { return count_; }
  // Points that all of them have along an axis.
  int32_t common_rows() const { return rows_.common(); }
  int32_t common_columns() const { return columns_.common(); }

  WinogradTile At(int32_t index) const {
    const int32_t bottom = rows_.whole * 4;
    const int32_t side = columns_.whole * 4;
    if (index < body_) return {bottom, index * 4, rows_.edge, 4};
    if (index < right_) return {(index - body_) / columns_.whole * 4, (index - body_) % columns_.whole * 4, 4, 4};
    if (index < corner_) return {(index - right_) * 4, side, 4, columns_.edge};
    return {bottom, side, rows_.edge, columns_.edge};
  }

  // Of `range`, the tiles with four rows, with four columns, or both.
  TileRange With(TileRange range, bool four_rows, bool four_columns) const {
    return range.Within(four_rows ? body_ : 0, four_columns ? right_ : four_rows ? corner_ : count_);
  }

 private:
  WinogradAxis rows_;
  WinogradAxis columns_;
  int32_t body_;  // where the bottom ends, and so on
  int32_t right_;
  int32_t corner_;
  int32_t count_;
};

// Of the 6x6 points.
struct PointRectangle {
  int32_t top = 0;
  int32_t left = 0;
  int32_t rows = 0;
  int32_t columns = 0;
};

// body(points, range) for points that the same tiles of a block have, and those tiles: up to four times.
template <typename Body>
void ForEachRectangle(const WinogradTiles& tiles, TileRange block, const Body& body) {
  const int32_t rows[] = {0, tiles.common_rows(), 6};
  const int32_t columns[] = {0, tiles.common_columns(), 6};
  for (int32_t y = 0; y < 2; ++y) {
    for (int32_t x = 0; x < 2; ++x) {
      const TileRange range = tiles.With(block, y == 1, x == 1);
      const PointRectangle points{rows[y], columns[x], rows[y + 1] - rows[y], columns[x + 1] - columns[x]};
      if (range.count > 0 && points.rows > 0 && points.columns > 0) body(points, range);
    }
  }
}

}  // namespace
}  // namespace glimpse::kernels
