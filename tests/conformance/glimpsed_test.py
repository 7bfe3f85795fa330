# SPDX-License-Identifier: Apache-2.0
"""glimpsed passes the conformance test of its protocol, and the test fails what is no such server."""

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from harness import SANITIZED, SOURCE, TIMEOUT, Daemon

CONFORMANCE = pathlib.Path(__file__).with_name("conformance.py")
CONFIG = """
cameras: {shelf: {source: files, path: pictures, fps: 50}}
pipelines:
  digits: {camera: shelf, model: {model}, regions: {left: [0, 0, 20, 48], all: [0, 0, 40, 48]}}
  whole: {camera: shelf, model: {model}}
"""


def run(*arguments):
    return subprocess.run([sys.executable, str(CONFORMANCE), *map(str, arguments)], capture_output=True, text=True,
                          timeout=10 * TIMEOUT, check=False)


class Conformance(unittest.TestCase):
    def test_the_daemon_conforms(self):
        with Daemon(CONFIG) as daemon:
            daemon.start()
            picture = SOURCE / "tests" / "data" / "digits" / "0001_7.png"
            done = run(daemon.read, "--control", daemon.control, "--picture", picture)
            print(done.stdout)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            plan = int(re.search(r"^1\.\.(\d+)$", done.stdout, re.MULTILINE).group(1))
            self.assertEqual(len(re.findall(r"^ok \d+ - ", done.stdout, re.MULTILINE)), plan)
            self.assertNotIn("# SKIP", done.stdout)
            without = run(daemon.read)
            self.assertEqual(without.returncode, 0, without.stdout)
            self.assertIn("# SKIP no --control", without.stdout)

    def test_a_server_that_echoes_fails_every_rule(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "echo.sock")
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(path)
                listener.listen()
                threading.Thread(target=self.echo, args=(listener,), daemon=True).start()
                done = run(path)
                self.assertEqual(done.returncode, 1, done.stderr)
                results = re.findall(r"^(not ok|ok) \d+ - (.*)$", done.stdout, re.MULTILINE)
                self.assertEqual([title for result, title in results if result == "ok" and "# SKIP" not in title], [])
                listener.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def echo(listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=Conformance.echo_client, args=(client,), daemon=True).start()

    @staticmethod
    def echo_client(client):
        try:
            while data := client.recv(1 << 16):
                client.sendall(data)
        except OSError:
            pass
        client.close()

    def test_nobody_there_is_no_failed_rule(self):
        self.assertEqual(run("/nonexistent/socket").returncode, 2)


if __name__ == "__main__":
    if SANITIZED:
        print("under a sanitizer: slower, the same rules")
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
