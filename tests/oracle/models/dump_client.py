# SPDX-License-Identifier: Apache-2.0
"""One foreign runtime in a process of its own that dumps model after model, started again when a model ends it."""

import json
import pathlib
import subprocess
import threading

from compare import RunFailed, last_line

SERVER = pathlib.Path(__file__).resolve().parent / "dump_server.py"


class DumpClient:
    """Not thread-safe."""

    def __init__(self, python, resolver, timeout):
        self.python, self.resolver, self.timeout = python, resolver, timeout
        self.process = None

    def dump(self, model, inputs, output):
        """Writes all tensors into the folder `output`. Raises RunFailed."""
        arguments = [str(model), "--output", str(output), "--resolver", self.resolver]
        for path in inputs:
            arguments += ["--input", str(path)]
        if self.process is None:
            self.process = subprocess.Popen([self.python, str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True)
        late = threading.Timer(self.timeout, self.process.kill)
        late.start()
        try:
            self.process.stdin.write(json.dumps(arguments) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            late.cancel()
        if not line:
            code = self.process.wait()
            self.process = None
            raise RunFailed(self.resolver, code, "the runtime ended its process, or took too long")
        answer = json.loads(line)
        if answer["code"]:
            raise RunFailed(self.resolver, answer["code"], last_line(answer["text"]))

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process = None
