#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does a server speak docs/protocol.md?

    conformance.py SOCKET [--control CONTROL] [--picture FILE]

Talks to the sockets with nothing but the standard library and prints TAP: a line for each rule of
the page, "ok" or "not ok" with what came instead. The server must have at least one pipeline that gives predictions.
--control: also the methods of the control socket (it pauses for a moment). --picture: a PNG, JPEG, PGM or PPM to classify.
Exit status: 0 when all is well, 1 when not, 2 for wrong usage or when nobody answers.
"""

import argparse
import base64
import json
import re
import socket
import sys
import time

TIMEOUT = 30  # seconds without an answer are a failure
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
READ_METHODS = ["hello", "status", "describe", "latest", "subscribe", "unsubscribe", "classify", "trigger"]
CONTROL_METHODS = ["why", "snapshot", "pause", "resume", "reload", "kernels.set", "log.level"]
REASONS = {"low-margin", "blank", "stale", "blurred"}


class Failure(Exception):
    """A rule is broken; the text says how."""


def require(condition, what):
    if not condition:
        raise Failure(what)


class Line:
    """One connection, as bytes and lines."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)
        self.buffer = b""
        self.notifications = []
        self.last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        """The next line as an object; None at the end of the stream."""
        while b"\n" not in self.buffer:
            try:
                chunk = self.socket.recv(1 << 16)
            except TimeoutError:
                raise Failure(f"no line within {TIMEOUT} s") from None
            if not chunk:
                require(not self.buffer, f"the stream ends inside a line: {self.buffer[:80]!r}")
                return None
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        try:
            message = json.loads(line.decode("utf-8"))
        except ValueError as error:
            raise Failure(f"a line is no JSON in UTF-8 ({error}): {line[:80]!r}") from None
        require(isinstance(message, dict), f"a line is no object: {line[:80]!r}")
        require(message.get("jsonrpc") == "2.0", f"'jsonrpc' is not \"2.0\": {line[:80]!r}")
        return message

    def answer(self):
        """The next line that is no notification."""
        while True:
            message = self.read()
            require(message is not None, "the connection was closed instead of an answer")
            if "method" not in message:
                require(("result" in message) != ("error" in message), f"neither or both of result and error: {message}")
                return message
            require("id" not in message, f"a notification with an id: {message}")
            self.notifications.append(message)

    def ask(self, method, **params):
        self.last_id += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}).encode() + b"\n")
        answer = self.answer()
        require(answer.get("id") == self.last_id, f"the answer to {self.last_id} has the id {answer.get('id')!r}")
        return answer

    def result(self, method, **params):
        answer = self.ask(method, **params)
        require("result" in answer, f"{method}: {answer.get('error')}")
        return answer["result"]

    def refused(self, code, begins, method, **params):
        check_error(self.ask(method, **params), code, begins)

    def notification(self, method):
        """Params of the next notification of that kind."""
        while True:
            message = self.notifications.pop(0) if self.notifications else self.read()
            require(message is not None, f"the connection was closed instead of a {method}")
            if message.get("method") == method:
                return message["params"]


def check_error(answer, code, begins):
    error = answer.get("error")
    require(isinstance(error, dict), f"an error {code} was due, not {answer}")
    require(error.get("code") == code, f"the error {code} was due, not {error}")
    require(isinstance(error.get("message"), str) and error["message"].startswith(begins),
            f"the message of {code} begins with '{begins}', not: {error.get('message')!r}")


def check_prediction(prediction, *, notified, framed=True):
    members = {"pipeline": str, "region": str, "time": str, "status": str, "score": (int, float), "scores": list,
               "latency_us": dict, "model": str, "numerics": str, "config": str}
    if framed:
        members |= {"frame": int, "age_us": int, "origin": str}
    if notified:
        members |= {"dropped": int, "subscription": int}
    for name, kind in members.items():
        require(isinstance(prediction.get(name), kind), f"'{name}' of a prediction is {prediction.get(name)!r}")
    if not framed:
        for name in ("frame", "age_us", "origin", "dropped", "subscription"):
            require(name not in prediction, f"'{name}' has no place in the answer to classify")
    require(TIME.fullmatch(prediction["time"]), f"'time' is {prediction['time']!r}")
    for name in ("model", "config"):
        require(SHA256.fullmatch(prediction[name]), f"'{name}' is {prediction[name]!r}")
    require(0 <= prediction["score"] <= 1, f"'score' is {prediction['score']}")
    require(all(0 <= score <= 1 for score in prediction["scores"]), "a score is outside [0, 1]")
    require(set(prediction["latency_us"]) >= {"preprocess", "inference"}, f"'latency_us' is {prediction['latency_us']}")
    require("label" in prediction and "index" in prediction, "'label' or 'index' is missing; with unknown they are null")
    if prediction["status"] == "ok":
        require("reason" not in prediction, "'reason' with the status ok")
        require(isinstance(prediction["label"], str) and isinstance(prediction["index"], int), "ok without label and index")
    else:
        require(prediction["status"] == "unknown", f"'status' is {prediction['status']!r}")
        require(prediction.get("reason") in REASONS, f"'reason' is {prediction.get('reason')!r}")
        require(prediction["label"] is None and prediction["index"] is None, "unknown with a label or an index")


class Rules:
    """One method for each rule; its docstring is the line of the report."""

    def __init__(self, options):
        self.path = options.socket
        self.control = options.control
        self.picture = options.picture

    def connect(self):
        return Line(self.path)

    def rule_hello(self):
        """hello: name, version, protocol 1, this socket's methods, every limit"""
        with self.connect() as line:
            hello = line.result("hello", client="conformance")
            require(hello["name"] == "glimpsed" and isinstance(hello["version"], str), f"name or version: {hello}")
            require(hello["protocol"]["major"] == 1 and hello["protocol"]["minor"] >= 1, f"protocol: {hello['protocol']}")
            require(hello["socket"] == "read", f"socket: {hello['socket']!r}")
            require(set(READ_METHODS) <= set(hello["methods"]), f"methods: {hello['methods']}")
            require(not set(CONTROL_METHODS) & set(hello["methods"]), "methods of the control socket on the read socket")
            for limit in ("max_line_bytes", "max_line_time_s", "max_pending_bytes", "max_queue_messages", "max_answers",
                          "max_answer_bytes", "max_image_bytes", "max_clients", "max_subscriptions", "max_requests",
                          "max_client_requests", "classify_rate_hz"):
                require(isinstance(hello["limits"].get(limit), (int, float)), f"limits.{limit} is missing")

    def rule_id(self):
        """id: a string, a number or null comes back as it came"""
        with self.connect() as line:
            for identity in ("x", "", 0, -7, 1.5, 2**40, None):
                line.send(json.dumps({"jsonrpc": "2.0", "id": identity, "method": "hello"}).encode() + b"\n")
                answer = line.answer()
                require("id" in answer and answer["id"] == identity and type(answer["id"]) is type(identity),
                        f"{identity!r} came back as {answer.get('id')!r}")

    def rule_lines(self):
        r"""lines: \r\n is accepted, empty lines are ignored, requests may come in pieces or many at once"""
        with self.connect() as line:
            line.send(b'\n\r\n  \n{"jsonrpc":"2.0","id":1,"method":"hello"}\r\n{"jsonrpc":"2.0",')
            require(line.answer()["id"] == 1, "the first of two requests was not answered")
            for byte in b'"id":2,"method":"hello"}\n':
                line.send(bytes([byte]))
            require(line.answer()["id"] == 2, "a request in pieces was not answered")
            line.send(b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"hello"}\n' % number for number in range(50)))
            require([line.answer()["id"] for _ in range(50)] == list(range(50)), "answers are not in the order of requests")

    def rule_end(self):
        """lines: what was asked before the client closed its sending side is answered, the last line without an end too"""
        with self.connect() as line:
            line.send(b'{"jsonrpc":"2.0","id":1,"method":"hello"}\n{"jsonrpc":"2.0","id":2,"method":"status"}')
            line.socket.shutdown(socket.SHUT_WR)
            require([line.answer()["id"] for _ in range(2)] == [1, 2], "not answered")
            require(line.read() is None, "the connection stays open")

    def rule_notifications(self):
        """lines: a request without id is never answered, not even with an error"""
        with self.connect() as line:
            line.send(b'{"jsonrpc":"2.0","method":"hello"}\n{"jsonrpc":"2.0","method":"no-such-method"}\n'
                      b'{"jsonrpc":"2.0","method":"hello","params":{"no":1}}\n{"jsonrpc":"2.0","id":9,"method":"hello"}\n')
            require(line.answer()["id"] == 9, "something without an id was answered")

    def rule_parse_error(self):
        """-32700: no JSON, a key twice, bytes that are not UTF-8, deeper than 32 levels; the connection stays"""
        with self.connect() as line:
            for bad in (b"hello", b"{", b'{"a":}', b"{} x", b"\xff\xfe", b"[" * 5000, b'{"id":1,"id":2}',
                        b'{"jsonrpc":"2.0","id":1,"method":"hello","params":' + b"[" * 40 + b"]" * 40 + b"}"):
                line.send(bad + b"\n")
                answer = line.answer()
                check_error(answer, -32700, "parse error")
                require(answer["id"] is None, f"the id is {answer['id']!r}, not null")
            line.result("hello")

    def rule_invalid_request(self):
        """-32600: JSON that is no request, batches too"""
        with self.connect() as line:
            for bad in (b"1", b'"x"', b"null", b"[]", b'[{"jsonrpc":"2.0","id":1,"method":"hello"}]', b"{}",
                        b'{"jsonrpc":"1.0","id":1,"method":"hello"}', b'{"id":1,"method":"hello"}',
                        b'{"jsonrpc":"2.0","id":1}', b'{"jsonrpc":"2.0","id":1,"method":7}',
                        b'{"jsonrpc":"2.0","id":{},"method":"hello"}'):
                line.send(bad + b"\n")
                check_error(line.answer(), -32600, "invalid request")
            line.result("hello")

    def rule_method_not_found(self):
        """-32601: unknown methods, with the nearest one"""
        with self.connect() as line:
            line.refused(-32601, "method not found", "no-such-method-at-all")
            answer = line.ask("subscibe")
            check_error(answer, -32601, "method not found")
            require(answer["error"].get("data", {}).get("nearest") == "subscribe", f"data: {answer['error'].get('data')}")

    def rule_control_only(self):
        """-32601: the read socket has no method that changes things or shows pictures"""
        with self.connect() as line:
            for method in CONTROL_METHODS:
                answer = line.ask(method)
                check_error(answer, -32601, "method not found")
                require(answer["error"].get("data", {}).get("reason") == "control socket only", f"{method}: {answer['error']}")

    def rule_invalid_params(self):
        """-32602: wrong types, unknown members, unknown pipelines"""
        with self.connect() as line:
            for method, params in (("hello", {"client": 1}), ("hello", {"client": "x" * 201}), ("status", {"x": 1}),
                                   ("latest", {"pipelines": "all"}), ("latest", {"pipelines": [1]}),
                                   ("describe", {"pipelines": ["no such pipeline"]}), ("subscribe", {"on": "never"}),
                                   ("subscribe", {"max_rate_hz": 0}), ("subscribe", {"max_rate_hz": 1001}),
                                   ("subscribe", {"max_rate_hz": "1"}), ("unsubscribe", {"subscription": 999}),
                                   ("unsubscribe", {"subscription": -1}), ("unsubscribe", {"subscription": 1.5})):
                line.refused(-32602, "invalid params", method, **params)
            line.send(b'{"jsonrpc":"2.0","id":"p","method":"status","params":[]}\n')
            check_error(line.answer(), -32602, "invalid params")

    def rule_long_line(self):
        """-32000: a line that is too long is skipped up to its end; the connection stays"""
        with self.connect() as line:
            limit = line.result("hello")["limits"]["max_line_bytes"]
            line.send(b"x" * (limit + 1))
            answer = line.answer()
            check_error(answer, -32000, "line too long")
            require(answer["id"] is None and answer["error"]["data"]["max_line_bytes"] == limit, f"{answer}")
            line.send(b"y" * 1000 + b"\n")
            line.result("hello")

    def rule_status(self):
        """status: state, clients, cameras and pipelines with their counters"""
        with self.connect() as line:
            status = line.result("status")
            require(status["state"] in ("running", "ended", "degraded", "paused"), f"state: {status['state']!r}")
            require(status["pid"] > 0 and status["uptime_us"] >= 0 and SHA256.fullmatch(status["config"]), f"{status}")
            require(set(status["clients"]) >= {"read", "control", "max", "refused"}, f"clients: {status['clients']}")
            require(status["clients"]["read"] >= 1, "this client is not counted")
            for name, camera in status["cameras"].items():
                require(set(camera) >= {"source", "state", "frames", "dropped", "skipped", "last_error"}, f"{name}: {camera}")
            for name, pipeline in status["pipelines"].items():
                require(set(pipeline) >= {"camera", "paused", "predictions", "unknown", "errors", "last_error", "rate_hz"},
                        f"{name}: {pipeline}")

    def rule_describe(self):
        """describe: model, tensors, kernels, preprocessing; only the pipelines asked for"""
        with self.connect() as line:
            names = line.result("hello")["pipelines"]
            described = line.result("describe")
            require(set(described["pipelines"]) == set(names), f"pipelines: {list(described['pipelines'])}, hello: {names}")
            for name, pipeline in described["pipelines"].items():
                require(set(pipeline) >= {"camera", "regions", "model", "numerics", "kernels", "preprocess", "normalisation",
                                          "scores", "labels", "labels_from", "decide", "operators"}, f"{name}: {pipeline}")
                require(pipeline["scores"] in ("probabilities", "softmax"), f"scores: {pipeline['scores']!r}")
            require(line.result("describe", pipelines=[])["pipelines"] == {}, "an empty list gets none")

    def rule_latest(self):
        """latest: the last prediction of each region, in their order; an empty list gets none"""
        with self.connect() as line:
            line.result("subscribe")
            line.notification("prediction")
            predictions = line.result("latest")["predictions"]
            require(predictions, "nothing, though a prediction was notified")
            for prediction in predictions:
                check_prediction(prediction, notified=False)
                require("dropped" not in prediction and "subscription" not in prediction, "members of a notification")
            names = [prediction["pipeline"] for prediction in predictions]
            require(names == sorted(names), f"not by name: {names}")
            require(line.result("latest", pipelines=[])["predictions"] == [], "an empty list gets some")

    def rule_subscribe(self):
        """subscribe: predictions in the order of frames, each with what was dropped before it"""
        with self.connect() as line:
            number = line.result("subscribe")["subscription"]
            require(isinstance(number, int) and not line.notifications, "a notification came before the answer")
            last = {}
            for _ in range(20):
                prediction = line.notification("prediction")
                check_prediction(prediction, notified=True)
                require(prediction["subscription"] == number, f"subscription {prediction['subscription']}, not {number}")
                key = prediction["pipeline"], prediction["region"]
                if prediction.get("reason") != "stale":
                    require(prediction["frame"] > last.get(key, -1), f"frame {prediction['frame']} after {last.get(key)}")
                    last[key] = prediction["frame"]

    def rule_twice(self):
        """subscribe: what fits two subscriptions is sent twice; unsubscribe ends one, and nothing of it comes after"""
        with self.connect() as line:
            one, two = (line.result("subscribe")["subscription"] for _ in range(2))
            seen = set()
            for _ in range(100):
                seen.add(line.notification("prediction")["subscription"])
                if seen == {one, two}:
                    break
            require(seen == {one, two}, f"subscriptions {one} and {two}, notified {seen}")
            require(line.result("unsubscribe", subscription=one)["unsubscribed"] == [one], "not unsubscribed")
            line.notifications.clear()
            for _ in range(10):
                require(line.notification("prediction")["subscription"] == two, "a notification after unsubscribe")
            require(line.result("unsubscribe")["unsubscribed"] == [two], "unsubscribe without a number ends all")

    def rule_change(self):
        """subscribe on change: no two in a row with the same status, reason and index"""
        with self.connect() as line:
            line.result("subscribe", on="change")
            last, end = {}, time.monotonic() + 3
            line.socket.settimeout(1)
            while time.monotonic() < end:
                try:
                    prediction = line.notification("prediction")
                except Failure:
                    break  # nothing changes, which is as good
                key = prediction["pipeline"], prediction["region"]
                now = prediction["status"], prediction.get("reason"), prediction["index"]
                require(last.get(key) != now, f"{key}: {now} twice")
                last[key] = now
            require(last, "the first prediction is always sent")

    def rule_rate(self):
        """subscribe with max_rate_hz: of each region no more than that"""
        with self.connect() as line:
            line.result("subscribe", max_rate_hz=4)
            line.notification("prediction")
            line.notifications.clear()
            begin, counts = time.monotonic(), {}
            while time.monotonic() - begin < 2:
                prediction = line.notification("prediction")
                key = prediction["pipeline"], prediction["region"]
                counts[key] = counts.get(key, 0) + 1
            seconds = time.monotonic() - begin
            for key, count in counts.items():
                require(count <= 4 * seconds + 2, f"{key}: {count} in {seconds:.1f} s")

    def rule_subscriptions(self):
        """-32004: more than max_subscriptions on one connection"""
        with self.connect() as line:
            limit = line.result("hello")["limits"]["max_subscriptions"]
            for _ in range(limit):
                line.result("subscribe", pipelines=[])
            line.refused(-32004, "too many subscriptions", "subscribe", pipelines=[])

    def rule_classify_refusals(self):
        """classify: -32602 for what is no picture, no base64, both or neither of image and tensor"""
        with self.connect() as line:
            hello = line.result("hello")
            pipeline, pause = hello["pipelines"][0], 1.1 / hello["limits"]["classify_rate_hz"]
            nothing = base64.b64encode(b"no picture").decode()
            for params in ({}, {"image": nothing, "tensor": nothing}, {"image": nothing}, {"image": "%"}, {"tensor": "AAAA"},
                           {"image": 7}, {"image": nothing, "region": "no such region"}):
                line.refused(-32602, "invalid params", "classify", pipeline=pipeline, **params)
                time.sleep(pause)
            line.refused(-32602, "invalid params", "classify", pipeline="no such pipeline", image=nothing)

    def rule_classify(self):
        """classify: a picture gets a prediction without frame, and -32001 says when to come again"""
        if not self.picture:
            return "no --picture"
        with open(self.picture, "rb") as file:
            image = base64.b64encode(file.read()).decode()
        with self.connect() as line:
            hello = line.result("hello")
            check_prediction(line.result("classify", pipeline=hello["pipelines"][0], image=image), notified=False, framed=False)
            # At once, so that a slow machine's pauses between them do not count; wrong requests count as right ones do.
            count = int(hello["limits"]["classify_rate_hz"] * 2) + 2
            line.send(b'{"jsonrpc":"2.0","id":"burst","method":"classify","params":{}}\n' * count)
            answers = [line.answer() for _ in range(count)]
            refusals = [answer for answer in answers if answer.get("error", {}).get("code") == -32001]
            require(refusals, f"{count} requests at once, twice classify_rate_hz, were all taken")
            for refusal in refusals:
                check_error(refusal, -32001, "too many requests")
                require(refusal["error"]["data"]["retry_after_ms"] > 0, f"{refusal['error']}")
            time.sleep(refusals[-1]["error"]["data"]["retry_after_ms"] / 1000 + 0.01)
            line.result("classify", pipeline=hello["pipelines"][0], image=image)
        return None

    def rule_control_hello(self):
        """control socket: hello has the further methods, and the others work as well"""
        with Line(self.control) as line:
            hello = line.result("hello")
            require(hello["socket"] == "control" and set(hello["methods"]) >= set(READ_METHODS + CONTROL_METHODS), f"{hello}")
            line.result("latest")

    def rule_changes(self):
        """control socket: reload and kernels.set refuse wrong params, with -32602, and then change nothing"""
        with Line(self.control) as line:
            before = line.result("status")["reload"]
            line.refused(-32602, "invalid params", "reload", now=True)
            line.refused(-32602, "invalid params", "kernels.set", pipeline="no such pipeline")
            line.refused(-32602, "invalid params", "kernels.set", override=[])
            require(line.result("status")["reload"] == before, "a request with wrong params counts as a change")

    def rule_why(self):
        """control socket: why has the tensor that was classified as .npy and PNG, and what came of it"""
        with self.connect() as reader, Line(self.control) as line:
            reader.result("subscribe")
            seen = reader.notification("prediction")
            where = {"pipeline": seen["pipeline"], "region": seen["region"], "frame": seen["frame"]}
            why = line.result("why", **where)
            prediction = why["prediction"]
            check_prediction(prediction, notified=False)
            require(prediction["frame"] == seen["frame"] and prediction["scores"] == seen["scores"],
                    "the prediction is another than was notified")
            for name in ("input", "output"):
                npy = base64.b64decode(why[name]["npy"], validate=True)
                require(npy.startswith(b"\x93NUMPY"), f"{name}.npy is no NumPy file")
                shape = re.search(rb"'shape': \(([^)]*)\)", npy).group(1)
                require([int(part) for part in shape.split(b",") if part.strip()] == why[name]["shape"], f"{name}: {shape}")
            require(base64.b64decode(why["input"]["png"], validate=True).startswith(b"\x89PNG\r\n"), "input.png is no PNG")
            require(why["ranking"][0]["score"] == max(prediction["scores"]), "ranking does not begin with the best score")
            line.refused(-32005, "not kept", "why", **{**where, "frame": 2**50})
            line.refused(-32602, "invalid params", "why", **{**where, "frame": -1})
            line.refused(-32602, "invalid params", "why", pipeline="no such pipeline")

    def rule_snapshot(self):
        """control socket: snapshot has the frame as PNG and its regions"""
        with Line(self.control) as line:
            pipeline = line.result("hello")["pipelines"][0]
            snapshot = line.result("snapshot", pipeline=pipeline)
            png = base64.b64decode(snapshot["png"], validate=True)
            require(png.startswith(b"\x89PNG\r\n"), "png is no PNG")
            size = [int.from_bytes(png[start:start + 4], "big") for start in (16, 20)]
            require(size == [snapshot["width"], snapshot["height"]], f"the PNG is {size}")
            require(snapshot["regions"], "no regions")
            for region in snapshot["regions"]:
                check_prediction(region["prediction"], notified=False)
                require(len(region["rectangle"]) == 4 and "npy" in region["input"], f"{region}")

    def rule_pause(self):
        """control socket: a paused pipeline takes no frames, an event tells of it, resume lets it go on"""
        with self.connect() as reader, Line(self.control) as line:
            pipeline = line.result("hello")["pipelines"][0]
            reader.result("subscribe", pipelines=[pipeline])
            reader.notification("prediction")
            try:
                require(pipeline in line.result("pause", pipelines=[pipeline])["paused"], "not paused")
                while True:
                    event = reader.notification("event")
                    if event["event"] == "pipeline-paused" and event["pipeline"] == pipeline:
                        break
                require(line.result("status")["pipelines"][pipeline]["paused"] is True, "status does not say so")
                time.sleep(0.5)  # the frame at work is finished
                before = line.result("status")["pipelines"][pipeline]["predictions"]
                time.sleep(0.5)
                require(line.result("status")["pipelines"][pipeline]["predictions"] == before, "it goes on")
            finally:
                line.result("resume", pipelines=[pipeline])
            deadline = time.monotonic() + TIMEOUT
            while line.result("status")["pipelines"][pipeline]["predictions"] <= before:
                require(time.monotonic() < deadline, "it does not go on")
                time.sleep(0.05)
            line.refused(-32602, "invalid params", "pause", pipelines=["no such pipeline"])

    def rule_log_level(self):
        """control socket: log.level tells and changes the level"""
        with Line(self.control) as line:
            before = line.result("log.level")["level"]
            changed = line.result("log.level", level="warning")
            require(changed == {"level": "warning", "before": before}, f"{changed}")
            require(line.result("log.level", level=before)["level"] == before, "not changed back")
            line.refused(-32602, "invalid params", "log.level", level="loud")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("socket")
    parser.add_argument("--control")
    parser.add_argument("--picture")
    options = parser.parse_args()
    try:
        Line(options.socket).socket.close()
    except OSError as error:
        print(f"conformance.py: {options.socket}: {error.strerror}", file=sys.stderr)
        return 2
    rules = Rules(options)
    names = [name for name in vars(Rules) if name.startswith("rule_")]
    print("TAP version 13", f"1..{len(names)}", sep="\n")
    failed = 0
    for number, name in enumerate(names, 1):
        rule = getattr(rules, name)
        title, skip, problem = rule.__doc__, None, None
        needs_control = title.startswith("control socket")
        try:
            skip = "no --control" if needs_control and not options.control else rule()
        except (Failure, KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as error:
            problem = f"{type(error).__name__}: {error}" if not isinstance(error, Failure) else str(error)
        print(f"{'not ok' if problem else 'ok'} {number} - {title}{f' # SKIP {skip}' if skip else ''}", flush=True)
        if problem:
            failed += 1
            print(f"  ---\n  message: {json.dumps(problem)}\n  ...", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
