# SPDX-License-Identifier: Apache-2.0
"""Small plots as SVG text, drawn by hand: the page that shows them must not need a plotting library to be made."""

import html
import math

WIDTH, ROW, LEFT, RIGHT, BOTTOM = 760, 13, 190, 60, 34
COLOURS = ("#0b6e99", "#e08a1e", "#7a9e3b", "#a05195", "#8c8c8c", "#c8504b", "#46b1a8", "#6b5b3e")


def _text(x, y, text, anchor="start", size=11, weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">{html.escape(text)}</text>'


def _document(height, title, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" role="img" '
            f'aria-label="{html.escape(title)}">\n<rect width="100%" height="100%" fill="#ffffff"/>')
    return "\n".join([head, _text(10, 18, title, size=13, weight="bold"), *parts, "</svg>\n"])


def _legend(names):
    """(parts, where the drawing may begin)."""
    parts, x, y = [], 10.0, 28
    for index, name in enumerate(names):
        width = 28 + 6.2 * len(name)
        if x + width > WIDTH:
            x, y = 10.0, y + 16
        parts += [f'<rect x="{x:.1f}" y="{y}" width="10" height="10" fill="{COLOURS[index % len(COLOURS)]}"/>', _text(x + 14, y + 9, name)]
        x += width
    return parts, y + 26


def _ticks(low, high, logarithmic):
    if logarithmic:
        return [10.0 ** power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    step = 10.0 ** math.floor(math.log10(high))
    step = next(s for s in (step / 5, step / 2, step, step * 2) if high / s <= 6)
    return [step * i for i in range(math.ceil(high / step) + 1)]


def _axis(low, high, logarithmic, unit):
    """(ticks, function from value to position, text of a value)."""
    ticks = _ticks(low, high, logarithmic)

    def position(value):
        if logarithmic:
            part = (math.log10(max(value, ticks[0])) - math.log10(ticks[0])) / (math.log10(ticks[-1]) - math.log10(ticks[0]))
        else:
            part = value / ticks[-1]
        return LEFT + part * (WIDTH - LEFT - RIGHT)
    return ticks, position, lambda value: f"{value:,.3g}{unit}" if value < 1000 else f"{value:,.0f}{unit}"


def bars(title, groups, logarithmic=False, unit="", line=None):
    """Horizontal bars. groups: {group: {series: value}}; `line`: a value that is marked across all."""
    series = list(dict.fromkeys(name for values in groups.values() for name in values))
    every = [value for values in groups.values() for value in values.values()]
    ticks, position, say = _axis(min(every), max(every + [line or 0]), logarithmic, unit)
    parts, top = _legend(series)
    y = top
    for group, values in groups.items():
        parts.append(_text(LEFT - 6, y + ROW * len(values) / 2 + 4, group, "end"))
        for name, value in values.items():
            x = position(value)
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{x - LEFT:.1f}" height="{ROW - 2}" fill="{COLOURS[series.index(name) % len(COLOURS)]}"/>')
            parts.append(_text(x + 3, y + ROW - 4, say(value), size=9))
            y += ROW
        y += 8
    for tick in ticks:
        parts.append(f'<line x1="{position(tick):.1f}" x2="{position(tick):.1f}" y1="{top - 4}" y2="{y}" stroke="#000000" stroke-opacity="0.12"/>')
        parts.append(_text(position(tick), y + 13, say(tick), "middle", 10))
    if line is not None:
        parts.append(f'<line x1="{position(line):.1f}" x2="{position(line):.1f}" y1="{top - 4}" y2="{y}" stroke="#c8504b"/>')
    return _document(y + BOTTOM, title, parts)


def sorted_points(title, values, marks):
    """Values in ascending order from left to right. marks: {text: value}, drawn as lines across."""
    height, bottom = 300, 270
    high = max([*values, *marks.values()]) * 1.05

    def x_of(index):
        return 50 + index * (WIDTH - 70) / max(1, len(values) - 1)

    def y_of(value):
        return bottom - value / high * (bottom - 50)
    parts = []
    for tick in _ticks(0.1, high, False):
        if tick <= high:
            parts.append(f'<line x1="50" x2="{WIDTH - 20}" y1="{y_of(tick):.1f}" y2="{y_of(tick):.1f}" stroke="#000000" stroke-opacity="0.12"/>')
            parts.append(_text(44, y_of(tick) + 4, f"{tick:.3g}", "end", 10))
    parts += [f'<circle cx="{x_of(i):.1f}" cy="{y_of(value):.1f}" r="2" fill="{COLOURS[0]}"/>' for i, value in enumerate(sorted(values))]
    for text, value in marks.items():
        parts.append(f'<line x1="50" x2="{WIDTH - 20}" y1="{y_of(value):.1f}" y2="{y_of(value):.1f}" stroke="#c8504b"/>')
        parts.append(_text(56, y_of(value) - 4, text, size=10))
    parts.append(_text(WIDTH / 2, bottom + 20, f"{len(values)} models, in the order of their ratio", "middle"))
    return _document(height, title, parts)
