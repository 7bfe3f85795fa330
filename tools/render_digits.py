#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws handwritten-looking digits on uneven paper: test pictures without anybody's handwriting.

    tools/render_digits.py --count 200 --output tests/data/digits

writes NAME.png (8-bit grey, 96x96 to 160x120), NAME being index_label such as 0007_3, and labels.tsv (file, label).
The same seed gives the same pixels with every Python from 3.11 on: all numbers come from a generator of our own, and
nothing but the standard library is used.

A digit is one of several skeletons (strokes of straight lines and cubic curves in a unit box), every point moved a
little, sheared, turned, stretched; a round pen of varying width and darkness follows it. Paper has a gradient, grain,
fibres, faint ruled lines, a vignette and a soft shadow.
"""

import argparse
import concurrent.futures
import itertools
import math
import pathlib
import struct
import sys
import zlib


class Random:
    """splitmix64: short, and the same on every machine and in every version of Python."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFFFFFFFFFF

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return z ^ (z >> 31)

    def unit(self):
        return (self.bits() >> 11) / (1 << 53)

    def uniform(self, low, high):
        return low + (high - low) * self.unit()

    def below(self, n):
        return self.bits() % n

    def chance(self, p):
        return self.unit() < p

    def bell(self, spread):
        """Sum of four uniforms: near enough to normal, and bounded."""
        return spread * (self.unit() + self.unit() + self.unit() + self.unit() - 2) * 1.7


GRAIN = [(lambda rng: rng.bell(1.0))(Random(i * 2654435761 + 99)) for i in range(4096)]

# Skeletons: a digit has variants, a variant strokes, a stroke a start and pieces. A piece of 2 numbers is a straight
# line to that point, one of 6 a cubic curve (two control points, end). x goes right, y down, both 0..1.
SKELETONS = {
    0: [
        [[(.55, .03), (.15, -.02, .02, .35, .06, .58), (.1, .92, .35, 1.03, .55, .97), (.85, .9, .98, .6, .92, .36),
          (.87, .12, .7, .02, .52, .04)]],
        [[(.62, .08), (.3, -.08, .0, .3, .04, .62), (.08, 1.0, .5, 1.08, .76, .84), (1.0, .6, .98, .22, .78, .08),
          (.66, .0, .5, .04, .44, .12)]],
        [[(.4, .05), (.08, .1, .0, .5, .12, .78), (.26, 1.06, .66, 1.04, .84, .74), (1.0, .46, .9, .1, .62, .03),
          (.52, .0, .44, .02, .36, .08)]],
    ],
    1: [
        [[(.5, .0), (.5, .34, .48, .68, .5, 1.0)]],
        [[(.34, .2), (.42, .14, .5, .08, .56, .0), (.55, .35, .52, .7, .52, 1.0)]],
        [[(.6, .0), (.55, .3, .48, .7, .42, 1.0)]],
        [[(.3, .24), (.4, .16, .5, .08, .54, .0), (.54, .98)], [(.3, .99), (.78, .97)]],
    ],
    2: [
        [[(.1, .24), (.14, .02, .52, -.08, .74, .1), (.96, .32, .6, .62, .08, .97), (.36, .93, .66, .95, .96, .95)]],
        [[(.12, .2), (.3, -.04, .8, -.06, .82, .24), (.84, .48, .5, .74, .2, .92), (.0, 1.02, .02, .8, .2, .82),
          (.44, .84, .66, 1.04, .98, .9)]],
        [[(.06, .3), (.1, .0, .56, -.06, .76, .12), (.9, .3, .74, .56, .5, .72), (.36, .82, .2, .92, .06, .98),
          (.95, .98)]],
    ],
    3: [
        [[(.12, .12), (.36, -.06, .86, -.02, .82, .22), (.8, .4, .56, .46, .38, .48), (.7, .46, .94, .56, .9, .76),
          (.84, 1.02, .34, 1.08, .06, .88)]],
        [[(.1, .06), (.36, .04, .6, .04, .84, .04), (.66, .2, .52, .32, .42, .44), (.76, .4, .98, .58, .88, .8),
          (.76, 1.04, .3, 1.02, .06, .9)]],
        [[(.18, .16), (.34, -.06, .8, -.04, .78, .2), (.76, .36, .6, .42, .44, .45), (.66, .44, .86, .5, .88, .7),
          (.9, .98, .46, 1.06, .14, .92)]],
    ],
    4: [
        [[(.3, .02), (.24, .22, .12, .42, .08, .56), (.36, .58, .64, .56, .95, .54)],
         [(.7, .1), (.68, .4, .66, .7, .64, 1.0)]],
        [[(.22, .04), (.18, .24, .12, .44, .2, .5), (.36, .58, .6, .5, .74, .44)],
         [(.8, .02), (.76, .36, .74, .68, .7, 1.0)]],
        [[(.66, .02), (.44, .24, .22, .46, .04, .66), (.34, .68, .66, .66, .98, .66)],
         [(.68, .3), (.66, .54, .66, .78, .66, 1.0)]],
    ],
    5: [
        [[(.82, .04), (.6, .04, .42, .04, .26, .05), (.22, .2, .2, .3, .18, .42), (.46, .3, .9, .38, .88, .68),
          (.86, 1.02, .34, 1.08, .08, .88)]],
        [[(.26, .04), (.24, .18, .2, .32, .18, .44), (.5, .32, .88, .44, .86, .7), (.82, 1.0, .36, 1.04, .08, .92)],
         [(.26, .05), (.46, .05, .66, .05, .88, .03)]],
        [[(.88, .02), (.64, .06, .44, .04, .3, .06), (.26, .18, .24, .3, .22, .4), (.44, .36, .8, .42, .8, .68),
          (.8, .94, .46, 1.02, .12, .96)]],
    ],
    6: [
        [[(.7, .02), (.4, .14, .12, .44, .1, .72), (.1, 1.02, .66, 1.08, .84, .78), (.94, .5, .44, .4, .16, .7)]],
        [[(.6, .0), (.3, .2, .12, .5, .14, .76), (.18, 1.04, .72, 1.04, .82, .76), (.86, .54, .56, .44, .36, .56),
          (.24, .62, .16, .7, .14, .76)]],
        [[(.8, .06), (.46, .04, .1, .36, .08, .68), (.08, 1.04, .6, 1.06, .8, .84), (.98, .6, .6, .44, .34, .54),
          (.22, .6, .12, .68, .1, .76)]],
    ],
    7: [
        [[(.06, .08), (.36, .06, .66, .06, .94, .04), (.74, .34, .5, .66, .4, 1.0)]],
        [[(.08, .14), (.1, .06, .2, .04, .34, .06), (.56, .08, .76, .08, .92, .04), (.8, .34, .6, .6, .52, 1.0)]],
        [[(.06, .06), (.36, .08, .66, .06, .9, .06), (.72, .36, .5, .68, .36, .98)], [(.3, .54), (.5, .52, .66, .5, .8, .5)]],
    ],
    8: [
        [[(.78, .16), (.58, -.08, .14, .0, .2, .26), (.26, .46, .8, .54, .84, .78), (.84, 1.04, .16, 1.08, .14, .78),
          (.14, .54, .72, .46, .8, .22), (.82, .18, .8, .17, .78, .16)]],
        [[(.5, .46), (.2, .4, .14, .02, .5, .02), (.86, .02, .8, .42, .5, .46), (.1, .52, .02, .98, .5, .98),
          (.98, .98, .9, .5, .5, .46)]],
        [[(.7, .06), (.4, -.06, .08, .12, .26, .34), (.44, .52, .88, .6, .8, .84), (.7, 1.06, .2, 1.02, .18, .78),
          (.18, .54, .66, .44, .78, .2), (.82, .1, .76, .06, .68, .06)]],
    ],
    9: [
        [[(.82, .2), (.66, -.06, .18, .0, .14, .28), (.12, .58, .66, .56, .82, .22), (.84, .5, .8, .76, .76, 1.0)]],
        [[(.8, .14), (.56, -.08, .12, .06, .16, .34), (.22, .58, .7, .5, .8, .18), (.82, .5, .74, .82, .5, .99)]],
        [[(.78, .26), (.78, .0, .26, -.08, .18, .22), (.12, .52, .6, .58, .78, .26), (.76, .5, .74, .78, .68, 1.0)]],
    ],
}


def outline(strokes, rng):
    """The strokes as lists of points in the unit box, each point of the skeleton moved a little."""
    jitter = rng.uniform(0.008, 0.028)
    lines = []
    for stroke in strokes:
        moved = [tuple(v + rng.bell(jitter) for v in piece) for piece in stroke]
        points = [moved[0]]
        for piece in moved[1:]:
            x0, y0 = points[-1]
            if len(piece) == 2:
                bend_x, bend_y = rng.bell(0.012), rng.bell(0.012)  # no hand draws a straight line
                piece = ((2 * x0 + piece[0]) / 3 + bend_x, (2 * y0 + piece[1]) / 3 + bend_y,
                         (x0 + 2 * piece[0]) / 3 + bend_x, (y0 + 2 * piece[1]) / 3 + bend_y, piece[0], piece[1])
            x1, y1, x2, y2, x3, y3 = piece
            for step in range(1, 15):
                t = step / 14
                u = 1 - t
                a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
                points.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
        lines.append(points)
    return lines


def place(lines, width, height, digit, rng):
    """The strokes in pixels of the picture: slanted, turned, sized and put somewhere near the middle."""
    tall = height * rng.uniform(0.46, 0.74)
    aspect = rng.uniform(0.5, 0.78) if digit != 1 else rng.uniform(0.5, 0.7)
    slant = rng.bell(0.16) + 0.06
    angle = math.radians(rng.bell(6.0))
    sine, cosine = math.sin(angle), math.cos(angle)
    centre_x = width * (0.5 + rng.bell(0.055))
    centre_y = height * (0.5 + rng.bell(0.045))
    placed = []
    for points in lines:
        stroke = []
        for px, py in points:
            y = (py - 0.5) * tall
            x = (px - 0.5) * tall * aspect - slant * y
            stroke.append((centre_x + x * cosine - y * sine, centre_y + x * sine + y * cosine))
        placed.append(stroke)
    return placed, tall


def paper(width, height, rng):
    """Levels of the empty sheet, row by row."""
    base = rng.uniform(165, 242)
    slope_x, slope_y = rng.bell(16.0), rng.bell(16.0)
    vignette = rng.uniform(0, 34)
    grain = rng.uniform(0.5, 2.6)
    specks = [grain * value for value in GRAIN]
    # Slow waves of brightness, as cheap paper has: sin(a x + b y + c), taken apart so that a row costs products only.
    waves = []
    for _ in range(3):
        wave_x, wave_y = rng.bell(0.09), rng.bell(0.09)
        phase, size = rng.uniform(0, 6.28), rng.uniform(0.3, 2.2)
        waves.append(([size * math.sin(wave_x * x) for x in range(width)],
                      [size * math.cos(wave_x * x) for x in range(width)], wave_y, phase))
    across = []
    for x in range(width):
        u = x / (width - 1) - 0.5
        across.append(base + slope_x * u - vignette * 2 * u * u)
    levels = []
    for y in range(height):
        v = y / (height - 1) - 0.5
        down = slope_y * v - vignette * 2 * v * v
        row = [level + down for level in across]
        for sines, cosines, wave_y, phase in waves:
            c, s = math.cos(wave_y * y + phase), math.sin(wave_y * y + phase)
            row = [level + a * c + b * s for level, a, b in zip(row, sines, cosines)]
        levels += [level + speck for level, speck in zip(row, speckle(width, specks, rng))]
    if rng.chance(0.45):
        shadow(levels, width, height, rng)
    if rng.chance(0.4):
        ruled_lines(levels, width, height, rng)
    for _ in range(rng.below(9)):
        fibre(levels, width, height, rng)
    return levels


def speckle(count, specks, rng):
    """`count` picks from the table of 4096, five from each number drawn."""
    picks = []
    while len(picks) < count:
        z = rng.bits()
        picks += (specks[z & 4095], specks[z >> 12 & 4095], specks[z >> 24 & 4095], specks[z >> 36 & 4095],
                  specks[z >> 48 & 4095])
    return picks[:count]


def shadow(levels, width, height, rng):
    """One half-plane darker, with a soft edge: a hand or the phone that takes the picture."""
    direction = rng.uniform(0, 6.28)
    nx, ny = math.cos(direction), math.sin(direction)
    distance = rng.uniform(0.0, 0.4) * width
    soft = rng.uniform(0.1, 0.35) * width
    depth = rng.uniform(0.06, 0.26)
    step = nx / soft
    for y in range(height):
        side = (-width / 2 * nx + (y - height / 2) * ny - distance) / soft + 0.5
        for x in range(width):
            part = side + step * x
            if part <= 0:
                continue
            part = min(1.0, part)
            levels[y * width + x] *= 1 - depth * part * part * (3 - 2 * part)


def ruled_lines(levels, width, height, rng):
    gap = rng.uniform(16, 34)
    first = rng.uniform(0, gap)
    tilt = rng.bell(0.02)
    depth = rng.uniform(5, 16)
    for k in range(-1, int(height / gap) + 2):
        for x in range(width):
            at = first + k * gap + tilt * x
            row = math.floor(at)
            for y, part in ((row, row + 1 - at), (row + 1, at - row)):
                if 0 <= y < height:
                    levels[y * width + x] -= depth * part
    if rng.chance(0.3):  # squared paper
        for k in range(-1, int(width / gap) + 2):
            for y in range(height):
                x = math.floor(first + k * gap - tilt * y)
                if 0 <= x < width:
                    levels[y * width + x] -= depth


def fibre(levels, width, height, rng):
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    heading = rng.uniform(0, 6.28)
    depth = rng.uniform(-7, 10)
    for _ in range(6 + rng.below(16)):
        column, row = int(x), int(y)
        if 0 <= column < width and 0 <= row < height:
            levels[row * width + column] -= depth
        heading += rng.bell(0.25)
        x += math.cos(heading)
        y += math.sin(heading)


def pen_coverage(strokes, width, height, pen, rng):
    """How much of each pixel the pen covers, 0..1. Its width swells and thins along the stroke."""
    cover = [0.0] * (width * height)
    for points in strokes:
        phase, swing = rng.uniform(0, 6.28), rng.uniform(0.02, 0.16)
        for i in range(len(points) - 1):
            (ax, ay), (bx, by) = points[i], points[i + 1]
            radius = pen / 2 * (1 + swing * math.sin(phase + i * 0.21))
            dx, dy = bx - ax, by - ay
            length2 = dx * dx + dy * dy
            reach = radius + 1
            for y in range(max(0, int(min(ay, by) - reach)), min(height, int(max(ay, by) + reach) + 2)):
                py = y + 0.5 - ay
                for x in range(max(0, int(min(ax, bx) - reach)), min(width, int(max(ax, bx) + reach) + 2)):
                    px = x + 0.5 - ax
                    t = min(1.0, max(0.0, (px * dx + py * dy) / length2)) if length2 > 0 else 0.0
                    ex, ey = px - t * dx, py - t * dy
                    part = min(1.0, radius - math.sqrt(ex * ex + ey * ey) + 0.5)  # round caps and soft edges at once
                    if part > cover[y * width + x]:
                        cover[y * width + x] = part
    return cover


SIZES = [(96, 96), (112, 96), (96, 112), (112, 112), (128, 96), (128, 112), (160, 120)]


def render(digit, rng):
    """One picture: (width, height, bytes)."""
    width, height = SIZES[rng.below(len(SIZES))]
    levels = paper(width, height, rng)
    variants = SKELETONS[digit]
    strokes, tall = place(outline(variants[rng.below(len(variants))], rng), width, height, digit, rng)
    pen = tall * rng.uniform(0.055, 0.15)
    ink = rng.uniform(18, 95)  # what fully covered paper looks like
    patchy = rng.uniform(0.0, 0.14)
    cover = pen_coverage(strokes, width, height, pen, rng)
    pixels = bytearray(width * height)
    for i, level in enumerate(levels):
        if cover[i] > 0:
            wet = cover[i] * (1 - patchy * rng.unit())
            level += (min(ink, level - 45) - level) * wet
        pixels[i] = min(255, max(0, int(math.floor(level + 0.5))))
    return width, height, bytes(pixels)


def png(width, height, pixels):
    """8-bit grey, every row filtered by its difference to the row above: paper compresses best so."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = bytearray()
    above = bytes(width)
    for y in range(height):
        row = pixels[y * width:(y + 1) * width]
        rows.append(2)
        rows += bytes([(a - b) & 0xFF for a, b in zip(row, above)])
        above = row
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) +
            chunk(b"IEND", b""))


def picture(index, seed):
    """Picture `index` of a seed, the same whatever the count: (label, PNG)."""
    rng = Random(seed * 1000003 + index * 7919)
    for _ in range(4):
        rng.bits()
    digit = rng.below(10)
    return digit, png(*render(digit, rng))


def main():
    parser = argparse.ArgumentParser(description="Draws handwritten-looking digits on uneven paper as PNG pictures.")
    parser.add_argument("--count", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other pictures (default 1)")
    parser.add_argument("--output", type=pathlib.Path, required=True, metavar="DIR", help="folder, made if need be")
    options = parser.parse_args()
    if not 1 <= options.count <= 10000:
        parser.error("--count must be 1 to 10000")
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        with concurrent.futures.ProcessPoolExecutor() as pool:
            pictures = pool.map(picture, range(options.count), itertools.repeat(options.seed), chunksize=8)
            with open(options.output / "labels.tsv", "w", encoding="utf-8") as labels:
                for index, (digit, encoded) in enumerate(pictures):
                    name = f"{index:04d}_{digit}.png"
                    (options.output / name).write_bytes(encoded)
                    labels.write(f"{name}\t{digit}\n")
    except OSError as error:
        print(f"render_digits.py: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
