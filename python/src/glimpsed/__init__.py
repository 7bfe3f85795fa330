# SPDX-License-Identifier: Apache-2.0
"""Client of glimpsed, the daemon that classifies camera frames. Needs nothing but the standard library.

`Client` blocks, `AsyncClient` is for asyncio; both have the same methods. What they speak is docs/protocol.md of glimpsed.
"""

from ._aio import AsyncClient
from ._blocking import Client
from ._core import CONTROL_SOCKET, READ_SOCKET, ConnectionLost, RpcError
from ._messages import Event, Prediction, Snapshot, SnapshotRegion, Tensor, Why

__all__ = [
    "AsyncClient", "CONTROL_SOCKET", "Client", "ConnectionLost", "Event", "Prediction", "READ_SOCKET", "RpcError", "Snapshot",
    "SnapshotRegion", "Tensor", "Why",
]
