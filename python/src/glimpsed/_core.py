# SPDX-License-Identifier: Apache-2.0
"""The protocol apart from sockets: what both clients share."""

from __future__ import annotations

import base64
import json
import os
from typing import Any, Iterable

from ._messages import Event, Json, Prediction

READ_SOCKET = "/run/glimpsed/glimpsed.sock"
CONTROL_SOCKET = "/run/glimpsed/control.sock"

# Methods that only the control socket has.
CONTROL_METHODS = frozenset({"reload", "kernels.set", "why", "snapshot", "pause", "resume", "log.level"})

TOO_MANY_CLIENTS = -32003

MAX_LINE_BYTES = 256 << 20  # of whatever it is that answers
FIRST_DELAY_S = 0.1  # before a lost connection is made anew; doubled up to LAST_DELAY_S
LAST_DELAY_S = 5.0


class ConnectionLost(ConnectionError):
    """The daemon is not there, or went away before it answered."""


class RpcError(Exception):
    """The daemon refused. `code` is one of docs/protocol.md, `data` what it says beside the message."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    @property
    def retry_after_s(self) -> float | None:
        """Seconds until the same request would be allowed, when there were too many; else None."""
        if isinstance(self.data, dict) and "retry_after_ms" in self.data:
            return float(self.data["retry_after_ms"]) / 1000
        return None


def socket_paths(socket: str | os.PathLike[str] | None, control: str | os.PathLike[str] | None) -> tuple[str, str]:
    """The two sockets: as given, else GLIMPSE_SOCKET and GLIMPSE_CONTROL_SOCKET, else the defaults."""
    return (os.fspath(socket or os.environ.get("GLIMPSE_SOCKET") or READ_SOCKET),
            os.fspath(control or os.environ.get("GLIMPSE_CONTROL_SOCKET") or CONTROL_SOCKET))


def request_line(number: int, method: str, params: Json) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"


def parse_line(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ConnectionLost(f"what answers does not speak the protocol of glimpsed: {line[:80]!r}") from error
    if not isinstance(message, dict):
        raise ConnectionLost(f"what answers does not speak the protocol of glimpsed: {line[:80]!r}")
    return message


def is_answer(message: Json, number: int) -> bool:
    """Whether `message` answers request `number`. An error without id is about the connection: too many clients."""
    return "method" not in message and (message.get("id") == number or ("error" in message and message.get("id") is None))


def result_of(answer: Json) -> dict[str, Any]:
    if "error" in answer:
        error = answer["error"]
        raise RpcError(error.get("code", 0), error.get("message", "the daemon refuses"), error.get("data"))
    result = answer.get("result")
    if not isinstance(result, dict):
        raise ConnectionLost("the daemon's answer has no result")
    return result


def notification_of(message: Json, reconnected: bool) -> Prediction | Event | None:
    """None for anything that a client has to ignore."""
    params = message.get("params")
    if message.get("method") == "prediction" and isinstance(params, dict):
        return Prediction.from_json(params, reconnected=reconnected)
    if message.get("method") == "event" and isinstance(params, dict):
        return Event.from_json(params)
    return None


def given(**params: Any) -> dict[str, Any]:
    """Those that are not None."""
    return {name: value for name, value in params.items() if value is not None}


def subscribe_params(pipelines: Iterable[str] | None, on: str, max_rate_hz: float | None) -> dict[str, Any]:
    return given(pipelines=None if pipelines is None else list(pipelines), on=on, max_rate_hz=max_rate_hz)


def classify_params(image: bytes | None, tensor: bytes | None, pipeline: str | None, region: str | None) -> dict[str, Any]:
    if (image is None) == (tensor is None):
        raise ValueError("classify() needs either image or tensor")
    return given(image=None if image is None else base64.b64encode(image).decode(),
                 tensor=None if tensor is None else base64.b64encode(tensor).decode(), pipeline=pipeline, region=region)
