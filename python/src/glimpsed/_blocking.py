# SPDX-License-Identifier: Apache-2.0
"""The client that blocks."""

from __future__ import annotations

import os
import socket
import threading
import time
from types import TracebackType
from typing import Any, Iterable, Iterator, Mapping

from . import _core
from ._messages import Event, Prediction, Snapshot, Why


class _Connection:
    """One connection of one thread."""

    def __init__(self, path: str, timeout: float | None) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._last_id = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise _core.ConnectionLost(f"{path}: {error.strerror or error}") from error

    def close(self) -> None:
        self._socket.close()

    def unlimited(self) -> None:
        """From now on reading waits as long as it takes."""
        self._socket.settimeout(None)

    def next(self) -> dict[str, Any]:
        while True:
            end = self._buffer.find(b"\n", self._searched)
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[:end + 1]
                self._searched = 0
                return _core.parse_line(line)
            self._searched = len(self._buffer)
            if self._searched > _core.MAX_LINE_BYTES:
                raise _core.ConnectionLost("the daemon sends a line without an end")
            try:
                chunk = self._socket.recv(1 << 16)
            except TimeoutError:
                raise
            except OSError as error:
                raise _core.ConnectionLost(str(error)) from error
            if not chunk:
                raise _core.ConnectionLost("the daemon closed the connection")
            self._buffer += chunk

    def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._last_id += 1
        try:
            self._socket.sendall(_core.request_line(self._last_id, method, params))
        except (BrokenPipeError, ConnectionResetError):
            pass  # a daemon that closed may have said why: that is read next
        except TimeoutError:
            raise
        except OSError as error:
            raise _core.ConnectionLost(str(error)) from error
        while not _core.is_answer(message := self.next(), self._last_id):
            pass
        return _core.result_of(message)


class Client:
    """Talks to the daemon and waits for its answers. May be used by several threads.

    socket, control: paths of the two sockets; left out: GLIMPSE_SOCKET and GLIMPSE_CONTROL_SOCKET, or the defaults.
    timeout: seconds that an answer may take (TimeoutError); None: any time.

    Connections are made when they are needed, and made anew after the daemon was restarted. Errors: ConnectionLost when no
    daemon is there, RpcError when it refuses.
    """

    def __init__(self, socket: str | os.PathLike[str] | None = None, control: str | os.PathLike[str] | None = None, *,
                 timeout: float | None = 10.0) -> None:
        self._paths = _core.socket_paths(socket, control)
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connections: dict[str, _Connection] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes what is open. The client can be used again."""
        with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Any method of docs/protocol.md, on the control socket if only that has it."""
        path = self._paths[method in _core.CONTROL_METHODS]
        with self._lock:
            kept = path in self._connections
            try:
                return self._call(path, method, params)
            except _core.ConnectionLost:
                # A connection that was open before may only have outlived the daemon. No method does harm twice.
                if not kept:
                    raise
                return self._call(path, method, params)

    def _call(self, path: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        connection = self._connections.get(path)
        if connection is None:
            connection = self._connections[path] = _Connection(path, self._timeout)
        try:
            return connection.call(method, params)
        except (_core.ConnectionLost, TimeoutError):
            connection.close()
            del self._connections[path]
            raise

    def hello(self, client: str | None = None) -> dict[str, Any]:
        """Version, methods and limits of the daemon."""
        return self.call("hello", **_core.given(client=client))

    def status(self) -> dict[str, Any]:
        """How the daemon is."""
        return self.call("status")

    def describe(self, pipelines: Iterable[str] | None = None) -> dict[str, Any]:
        """Models, kernels, preprocessing: what computes the answers."""
        return self.call("describe", **_core.given(pipelines=None if pipelines is None else list(pipelines)))

    def latest(self, pipelines: Iterable[str] | None = None) -> list[Prediction]:
        """The last prediction of each region."""
        result = self.call("latest", **_core.given(pipelines=None if pipelines is None else list(pipelines)))
        return [Prediction.from_json(each) for each in result["predictions"]]

    def classify(self, image: bytes | None = None, *, tensor: bytes | None = None, pipeline: str | None = None,
                 region: str | None = None) -> Prediction:
        """Classifies one picture (the bytes of a PNG, JPEG, PGM or PPM file), or the bytes of an input tensor."""
        return Prediction.from_json(self.call("classify", **_core.classify_params(image, tensor, pipeline, region)))

    def why(self, pipeline: str | None = None, region: str | None = None, frame: int | None = None) -> Why:
        """What an answer rests on; the newest without `frame`. Control socket."""
        return Why.from_json(self.call("why", **_core.given(pipeline=pipeline, region=region, frame=frame)))

    def snapshot(self, pipeline: str | None = None, frame: int | None = None) -> Snapshot:
        """A frame with its regions; the newest without `frame`. Control socket."""
        return Snapshot.from_json(self.call("snapshot", **_core.given(pipeline=pipeline, frame=frame)))

    def pause(self, pipelines: Iterable[str] | None = None) -> list[str]:
        """Makes pipelines (all without names) take no frames; gives all that are paused now. Control socket."""
        return list(self.call("pause", **_core.given(pipelines=None if pipelines is None else list(pipelines)))["paused"])

    def resume(self, pipelines: Iterable[str] | None = None) -> list[str]:
        """Lets pipelines (all without names) go on; gives all that are paused now. Control socket."""
        return list(self.call("resume", **_core.given(pipelines=None if pipelines is None else list(pipelines)))["paused"])

    def trigger(self, pipelines: Iterable[str] | None = None) -> list[str]:
        """Has pipelines (all without names) look at the next frame whatever their trigger; gives their names."""
        return list(self.call("trigger", **_core.given(pipelines=None if pipelines is None else list(pipelines)))["triggered"])

    def reload(self) -> dict[str, Any]:
        """Has the daemon read configuration, models and plugins anew; gives what was made of them. Control socket.

        The verdict may take longer than the client's timeout. RpcError -32006 when it is refused; `data` says why.
        """
        return self.call("reload")

    def kernels_set(self, pipeline: str | None = None, use: str | None = None,
                    override: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Other kernels for a pipeline until the next reload, which must give the same bytes. As reload(). Control socket."""
        return self.call("kernels.set", **_core.given(pipeline=pipeline, use=use,
                                                    override=None if override is None else dict(override)))

    def log_level(self, level: str | None = None) -> str:
        """The daemon's log level, after setting it if `level` is given. Control socket."""
        return str(self.call("log.level", **_core.given(level=level))["level"])

    def watch(self, pipelines: Iterable[str] | None = None, *, on: str = "frame", max_rate_hz: float | None = None,
              reconnect: bool = True) -> Iterator[Prediction]:
        """Predictions as they come, for ever. `on`: "frame" or "change". See messages()."""
        for message in self.messages(pipelines, on=on, max_rate_hz=max_rate_hz, reconnect=reconnect):
            if isinstance(message, Prediction):
                yield message

    def messages(self, pipelines: Iterable[str] | None = None, *, on: str = "frame", max_rate_hz: float | None = None,
                 reconnect: bool = True) -> Iterator[Prediction | Event]:
        """Predictions and events as they come, on a connection of their own.

        A connection that is lost is made anew, after 0.1 s and then twice as long each time up to 5 s; the first prediction
        after it has `reconnected` set. With reconnect=False ConnectionLost is raised instead. The first connection is not
        waited for: without a daemon ConnectionLost comes at once.
        """
        params = _core.subscribe_params(pipelines, on, max_rate_hz)
        reconnected, delay = False, _core.FIRST_DELAY_S
        while True:
            connection: _Connection | None = None
            try:
                connection = _Connection(self._paths[0], self._timeout)
                connection.call("subscribe", params)
                connection.unlimited()
                delay = _core.FIRST_DELAY_S
                while True:
                    message = _core.notification_of(connection.next(), reconnected)
                    if message is None:
                        continue
                    if isinstance(message, Prediction):
                        reconnected = False
                    yield message
            except (_core.ConnectionLost, TimeoutError):
                if not reconnect or (connection is None and not reconnected):
                    raise
            except _core.RpcError as error:
                # After a restart everybody comes at once; any other refusal is for good.
                if not reconnected or error.code != _core.TOO_MANY_CLIENTS:
                    raise
            finally:
                if connection is not None:
                    connection.close()
            reconnected = True
            time.sleep(delay)
            delay = min(2 * delay, _core.LAST_DELAY_S)
