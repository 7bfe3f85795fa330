# SPDX-License-Identifier: Apache-2.0
"""The client for asyncio."""

from __future__ import annotations

import asyncio
import os
from types import TracebackType
from typing import Any, AsyncIterator, Iterable, Mapping

from . import _core
from ._messages import Event, Prediction, Snapshot, Why


class _Connection:
    """One connection; one call at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._last_id = 0

    @classmethod
    async def open(cls, path: str) -> _Connection:
        try:
            return cls(*await asyncio.open_unix_connection(path, limit=_core.MAX_LINE_BYTES))
        except OSError as error:
            raise _core.ConnectionLost(f"{path}: {error.strerror or error}") from error

    def close(self) -> None:
        self._writer.close()

    async def next(self) -> dict[str, Any]:
        try:
            line = await self._reader.readline()
        except (OSError, ValueError) as error:
            raise _core.ConnectionLost(str(error)) from error
        if not line.endswith(b"\n"):
            raise _core.ConnectionLost("the daemon closed the connection")
        return _core.parse_line(line)

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._last_id += 1
        self._writer.write(_core.request_line(self._last_id, method, params))
        try:
            await self._writer.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass  # a daemon that closed may have said why: that is read next
        while not _core.is_answer(message := await self.next(), self._last_id):
            pass
        return _core.result_of(message)


class AsyncClient:
    """The same as Client, for asyncio: every method is a coroutine, watch() and messages() are asynchronous iterators.

    Belongs to one event loop; its tasks may share it.
    """

    def __init__(self, socket: str | os.PathLike[str] | None = None, control: str | os.PathLike[str] | None = None, *,
                 timeout: float | None = 10.0) -> None:
        self._paths = _core.socket_paths(socket, control)
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._connections: dict[str, _Connection] = {}

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes what is open. The client can be used again."""
        async with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Any method of docs/protocol.md, on the control socket if only that has it."""
        path = self._paths[method in _core.CONTROL_METHODS]
        async with self._lock:
            kept = path in self._connections
            try:
                return await self._call(path, method, params)
            except _core.ConnectionLost:
                # A connection that was open before may only have outlived the daemon. No method does harm twice.
                if not kept:
                    raise
                return await self._call(path, method, params)

    async def _call(self, path: str, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if path not in self._connections:
            self._connections[path] = await _Connection.open(path)
        connection = self._connections[path]
        try:
            async with asyncio.timeout(self._timeout):
                return await connection.call(method, params)
        except _core.RpcError:
            raise
        except BaseException:
            # Whatever ended this call, a cancelled task too: an answer that comes late must meet no other request.
            connection.close()
            del self._connections[path]
            raise

    async def hello(self, client: str | None = None) -> dict[str, Any]:
        """Version, methods and limits of the daemon."""
        return await self.call("hello", **_core.given(client=client))

    async def status(self) -> dict[str, Any]:
        """How the daemon is."""
        return await self.call("status")

    async def describe(self, pipelines: Iterable[str] | None = None) -> dict[str, Any]:
        """Models, kernels, preprocessing: what computes the answers."""
        return await self.call("describe", **_core.given(pipelines=None if pipelines is None else list(pipelines)))

    async def latest(self, pipelines: Iterable[str] | None = None) -> list[Prediction]:
        """The last prediction of each region."""
        result = await self.call("latest", **_core.given(pipelines=None if pipelines is None else list(pipelines)))
        return [Prediction.from_json(each) for each in result["predictions"]]

    async def classify(self, image: bytes | None = None, *, tensor: bytes | None = None, pipeline: str | None = None,
                 region: str | None = None) -> Prediction:
        """Classifies one picture (the bytes of a PNG, JPEG, PGM or PPM file), or the bytes of an input tensor."""
        return Prediction.from_json(await self.call("classify", **_core.classify_params(image, tensor, pipeline, region)))

    async def why(self, pipeline: str | None = None, region: str | None = None, frame: int | None = None) -> Why:
        """What an answer rests on; the newest without `frame`. Control socket."""
        return Why.from_json(await self.call("why", **_core.given(pipeline=pipeline, region=region, frame=frame)))

    async def snapshot(self, pipeline: str | None = None, frame: int | None = None) -> Snapshot:
        """A frame with its regions; the newest without `frame`. Control socket."""
        return Snapshot.from_json(await self.call("snapshot", **_core.given(pipeline=pipeline, frame=frame)))

    async def pause(self, pipelines: Iterable[str] | None = None) -> list[str]:
        """Makes pipelines (all without names) take no frames; gives all that are paused now. Control socket."""
        return list((await self.call("pause", **_core.given(pipelines=None if pipelines is None else list(pipelines))))["paused"])

    async def resume(self, pipelines: Iterable[str] | None = None) -> list[str]:
        """Lets pipelines (all without names) go on; gives all that are paused now. Control socket."""
        return list((await self.call("resume", **_core.given(pipelines=None if pipelines is None else list(pipelines))))["paused"])

    async def trigger(self, pipelines: Iterable[str] | None = None) -> list[str]:
        """Has pipelines (all without names) look at the next frame whatever their trigger; gives their names."""
        return list((await self.call("trigger", **_core.given(pipelines=None if pipelines is None else list(pipelines))))["triggered"])

    async def reload(self) -> dict[str, Any]:
        """Has the daemon read configuration, models and plugins anew; gives what was made of them. Control socket.

        The verdict may take longer than the client's timeout. RpcError -32006 when it is refused; `data` says why.
        """
        return await self.call("reload")

    async def kernels_set(self, pipeline: str | None = None, use: str | None = None,
                    override: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Other kernels for a pipeline until the next reload, which must give the same bytes. As reload(). Control socket."""
        return await self.call("kernels.set", **_core.given(pipeline=pipeline, use=use,
                                                    override=None if override is None else dict(override)))

    async def log_level(self, level: str | None = None) -> str:
        """The daemon's log level, after setting it if `level` is given. Control socket."""
        return str((await self.call("log.level", **_core.given(level=level)))["level"])

    async def watch(self, pipelines: Iterable[str] | None = None, *, on: str = "frame", max_rate_hz: float | None = None,
                    reconnect: bool = True) -> AsyncIterator[Prediction]:
        """Predictions as they come, for ever. `on`: "frame" or "change". See messages()."""
        messages = self.messages(pipelines, on=on, max_rate_hz=max_rate_hz, reconnect=reconnect)
        async for message in messages:
            if isinstance(message, Prediction):
                yield message

    async def messages(self, pipelines: Iterable[str] | None = None, *, on: str = "frame", max_rate_hz: float | None = None,
                       reconnect: bool = True) -> AsyncIterator[Prediction | Event]:
        """Predictions and events as they come, on a connection of their own. As Client.messages()."""
        params = _core.subscribe_params(pipelines, on, max_rate_hz)
        reconnected, delay = False, _core.FIRST_DELAY_S
        while True:
            connection: _Connection | None = None
            try:
                connection = await _Connection.open(self._paths[0])
                async with asyncio.timeout(self._timeout):
                    await connection.call("subscribe", params)
                delay = _core.FIRST_DELAY_S
                while True:
                    message = _core.notification_of(await connection.next(), reconnected)
                    if message is None:
                        continue
                    if isinstance(message, Prediction):
                        reconnected = False
                    yield message
            except (_core.ConnectionLost, TimeoutError):
                if not reconnect or (connection is None and not reconnected):
                    raise
            except _core.RpcError as error:
                if not reconnected or error.code != _core.TOO_MANY_CLIENTS:
                    raise
            finally:
                if connection is not None:
                    connection.close()
            reconnected = True
            await asyncio.sleep(delay)
            delay = min(2 * delay, _core.LAST_DELAY_S)
