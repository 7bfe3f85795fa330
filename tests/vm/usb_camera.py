#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A webcam on the USB of a virtual machine, without hardware: the guest's own drivers enumerate it.

    usb_camera.py SOCKET SCENES

SOCKET is that of QEMU's "-chardev socket,id=NAME,path=SOCKET,server=on,wait=off -device usb-redir,chardev=NAME". SCENES is a
folder of pictures of 320x240, NAME.pgm and NAME.jpg (pictures.py). Commands are lines on standard input, each answered by a
line "ok" or "error ...":

    plug FORMAT...    yuyv, mjpeg or both, in the order in which the camera offers them
    unplug
    show NAME         this picture only; "show *": all of them, one after another
    stall, resume     a camera that hangs: it stays plugged in and sends nothing
    frames            answered "ok N", frames sent since it was plugged in
"""

import itertools
import os
import pathlib
import sys

import pictures
import usbredir
import uvc

FPS = 10


def read_lines(descriptor, pending):
    """The lines that can be read from `descriptor` now, and whether it is at its end; `pending` keeps a part of one."""
    data = os.read(descriptor, 4096)
    pending += data
    lines = []
    while b"\n" in pending:
        line, _, rest = bytes(pending).partition(b"\n")
        pending[:] = rest
        lines.append(line.decode())
    return lines, not data


class Program:
    def __init__(self, socket, scenes):
        self.socket = socket
        self.frames = {
            uvc.YUYV: {path.stem: pictures.yuyv(pictures.read_pgm(path)) for path in sorted(scenes.glob("*.pgm"))},
            uvc.MJPEG: {path.stem: path.read_bytes() for path in sorted(scenes.glob("*.jpg"))}}
        self.all_names = sorted(self.frames[uvc.YUYV])
        self.names = itertools.cycle(self.all_names)
        self.camera = self.cable = None

    def next_picture(self, kind):
        return self.frames[kind][next(self.names)]

    def command(self, verb, *words):
        if verb == "plug" and not self.cable and words and set(words) <= {uvc.YUYV, uvc.MJPEG}:
            self.camera = uvc.Camera(pictures.WIDTH, pictures.HEIGHT, FPS, words, self.next_picture)
            self.cable = usbredir.Cable(self.camera, self.socket)
        elif verb == "unplug" and self.cable:
            self.cable.unplug()
            self.camera = self.cable = None
        elif verb == "show" and words == ("*",):
            self.names = itertools.cycle(self.all_names)
        elif verb == "show" and len(words) == 1 and words[0] in self.all_names:
            self.names = itertools.cycle(words)
        elif verb in ("stall", "resume") and self.camera:
            self.camera.silent = verb == "stall"
        elif verb == "frames" and self.camera:
            return f"ok {self.camera.frames}"
        else:
            return "error: " + " ".join((verb, *words)) + (": plugged in" if self.cable else ": not plugged in")
        return "ok"

    def run(self, commands):
        """Until the commands end."""
        pending = bytearray()
        while True:
            if self.cable and not self.cable.serve(commands):
                self.camera = self.cable = None
                continue
            lines, ended = read_lines(commands, pending)
            for line in lines:
                if line.split():
                    print(self.command(*line.split()), flush=True)
            if ended:
                return


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    Program(sys.argv[1], pathlib.Path(sys.argv[2])).run(sys.stdin.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
