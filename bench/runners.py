# SPDX-License-Identifier: Apache-2.0
"""The runtimes that are measured: each a process of its own, so that all can be pinned and masked alike.

A runner has `name`, `ours` (whether it is glimpse) and measure(seconds) -> {"runs", "min_us", "p50_us", "p90_us"}, on the threads of the
machine, the invoke alone: neither loading nor copying of inputs and outputs.
"""

import json
import os
import pathlib
import subprocess
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
LEVELS = ("native", "avx2", "avxvnni")


class Unavailable(Exception):
    """A runtime or a tool cannot be used here; the text says why and what to do."""


class Machine:
    """One core for each of `threads`, and what the CPU on them is said to be. `core`: the last of them. `level`: native, or a level of
    cpuid_mask.c. `realtime`: nothing else runs on the cores while something is measured."""

    def __init__(self, tools, core=None, level="native", realtime=False, threads=1):
        self.tools, self.level, self.realtime = pathlib.Path(tools), level, realtime
        self.core = max(os.sched_getaffinity(0)) if core is None else core
        self.threads = threads
        cores = sorted(other for other in os.sched_getaffinity(0) if other <= self.core)[-threads:]
        if len(cores) < threads:
            raise Unavailable(f"--threads {threads}: there are {len(cores)} cores up to core {self.core}")
        # Both are inherited by every process that is measured.
        os.sched_setaffinity(0, cores)
        if realtime:
            try:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
            except PermissionError as error:
                raise Unavailable("--realtime: not permitted: run as root, or leave it out on an idle machine") from error
        self.environment = dict(os.environ)
        if level != "native":
            mask = self.tool("cpuid_mask.so")
            self.environment.update(LD_PRELOAD=str(mask), GLIMPSE_CPUID_LEVEL=level)

    def tool(self, name):
        path = self.tools / name
        if not path.exists():
            raise Unavailable(f"{path} is missing: build it with cmake --build {self.tools.parent} --target bench_tools")
        return path.resolve()

    def run(self, command):
        """The standard output of a program that runs on this machine."""
        done = subprocess.run([str(part) for part in command], env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(done.stderr.strip() or f"{command[0]} ends with status {done.returncode}")
        return done.stdout

    def peak(self):
        """What int8_peak measures: {"cpu", "features", "peaks": [{"instruction", "gmacs"}]}."""
        return json.loads(self.run([self.tool("int8_peak")]))

    def words(self, peak):
        """The lines that head a table."""
        best = max(peak["peaks"], key=lambda entry: entry["gmacs"])
        lines = [f"CPU: {peak['cpu']}, core {self.core}{', real-time priority' if self.realtime else ''}; what programs see of it: "
                 f"{' '.join(peak['features'])}"]
        if self.level != "native":
            hidden = "AVX-512, AMX, AVX10, GFNI" + (", AVX-VNNI, AVX-IFMA, AVX-NE-CONVERT" if self.level == "avx2" else "")
            lines.append(f"masked for every runtime (cpuid_mask.so, level {self.level}): {hidden}")
        lines.append(f"int8 peak of this core: {best['gmacs']:.1f} GMAC/s by {best['instruction']}")
        return lines


class Glimpse:
    """A process for each round, as its command line offers."""

    ours = True

    def __init__(self, machine, program, model, numerics, kernels):
        self.machine = machine
        self.command = [program, "bench", model, "--numerics", numerics, "--kernels", kernels, "--threads",
                        machine.threads, "--json"]
        self.name = f"glimpse {numerics} {kernels}"
        self.macs = 0

    def measure(self, seconds):
        result = json.loads(self.machine.run([*self.command, "--seconds", seconds]).splitlines()[0])
        self.macs = result["macs"]
        return {key: result[key] for key in ("runs", "min_us", "p50_us", "p90_us")}

    def close(self):
        pass


class Worker:
    """A process that measures for as long as each line of its input says, and answers with a line of JSON."""

    ours = False

    def __init__(self, machine, name, command):
        self.name = name
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([str(part) for part in command], env=machine.environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors, text=True)
        try:
            self.measure(0)  # loads the model, or fails
        except Unavailable:
            self.close()
            raise

    def measure(self, seconds):
        try:
            print(seconds, file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            status = self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines()
            raise Unavailable(f"{self.name} ends with status {status}: {said[-1] if said else 'without a word'}")
        return json.loads(line)

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()


def litert_library(python):
    """libLiteRt.so of the wheel that this Python has."""
    code = "import importlib.util as u; print(u.find_spec('ai_edge_litert').submodule_search_locations[0])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    library = pathlib.Path(done.stdout.strip()) / "libLiteRt.so"
    if done.returncode or not library.exists():
        raise Unavailable(f"{python} has no ai-edge-litert with libLiteRt.so: python3 -m venv DIR && DIR/bin/pip install "
                          "ai-edge-litert==2.3.0 numpy, then --python-litert DIR/bin/python")
    return library


def litert(machine, python, model, mode, name):
    return Worker(machine, name, [machine.tool("litert_peer"), litert_library(python), model, mode, machine.threads])


def in_python(machine, python, model, runtime, name):
    return Worker(machine, name, [python, FOLDER / "worker.py", runtime, model])
