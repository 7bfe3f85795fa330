# SPDX-License-Identifier: Apache-2.0
"""Scenes: frames of 320x240 with four of the demonstration's digits, in the forms a camera sends them.

PNG is read only as tools/render_digits.py and the daemon's `snapshot` write it: 8 bits, grey or RGB, not interlaced.
"""

import pathlib
import struct
import subprocess
import zlib

WIDTH, HEIGHT = 320, 240
TILE = (160, 120)
# The regions of a scene, row by row.
REGIONS = {f"d{i}": [i % 2 * TILE[0], i // 2 * TILE[1], *TILE] for i in range(4)}


def _unfilter(rows, stride, channels):
    """The rows of a PNG without what was subtracted from them (PNG specification, chapter 9)."""
    above = bytearray(stride)
    for start in range(0, len(rows), stride + 1):
        kind, row = rows[start], bytearray(rows[start + 1:start + 1 + stride])
        if kind == 2:
            row = bytearray((a + b) & 0xFF for a, b in zip(row, above))
        elif kind:
            for i, value in enumerate(row):
                left = row[i - channels] if i >= channels else 0
                corner = above[i - channels] if i >= channels else 0
                if kind == 1:
                    guess = left
                elif kind == 3:
                    guess = (left + above[i]) // 2
                else:
                    distance = [abs(above[i] - corner), abs(left - corner), abs(left + above[i] - 2 * corner)]
                    guess = (left, above[i], corner)[distance.index(min(distance))]
                row[i] = (value + guess) & 0xFF
        yield bytes(row)
        above = row


def read_png(data):
    """(width, height, channels, pixels row by row)."""
    at, packed = 8, b""
    width = height = depth = colour = None
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IHDR":
            width, height, depth, colour, *_ = struct.unpack_from(">IIBBBBB", data, at + 8)
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    if depth != 8 or colour not in (0, 2):
        raise ValueError(f"a PNG of depth {depth} and colour type {colour}")
    channels = 1 if colour == 0 else 3
    return width, height, channels, b"".join(_unfilter(zlib.decompress(packed), width * channels, channels))


def read_pgm(path):
    """The pixels of a scene."""
    return pathlib.Path(path).read_bytes()[-WIDTH * HEIGHT:]


def yuyv(grey):
    """Luma as it is, no colour."""
    frame = bytearray(b"\x00\x80" * len(grey))
    frame[0::2] = grey
    return bytes(frame)


def _digits(folder):
    """The demonstration's digits of a tile's size: (label, pixels)."""
    for line in (folder / "labels.tsv").read_text().splitlines():
        name, label = line.split("\t")
        width, height, channels, pixels = read_png((folder / name).read_bytes())
        if (width, height, channels) == (*TILE, 1):
            yield label, pixels


def make_scenes(demo, folder):
    """Writes NAME.pgm and NAME.jpg into `folder`, NAME being the four labels, such as 7439; the names in order.

    The JPEG is one of colour with 4:2:2 chroma, as webcams send it; cjpeg makes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digits = list(_digits(demo))
    names = []
    for i in range(0, len(digits) - 3, 4):
        four = digits[i:i + 4]
        name = "".join(label for label, _ in four)
        rows = []
        for y in range(HEIGHT):
            left = 0 if y < TILE[1] else 2
            for _, pixels in four[left:left + 2]:
                start = y % TILE[1] * TILE[0]
                rows.append(pixels[start:start + TILE[0]])
        grey = b"".join(rows)
        (folder / f"{name}.pgm").write_bytes(b"P5\n%d %d\n255\n" % (WIDTH, HEIGHT) + grey)
        colour = b"P6\n%d %d\n255\n" % (WIDTH, HEIGHT) + bytes(value for level in grey for value in (level, level, level))
        jpeg = subprocess.run(["cjpeg", "-quality", "95", "-sample", "2x1"], input=colour, capture_output=True, check=True).stdout
        (folder / f"{name}.jpg").write_bytes(jpeg)
        names.append(name)
    return names
