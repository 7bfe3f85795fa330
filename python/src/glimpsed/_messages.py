# SPDX-License-Identifier: Apache-2.0
"""What the daemon says, as objects. `raw` has each message as it came, with members that this version does not know."""

from __future__ import annotations

import base64
import dataclasses
import datetime
from typing import Any, Mapping

Json = Mapping[str, Any]


def _time(text: Any) -> datetime.datetime:
    return datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00"))


def _bytes(text: Any) -> bytes:
    return base64.b64decode(str(text), validate=True)


@dataclasses.dataclass(frozen=True)
class Prediction:
    """What the daemon says about one region of one frame.

    `label` and `index` are None when `status` is "unknown"; `reason` then says why, else it is None. `score` and `scores` are
    in [0, 1]. `frame`, `age_us` and `origin` are None in the answer to classify(). `dropped` counts the messages of this
    subscription that the daemon threw away before this one because this program did not read in time. `reconnected` marks the
    first prediction after the connection was lost: how many were missed meanwhile is not known.
    """

    pipeline: str
    region: str
    time: datetime.datetime
    status: str
    reason: str | None
    label: str | None
    index: int | None
    score: float
    scores: tuple[float, ...]
    preprocess_us: int
    inference_us: int
    model: str
    numerics: str
    config: str
    frame: int | None = None
    age_us: int | None = None
    origin: str | None = None
    dropped: int = 0
    subscription: int | None = None
    reconnected: bool = False
    raw: Json = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.status == "ok"

    @classmethod
    def from_json(cls, params: Json, *, reconnected: bool = False) -> Prediction:
        latency = params["latency_us"]
        return cls(pipeline=params["pipeline"], region=params["region"], time=_time(params["time"]), status=params["status"],
                   reason=params.get("reason"), label=params["label"], index=params["index"], score=params["score"],
                   scores=tuple(params["scores"]), preprocess_us=latency["preprocess"], inference_us=latency["inference"],
                   model=params["model"], numerics=params["numerics"], config=params["config"], frame=params.get("frame"),
                   age_us=params.get("age_us"), origin=params.get("origin"), dropped=params.get("dropped", 0),
                   subscription=params.get("subscription"), reconnected=reconnected, raw=params)


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened and is no prediction: "camera-failed", "stopping", ... `camera` or `pipeline` says where."""

    event: str
    time: datetime.datetime
    message: str
    camera: str | None = None
    pipeline: str | None = None
    raw: Json = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, params: Json) -> Event:
        return cls(event=params["event"], time=_time(params["time"]), message=params.get("message", ""),
                   camera=params.get("camera"), pipeline=params.get("pipeline"), raw=params)


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A tensor of the model. `npy` is a NumPy file: numpy.load(io.BytesIO(tensor.npy)); `png` the same to look at, if it is
    the input. real = scale * (q - zero_point) when there is a scale."""

    name: str
    type: str
    shape: tuple[int, ...]
    npy: bytes
    png: bytes | None = None
    scale: float | None = None
    zero_point: int | None = None

    @classmethod
    def from_json(cls, tensor: Json) -> Tensor:
        return cls(name=tensor["name"], type=tensor["type"], shape=tuple(tensor["shape"]), npy=_bytes(tensor["npy"]),
                   png=_bytes(tensor["png"]) if "png" in tensor else None, scale=tensor.get("scale"),
                   zero_point=tensor.get("zero_point"))


@dataclasses.dataclass(frozen=True)
class Why:
    """What one answer rests on. `ranking` has (label, score) of the five best, `margin` is their first less their second."""

    prediction: Prediction
    margin: float
    ranking: tuple[tuple[str, float], ...]
    preprocess: Json
    input: Tensor
    output: Tensor
    raw: Json = dataclasses.field(repr=False, compare=False)

    @classmethod
    def from_json(cls, result: Json) -> Why:
        return cls(prediction=Prediction.from_json(result["prediction"]), margin=result["margin"],
                   ranking=tuple((each["label"], each["score"]) for each in result["ranking"]),
                   preprocess=result["preprocess"], input=Tensor.from_json(result["input"]),
                   output=Tensor.from_json(result["output"]), raw=result)


@dataclasses.dataclass(frozen=True)
class SnapshotRegion:
    """One region of a frame; `rectangle` is left, top, width and height in its pixels."""

    region: str
    rectangle: tuple[int, int, int, int]
    prediction: Prediction
    input: Tensor

    @classmethod
    def from_json(cls, region: Json) -> SnapshotRegion:
        left, top, width, height = region["rectangle"]
        return cls(region=region["region"], rectangle=(left, top, width, height),
                   prediction=Prediction.from_json(region["prediction"]), input=Tensor.from_json(region["input"]))


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """A frame as the camera gave it (`png`), and what its regions became."""

    pipeline: str
    camera: str
    frame: int
    time: datetime.datetime
    origin: str
    width: int
    height: int
    png: bytes = dataclasses.field(repr=False)
    regions: tuple[SnapshotRegion, ...]
    raw: Json = dataclasses.field(repr=False, compare=False)

    @classmethod
    def from_json(cls, result: Json) -> Snapshot:
        return cls(pipeline=result["pipeline"], camera=result["camera"], frame=result["frame"], time=_time(result["time"]),
                   origin=result["origin"], width=result["width"], height=result["height"], png=_bytes(result["png"]),
                   regions=tuple(SnapshotRegion.from_json(each) for each in result["regions"]), raw=result)
