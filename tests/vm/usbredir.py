# SPDX-License-Identifier: Apache-2.0
"""The cable: carries a camera to QEMU's usb-redir device, in the usbredir protocol, as the side that has the device.

Numbers are those of the protocol's description, usb-redirection-protocol.md in the project usbredir, version 0.7.
"""

import select
import socket
import struct
import time

import uvc

(HELLO, CONNECT, DISCONNECT, RESET, INTERFACES, ENDPOINTS, SET_CONFIGURATION, GET_CONFIGURATION, CONFIGURATION_STATUS,
 SET_SETTING, GET_SETTING, SETTING_STATUS) = range(12)
CANCEL, CONTROL, BULK = 21, 100, 101
SUCCESS, CANCELLED, STALLED = 0, 1, 4  # of a transfer
HIGH_SPEED = 2
# Versions of devices, acknowledged disconnects, packet sizes of endpoints, long ids, long bulk transfers.
CAPABILITIES = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6
NEEDED = 1 << 4 | 1 << 5 | 1 << 6


class Cable:
    """One connection: plugged in when it is made, until unplug()."""

    def __init__(self, camera, path, patience_s=60):
        self.camera = camera
        self.parked = []  # bulk transfers that wait for a picture: (id, length)
        self.received, self.unsent = bytearray(), bytearray()
        self.id_bytes = 4  # until the peer has said that it knows long ones
        deadline = time.monotonic() + patience_s
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self.socket.setblocking(False)
        self._send(HELLO, 0, b"glimpsed".ljust(64, b"\0") + struct.pack("<I", CAPABILITIES))

    def unplug(self):
        self._send(DISCONNECT, 0, b"")
        self.socket.setblocking(True)
        self.socket.sendall(self.unsent)
        # What is read before the end means that the other side has taken notice; closing at once could lose it.
        self.socket.shutdown(socket.SHUT_WR)
        self.socket.settimeout(5)
        try:
            while self.socket.recv(1 << 16):
                pass
        except OSError:
            pass
        self.socket.close()

    def serve(self, wake):
        """Until the descriptor `wake` can be read (True) or the other side hung up (False)."""
        while True:
            while self.parked and (payload := self.camera.payload(self.parked[0][1])) is not None:
                self._answer_bulk(self.parked.pop(0)[0], SUCCESS, payload)
            timeout = self.camera.wait_s() if self.parked else None
            readable, writable, _ = select.select([self.socket, wake], [self.socket] if self.unsent else [], [], timeout)
            if writable:
                self._write()
            if self.socket in readable and not self._read():
                return False
            if wake in readable:
                return True

    def _write(self):
        try:
            del self.unsent[:self.socket.send(self.unsent[:1 << 18])]
        except BlockingIOError:
            pass

    def _read(self):
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionError:
            return False
        self.received += data
        while self._take_packet():
            pass
        return bool(data)

    def _send(self, kind, number, body):
        self.unsent += struct.pack("<II", kind, len(body)) + number.to_bytes(self.id_bytes, "little") + body

    def _take_packet(self):
        start = 8 + self.id_bytes
        if len(self.received) < start:
            return False
        kind, length = struct.unpack_from("<II", self.received)
        if len(self.received) < start + length:
            return False
        number = int.from_bytes(self.received[8:start], "little")
        body = bytes(self.received[start:start + length])
        del self.received[:start + length]
        self._handle(kind, number, body)
        return True

    def _handle(self, kind, number, body):
        if kind == HELLO:
            theirs = struct.unpack_from("<I", body, 64)[0] if len(body) > 64 else 0
            if theirs & NEEDED != NEEDED:
                raise SystemExit(f"this QEMU's usb-redir is too old: capabilities {theirs:#x}")
            self.id_bytes = 8
            self._plug()
        elif kind == RESET:
            self.camera.stop()
            self.parked.clear()
        elif kind in (SET_CONFIGURATION, GET_CONFIGURATION):
            self._send(CONFIGURATION_STATUS, number, b"\0\1")
        elif kind in (SET_SETTING, GET_SETTING):
            self._send(SETTING_STATUS, number, bytes([SUCCESS, body[0], 0]))
        elif kind == CANCEL:
            if any(parked == number for parked, _ in self.parked):
                self.parked = [entry for entry in self.parked if entry[0] != number]
                self._answer_bulk(number, CANCELLED, b"")
        elif kind == CONTROL:
            self._control(number, body)
        elif kind == BULK:
            _, _, low, _, high = struct.unpack_from("<BBHIH", body)
            self.parked.append((number, low | high << 16))
        # All others are about streams and interrupts, which the camera does not have, or are acknowledgements.

    def _plug(self):
        """What the device has: 32 slots for endpoints, those to the device first."""
        kinds, intervals, owners, sizes = bytearray(b"\xff" * 32), bytearray(32), bytearray(32), [0] * 32
        kinds[0] = kinds[16] = 0  # control
        sizes[0] = sizes[16] = 64
        slot = 16 + (uvc.ENDPOINT & 15)
        kinds[slot], owners[slot], sizes[slot] = 2, 1, uvc.MAX_PACKET  # bulk, of interface 1
        self._send(INTERFACES, 0, struct.pack("<I32s32s32s32s", 2, b"\0\1", b"\x0e\x0e", b"\1\2", b""))
        self._send(ENDPOINTS, 0, bytes(kinds + intervals + owners) + struct.pack("<32H", *sizes))
        self._send(CONNECT, 0, struct.pack("<BBBBHHH", HIGH_SPEED, 0xEF, 2, 1, uvc.VENDOR, uvc.PRODUCT, 0x0100))

    def _control(self, number, body):
        endpoint, request, request_type, _, value, index, length = struct.unpack_from("<BBBBHHH", body)
        answer = self.camera.control(request_type, request, value, index, length, body[10:])
        status, data = (STALLED, b"") if answer is uvc.STALL else (SUCCESS, answer)
        to_host = bool(request_type & 0x80)
        self._send(CONTROL, number, struct.pack("<BBBBHHH", endpoint, request, request_type, status, value, index,
                                                len(data) if to_host else length) + (data if to_host else b""))

    def _answer_bulk(self, number, status, data):
        self._send(BULK, number, struct.pack("<BBHIH", uvc.ENDPOINT, status, len(data) & 0xFFFF, 0, len(data) >> 16) + data)
