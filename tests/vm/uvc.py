# SPDX-License-Identifier: Apache-2.0
"""A webcam as its USB host sees it: descriptors, control requests, payloads. USB Video Class 1.1, bulk transfers.

Numbers of descriptors and requests are those of the specification, "Universal Serial Bus Device Class Definition for
Video Devices", revision 1.1, chapters 2 to 4, and of chapter 9 of USB 2.0.
"""

import struct
import time

VENDOR, PRODUCT = 0x1209, 0x0CA3  # of the range for test devices
ENDPOINT = 0x81  # bulk, to the host
MAX_PACKET = 512  # of a bulk endpoint at high speed
MAX_PAYLOAD = 16384  # bytes of one transfer, with its header
HEADER = 12
CLOCK_HZ = 48_000_000

STALL = object()  # the answer to a request that the camera does not know

YUYV, MJPEG = "yuyv", "mjpeg"

# Requests: SET_CUR, GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF.
SET_CUR, GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF = 1, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87
# Controls of the processing unit, by their selector: bit in bmControls, minimum, maximum, step, default.
CONTROLS = {2: (0, 0, 255, 1, 128), 3: (1, 0, 255, 1, 32)}  # brightness, contrast


def _video(subtype, body):
    """A class-specific interface descriptor."""
    return bytes([3 + len(body), 0x24, subtype]) + body


def _string(text):
    body = text.encode("utf-16-le")
    return bytes([2 + len(body), 3]) + body


class Camera:
    """The device behind the cable. `next_picture(format)` gives the bytes of a frame, None while there is none to send."""

    def __init__(self, width, height, fps, formats, next_picture, name="Test Camera"):
        self.width, self.height, self.formats, self.next_picture = width, height, list(formats), next_picture
        self.interval = int(1e7 / fps)  # in units of 100 ns
        self.frame_bytes = width * height * 2
        self.strings = ["", "glimpsed tests", name, "0001"]
        self.values = {selector: facts[4] for selector, facts in CONTROLS.items()}
        self.probe = self.committed = self._negotiation(1)
        self.silent = False  # a camera that hangs: it answers control requests and sends nothing
        self.frames = 0
        self.configuration = self._configuration()
        self.stop()

    def stop(self):
        self.toggle, self.frame, self.position, self.due = 0, None, 0, None

    def _negotiation(self, format_index):
        """The answer of VS_PROBE_CONTROL: 34 bytes."""
        return struct.pack("<HBBIHHHHHIIIBBBB", 1, format_index, 1, self.interval, 0, 0, 0, 0, 0, self.frame_bytes,
                           MAX_PAYLOAD, CLOCK_HZ, 3, 0, 0, 0)

    # --- Descriptors -------------------------------------------------------------------------------------------------

    def _configuration(self):
        bits = 0
        for bit, *_ in CONTROLS.values():
            bits |= 1 << bit
        units = (_video(2, struct.pack("<BHBBHHHB", 1, 0x0201, 0, 0, 0, 0, 0, 3) + bytes(3)) +  # the camera itself
                 _video(5, struct.pack("<BBHBHBB", 2, 1, 0, 2, bits, 0, 0)) +  # brightness and contrast
                 _video(3, struct.pack("<BHBBB", 3, 0x0101, 0, 2, 0)))  # where the stream leaves
        control = _video(1, struct.pack("<HHIBB", 0x0110, 13 + len(units), CLOCK_HZ, 1, 1)) + units

        formats = b"".join(self._format(index + 1, kind) for index, kind in enumerate(self.formats))
        count = len(self.formats)
        header = 13 + count
        streaming = _video(1, struct.pack("<BHBBBBBBB", count, header + len(formats), ENDPOINT, 0, 3, 0, 0, 0, 1) +
                           bytes(count)) + formats

        body = (struct.pack("<8B", 8, 11, 0, 2, 14, 3, 0, 2) +  # both interfaces are one function
                struct.pack("<9B", 9, 4, 0, 0, 0, 14, 1, 0, 2) + control +
                struct.pack("<9B", 9, 4, 1, 0, 1, 14, 2, 0, 0) + streaming +
                struct.pack("<BBBBHB", 7, 5, ENDPOINT, 2, MAX_PACKET, 0))
        return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 50) + body

    def _format(self, index, kind):
        rate = self.frame_bytes * 8 * 10_000_000 // self.interval
        frame = struct.pack("<BBHHIIIIBI", 1, 0, self.width, self.height, rate, rate, self.frame_bytes, self.interval, 1,
                            self.interval)
        colours = _video(13, bytes([1, 1, 4]))  # BT.709 primaries and curve, BT.601 matrix, as most cameras say
        if kind == MJPEG:
            return _video(6, struct.pack("<BBBBBBBB", index, 1, 1, 1, 0, 0, 0, 0)) + _video(7, frame) + colours
        guid = b"YUY2" + bytes.fromhex("00001000800000aa00389b71")
        return _video(4, struct.pack("<BB16sBBBBBB", index, 1, guid, 16, 1, 0, 0, 0, 0)) + _video(5, frame) + colours

    def _descriptor(self, kind, index):
        if kind == 1:
            return struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0xEF, 2, 1, 64, VENDOR, PRODUCT, 0x0100, 1, 2, 3, 1)
        if kind == 2:
            return self.configuration
        if kind == 3 and index < len(self.strings):
            return b"\x04\x03\x09\x04" if index == 0 else _string(self.strings[index])
        if kind == 6:  # how it would be at full speed
            return struct.pack("<BBHBBBBBB", 10, 6, 0x0200, 0xEF, 2, 1, 64, 1, 0)
        return STALL

    # --- Requests ----------------------------------------------------------------------------------------------------

    def control(self, request_type, request, value, index, length, data):
        """The answer to a control transfer: bytes (of a request to the device: none), or STALL."""
        if request_type & 0x60 == 0:
            answer = self._standard(request_type, request, value, index)
        elif index & 0xFF == 1 and value >> 8 in (1, 2):
            answer = self._negotiate(request, value >> 8, data)
        elif index & 0xFF == 0:
            answer = self._unit(index >> 8, request, value >> 8, data)
        else:
            answer = STALL
        return answer if answer is STALL else answer[:length]

    def _standard(self, request_type, request, value, index):
        if request == 6:
            return self._descriptor(value >> 8, value & 0xFF)
        if request == 1 and request_type == 2 and index == ENDPOINT:
            self.stop()  # the halt is cleared: so Linux ends a stream of bulk transfers
        return {0: b"\0\0", 8: b"\1", 10: b"\0"}.get(request, b"")  # status, configuration, setting

    def _negotiate(self, request, selector, data):
        if request == SET_CUR:
            wanted = data[2] if len(data) > 2 else 1
            self.probe = self._negotiation(wanted if 1 <= wanted <= len(self.formats) else 1)
            if selector == 2:
                self.committed = self.probe
                self.stop()
            return b""
        if request == GET_CUR:
            return self.probe if selector == 1 else self.committed
        return {GET_MIN: self.probe, GET_MAX: self.probe, GET_DEF: self._negotiation(1), GET_LEN: struct.pack("<H", 34),
                GET_INFO: b"\3"}.get(request, STALL)

    def _unit(self, unit, request, selector, data):
        if unit == 0 and selector == 2 and request == GET_CUR:
            return b"\0"  # no error
        if unit != 2 or selector not in CONTROLS:
            return STALL
        if request == SET_CUR:
            self.values[selector] = struct.unpack_from("<h", data)[0]
            return b""
        _, low, high, step, default = CONTROLS[selector]
        number = {GET_CUR: self.values[selector], GET_MIN: low, GET_MAX: high, GET_RES: step, GET_DEF: default}
        if request in number:
            return struct.pack("<h", number[request])
        return {GET_LEN: struct.pack("<H", 2), GET_INFO: b"\3"}.get(request, STALL)

    # --- Pictures ----------------------------------------------------------------------------------------------------

    def wait_s(self):
        """Seconds until a transfer can be answered; None: not before something changes."""
        if self.silent:
            return None
        if self.frame is not None or self.due is None:
            return 0.0
        return max(0.0, self.due - time.monotonic())

    def payload(self, length):
        """The next transfer of at most `length` bytes, None when nothing is due."""
        if self.silent:
            return None
        if self.frame is None and not self._begin():
            return None
        chunk = self.frame[self.position:self.position + min(length, MAX_PAYLOAD) - HEADER]
        self.position += len(chunk)
        last = self.position >= len(self.frame)
        now = time.monotonic()
        # Ends with its own header, the time of capture, the time now and the number of the USB frame: 0x8C.
        header = struct.pack("<BBIIH", HEADER, 0x8C | self.toggle | (2 if last else 0), self.captured,
                             int(now * CLOCK_HZ) & 0xFFFFFFFF, int(now * 1000) & 0x7FF)
        if last:
            self.toggle ^= 1
            self.frame = None
            self.frames += 1
        return header + chunk

    def _begin(self):
        now = time.monotonic()
        if self.due is not None and now < self.due:
            return False
        period = self.interval / 1e7
        self.due = now + period if self.due is None else max(self.due + period, now)
        self.frame = self.next_picture(self.formats[self.committed[2] - 1])
        self.position, self.captured = 0, int(now * CLOCK_HZ) & 0xFFFFFFFF
        return self.frame is not None
