# SPDX-License-Identifier: Apache-2.0
"""Every example of python/README.md runs as it stands there, against a real daemon."""

import os
import re
import shutil
import subprocess
import sys
import unittest

from harness import SOURCE, TIMEOUT, Daemon

# What each example prints, in the order of the page.
EXPECTED = [
    r"the daemon is running\ndigits  (\d|None) [0-9.e-]+\n",
    r"(\d+ (\d|unknown, [a-z-]+)\n){5}",
    r"\d{4}-\d\d-\d\dT[0-9:.+]+ (\d|None)\n",
    r"it is a \d\n\d+ \(\('\d', [0-9.e-]+\), .*\) \d+\n",
]


class Readme(unittest.TestCase):
    def test_every_example(self):
        page = (SOURCE / "python" / "README.md").read_text(encoding="utf-8")
        examples = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
        self.assertEqual(len(examples), len(EXPECTED), "an example was added to the page or taken from it")
        with Daemon() as daemon, daemon.start().client() as client:
            client.result("subscribe")
            client.next()
            shutil.copy(SOURCE / "tests" / "data" / "digits" / "0001_7.png", daemon.folder / "digit.png")
            environment = dict(os.environ, GLIMPSE_SOCKET=str(daemon.read), GLIMPSE_CONTROL_SOCKET=str(daemon.control))
            for example, expected in zip(examples, EXPECTED):
                done = subprocess.run([sys.executable, "-W", "error", "-c", example], cwd=daemon.folder, env=environment,
                                      capture_output=True, text=True, timeout=TIMEOUT, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), example)
                self.assertRegex(done.stdout, rf"\A{expected}\Z", example)
            self.assertTrue((daemon.folder / "input.npy").read_bytes().startswith(b"\x93NUMPY"))
            self.assertTrue((daemon.folder / "frame.png").read_bytes().startswith(b"\x89PNG"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
