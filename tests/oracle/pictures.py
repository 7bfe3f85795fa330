# SPDX-License-Identifier: Apache-2.0
"""Preprocessing steps against Pillow and OpenCV: prints the greatest difference of each, and fails above what is allowed.

    pictures.py --glimpse PROGRAM

Ours is `glimpse preprocess --steps`. Where a definition differs from theirs is said at the case.
"""

import argparse
import math
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy as np
from PIL import Image, ImageOps

MODEL = pathlib.Path(__file__).resolve().parents[2] / "config" / "models" / "digits-28x28.tflite"
SIDE = 28  # of the model's input
FAILED = []


class Ours:
    def __init__(self, program, folder):
        self.program, self.folder, self.count = program, pathlib.Path(folder), 0

    def after(self, pixels, step, name):
        """The picture after the step `name`, whose YAML is `step`."""
        self.count += 1
        work = self.folder / str(self.count)
        work.mkdir()
        Image.fromarray(pixels).save(work / "in.png")
        (work / "c.yaml").write_text(
            "cameras: {c: {source: files, path: .}}\n"
            f"pipelines: {{p: {{camera: c, model: {MODEL}, preprocess: [grey, {step}]}}}}\n")
        subprocess.run([self.program, "preprocess", work / "in.png", "--config", work / "c.yaml", "--steps", work / "out"],
                       check=True, stdout=subprocess.DEVNULL)
        found = [path for path in (work / "out").iterdir() if path.stem.endswith("-" + name)]
        return np.asarray(Image.open(found[0]))


def judge(what, ours, theirs, allowed=1.0):
    theirs = np.asarray(theirs, dtype=np.float64)
    difference = np.abs(ours.astype(np.float64) - theirs)
    print(f"{what:58} at most {difference.max():.3g}, mean {difference.mean():.3g}, of 255")
    if ours.shape != theirs.shape or difference.max() > allowed:
        FAILED.append(what)


def random_picture(random, width, height):
    """Smooth shapes with noise: rounding errors of every kind, without being only noise."""
    y, x = np.mgrid[0:height, 0:width]
    waves = sum(random.uniform(20, 50) * np.sin(random.uniform(0.02, 0.6) * x + random.uniform(0.02, 0.6) * y + i) for i in range(3))
    return np.clip(128 + waves + random.uniform(-60, 60, (height, width)), 0, 255).astype(np.uint8)


def check_resize(ours, random):
    for width, height in ((280, 280), (56, 84), (640, 480), (100, 77), (31, 29)):
        picture = random_picture(random, width, height)
        area = ours.after(picture, "{resize: area}", "resize")
        judge(f"area {width}x{height}, OpenCV INTER_AREA", area, cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
        if width % SIDE == 0 and height % SIDE == 0:
            # Otherwise Pillow's box counts a pixel wholly or not at all, ours by the part that lies within.
            judge(f"area {width}x{height}, Pillow BOX", area, Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX))
        judge(f"bilinear {width}x{height}, Pillow BILINEAR", ours.after(picture, "{resize: bilinear}", "resize"),
              Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    for width, height in ((20, 13), (5, 27), (2, 2)):
        picture = random_picture(random, width, height)
        grown = ours.after(picture, "{resize: bilinear}", "resize")
        judge(f"bilinear, growing from {width}x{height}, Pillow BILINEAR", grown,
              Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
        judge(f"bilinear, growing from {width}x{height}, OpenCV LINEAR", grown,
              cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))


def check_letterbox(ours, random):
    picture = random_picture(random, 200, 100)
    theirs = ImageOps.pad(Image.fromarray(picture), (SIDE, SIDE), Image.Resampling.BILINEAR, color=114)
    judge("letterbox 200x100, Pillow ImageOps.pad", ours.after(
        picture, "{resize: {filter: bilinear, fit: letterbox, fill: 114}}", "resize"), theirs)


def homography(corners, width, height):
    """Pillow's eight numbers, by solving for where the outcome's corners come from."""
    rows, right = [], []
    for (u, v), (x, y) in zip(((0, 0), (width, 0), (width, height), (0, height)), corners):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    return np.linalg.solve(np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64))


def check_perspective(ours, random):
    picture = random_picture(random, 160, 120)
    for corners in ([[10, 5], [140, 18], [150, 110], [5, 100]], [[40, 40], [90, 20], [100, 100], [20, 60]],
                    [[20, 30], [120, 30], [120, 90], [20, 90]]):
        step = f"{{perspective: {{points: {corners}, size: [90, 70]}}}}"
        # Pillow computes the same and cuts the fraction off, ours is rounded.
        theirs = Image.fromarray(picture).transform((90, 70), Image.Transform.PERSPECTIVE, homography(corners, 90, 70),
                                                    Image.Resampling.BILINEAR)
        judge(f"perspective {corners[0]}..., Pillow PERSPECTIVE", ours.after(picture, step, "perspective"), theirs)


def check_rotate(ours, random):
    picture = random_picture(random, 121, 120)
    for degrees, turn in ((90, Image.Transpose.ROTATE_90), (180, Image.Transpose.ROTATE_180), (-90, Image.Transpose.ROTATE_270)):
        judge(f"rotate {degrees}, Pillow transpose", ours.after(picture, f"{{rotate: {degrees}}}", "rotate"),
              Image.fromarray(picture).transpose(turn), allowed=0)
    for degrees in (3.5, -20, 45):
        turned = ours.after(picture, f"{{rotate: {degrees}}}", "rotate")
        theirs = np.asarray(Image.fromarray(picture).rotate(degrees, Image.Resampling.BILINEAR))
        # Pillow blackens what lies outside, ours goes on from the edge: compared is what comes from inside.
        inside = int(60 / (math.cos(math.radians(abs(degrees))) + math.sin(math.radians(abs(degrees))))) - 2
        middle = np.s_[60 - inside:60 + inside, 60 - inside:60 + inside]
        judge(f"rotate {degrees}, Pillow BILINEAR", turned[middle], theirs[middle])


def check_levels(ours, random):
    picture = (60 + random_picture(random, 64, 64) * 0.4).astype(np.uint8)
    for cutoff in (0, 2, 10):
        judge(f"auto-contrast {cutoff}, Pillow autocontrast", ours.after(picture, f"{{auto-contrast: {cutoff}}}", "auto-contrast"),
              ImageOps.autocontrast(Image.fromarray(picture), cutoff=cutoff))
    _, theirs = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    judge("threshold auto, OpenCV THRESH_OTSU", ours.after(picture, "{threshold: auto}", "threshold"), theirs, allowed=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--glimpse", required=True)
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(arguments.glimpse, folder)
        for check in (check_resize, check_letterbox, check_perspective, check_rotate, check_levels):
            check(ours, np.random.default_rng(11))
    if FAILED:
        print("different: " + "; ".join(FAILED))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
