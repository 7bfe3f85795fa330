# SPDX-License-Identifier: Apache-2.0
"""Every command of docs/protocol.md does what the page says, against a real daemon. Needs socat and jq."""

import os
import re
import shutil
import subprocess
import sys
import unittest

from harness import SOURCE, TIMEOUT, Daemon

# What each command must print, in the order of the page: one regular expression for the whole output.
EXPECTED = [
    r'\{"jsonrpc":"2\.0","id":1,"result":\{"predictions":\[\{"pipeline":"digits".*\}\]\}\}\n',
    r"",
    r"running\n",
    r"digits (\d|null)\n",
    r'(\[\d+,("\d"|null),[0-9.e-]+\]\n){3}',
    r'\["\d",[0-9.e-]+\]\n',
    r"",
    r"",
    r'\["digits"\]\n',
    r"\[\]\n",
]


def commands():
    """The lines of all sh blocks of the page."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (SOURCE / "docs" / "protocol.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]


@unittest.skipUnless(shutil.which("socat") and shutil.which("jq"), "needs socat and jq")
class Examples(unittest.TestCase):
    def test_every_command_of_the_page(self):
        lines = commands()
        self.assertEqual(len(lines), len(EXPECTED), "a command was added to the page or taken from it")
        with Daemon() as daemon, daemon.start().client() as client:
            client.result("subscribe")
            client.next()
            # tests/data has pictures as a reader of the page would have one.
            shutil.copy(SOURCE / "tests" / "data" / "digits" / "0001_7.png", daemon.folder / "digit.png")
            environment = dict(os.environ, READ=str(daemon.read), CONTROL=str(daemon.control))
            for line, expected in zip(lines, EXPECTED):
                if line.startswith("READ="):
                    continue  # the test's own sockets
                line = line.replace("/run/glimpsed/glimpsed.sock", str(daemon.read))
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=daemon.folder, env=environment,
                                      capture_output=True, text=True, timeout=TIMEOUT, check=False)
                # `head` ends a pipe before its writers: that is no failure.
                if "head -n" not in line:
                    self.assertEqual(done.returncode, 0, f"{line}\n{done.stderr}")
                self.assertRegex(done.stdout, rf"\A{expected}\Z", line)
            self.assertTrue((daemon.folder / "input.npy").read_bytes().startswith(b"\x93NUMPY"))
            self.assertTrue((daemon.folder / "frame.png").read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
