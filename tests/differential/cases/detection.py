# SPDX-License-Identifier: Apache-2.0
"""The custom operator at the end of single-shot detectors, of the plugin `detection`."""

import numpy as np
from cases import SAMPLES
from cases.common import only, pick
from cases.pool import LITERT
from flatbuffers import flexbuffers
from single_op import Case, Tensor


def _options(values):
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, value in values.items():
            if isinstance(value, bool):
                builder.Bool(key, value)
            elif isinstance(value, float):
                builder.Float(key, value)
            else:
                builder.Int(key, value)
    return bytes(builder.Finish())


def _detection(rng, dtype, per_box=None):
    boxes, classes = int(pick(rng, [1, 5, 20, 60])), int(pick(rng, [1, 2, 5, 20]))
    background = int(rng.integers(2))
    regular = bool(rng.random() < 0.5)
    per_box = 1 if regular else per_box or int(rng.integers(1, min(classes, 3) + 1))
    # All outputs are written: LiteRT leaves what no detection fills as it was.
    count = int(pick(rng, [1, 3, 10])) if regular else min(boxes, int(pick(rng, [1, 3, 10])))
    values = {"max_detections": count, "max_classes_per_detection": per_box, "num_classes": classes,
              "nms_score_threshold": float(pick(rng, [0.0, 0.3])) if regular else 0.0,
              "nms_iou_threshold": float(pick(rng, [0.3, 0.5, 0.6])) if regular else 1.0,
              "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0, "use_regular_nms": regular}
    if regular and rng.random() < 0.7:
        values["detections_per_class"] = int(pick(rng, [1, 2, 100]))
    length = int(pick(rng, [4, 4, 7]))
    quantized = dtype == np.uint8
    encodings = Tensor((1, boxes, length), dtype, np.float32(0.08) if quantized else None, 120)
    scores = Tensor((1, boxes, classes + background), dtype, np.float32(1 / 256) if quantized else None, 0)
    anchors = rng.uniform(0.1, 1, (boxes, 4)).astype(np.float32)
    anchors = Tensor((boxes, 4), dtype, np.float32(1 / 200) if quantized else None, 3,
                     data=np.round(anchors * 200 + 3).astype(np.uint8) if quantized else anchors)
    case = Case("CUSTOM", f"{boxes} boxes {classes} classes {values}", [encodings, scores, anchors],
                [Tensor((), np.float32) for _ in range(4)], custom_code="TFLite_Detection_PostProcess", custom_options=_options(values))
    case.samples = []
    for _ in range(SAMPLES):
        if quantized:
            case.samples.append([rng.integers(60, 180, encodings.shape).astype(np.uint8),
                                 rng.integers(0, pick(rng, [4, 256]), scores.shape).astype(np.uint8)])
        else:
            score = rng.random(scores.shape).astype(np.float32)
            if rng.random() < 0.4:
                score = np.round(score * 8) / np.float32(8)
            case.samples.append([rng.normal(0, 2, encodings.shape).astype(np.float32), score.astype(np.float32)])
    return case


def custom__detection_post_process(rng):
    return _detection(rng, np.float32, 1)


@only(*LITERT)
def custom__detection_post_process_classes(rng):
    return _detection(rng, np.float32)


@only(*LITERT)
def custom__detection_post_process_uint8(rng):
    return _detection(rng, np.uint8)


OPERATORS = [custom__detection_post_process, custom__detection_post_process_classes, custom__detection_post_process_uint8]
