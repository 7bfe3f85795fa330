# SPDX-License-Identifier: Apache-2.0
"""The units under a real systemd: started by tests/systemd/run with the process id of the container's systemd.

Socket files of the container are reached through /proc/PID/root; everything else is run inside.
"""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import unittest

INIT = sys.argv.pop(1) if len(sys.argv) > 1 else ""
READ = "/run/glimpsed/glimpsed.sock"
CONTROL = "/run/glimpsed/control.sock"
MAX_EXPOSURE = 1.2
TIMEOUT = 120  # seconds that nothing here should take


def inside(command, *, check=True):
    """Runs a shell command in the container; what it printed."""
    done = subprocess.run(["nsenter", "-t", INIT, "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", "env", "-i",
                           "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "sh", "-c", command],
                          capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{command}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done


def show(*properties, unit="glimpsed.service"):
    text = inside(f"systemctl show {unit} " + " ".join(f"-p {name}" for name in properties)).stdout
    return dict(line.split("=", 1) for line in text.splitlines())


def wait_for(what, condition):
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {TIMEOUT} s; {inside('journalctl -u glimpsed -n 50 --no-pager').stdout}")


def connect(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(TIMEOUT)
    client.connect(f"/proc/{INIT}/root{path}")
    return client


def ask(client, method, **params):
    client.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
    buffer = b""
    while not buffer.endswith(b"\n"):
        chunk = client.recv(1 << 16)
        if not chunk:
            raise AssertionError("the daemon closed the connection")
        buffer += chunk
    return json.loads(buffer.splitlines()[0])


def drop_in(name, text):
    """A drop-in of the service; "" removes it."""
    folder = "/run/systemd/system/glimpsed.service.d"
    path = f"{folder}/{name}.conf"
    inside(f"mkdir -p {folder}; " + (f"printf %s {shlex.quote(text)} > {path}" if text else f"rm -f {path}") +
           "; systemctl daemon-reload")


def identities():
    """What a socket file is: device and inode of both."""
    return inside(f"stat -c '%d %i %U %G %a' {READ} {CONTROL}").stdout


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        wait_for("boot", lambda: inside("systemctl is-system-running", check=False).stdout.strip() in ("running", "degraded"))
        inside("systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload")
        inside("id reader 2>/dev/null || useradd --system --groups glimpsed reader")
        inside("systemctl enable glimpsed.socket glimpsed-control.socket 2>&1")

    def setUp(self):
        inside("systemctl stop glimpsed.service glimpsed.socket glimpsed-control.socket; systemctl reset-failed glimpsed.service",
               check=False)
        drop_in("test", "")

    def start_sockets(self):
        inside("systemctl start glimpsed.socket glimpsed-control.socket")

    def test_both_sockets_start_the_daemon_and_clients_that_came_before_are_served(self):
        drop_in("test", "[Service]\nExecStartPre=/bin/sleep 1\n")
        self.start_sockets()
        self.assertEqual(show("ActiveState")["ActiveState"], "inactive")
        clients = [connect(READ) for _ in range(20)] + [connect(CONTROL)]
        self.assertNotEqual(show("ActiveState")["ActiveState"], "active", "the daemon was there before its clients")
        names = [ask(client, "hello")["result"]["socket"] for client in clients]
        self.assertEqual(names, ["read"] * 20 + ["control"])
        # Socket units pass what they made: nothing of it was made by the daemon.
        self.assertEqual(identities().splitlines()[0].split()[2:], ["root", "glimpsed", "660"])
        self.assertEqual(identities().splitlines()[1].split()[2:], ["root", "glimpsed-admin", "660"])

    def test_it_is_ready_only_after_its_start(self):
        # The program itself is held up, not something before it: only READY=1 may make the unit active.
        exec_start = re.search(r"argv\[\]=(.*?) ;", show("ExecStart")["ExecStart"]).group(1)
        drop_in("test", f"[Service]\nExecStart=\nExecStart=/bin/sh -c 'sleep 2; exec {exec_start}'\n")
        self.start_sockets()
        begin = time.monotonic()
        starting = subprocess.Popen(["nsenter", "-t", INIT, "-m", "-p", "-C", "-r", "-w", "--", "systemctl", "start", "glimpsed"])
        states = set()
        while starting.poll() is None:
            states.add(show("ActiveState")["ActiveState"])
        self.assertEqual(starting.returncode, 0)
        self.assertGreaterEqual(time.monotonic() - begin, 2)
        self.assertIn("activating", states)
        self.assertEqual(show("ActiveState")["ActiveState"], "active")
        self.assertIn("predictions", show("StatusText")["StatusText"])
        wait_for("predictions", lambda: ask(connect(READ), "latest")["result"]["predictions"])

    def test_the_first_start_leaves_the_sockets_to_their_groups(self):
        # As after a boot: the folder is new, made by tmpfiles.d or, without it, by the socket units.
        for made in ("systemd-tmpfiles --create", "true"):
            inside(f"rm -rf /run/glimpsed; {made}")
            self.start_sockets()
            inside("systemctl start glimpsed")
            owners = [line.split()[2:] for line in identities().splitlines()]
            self.assertEqual(owners, [["root", "glimpsed", "660"], ["root", "glimpsed-admin", "660"]])
            inside("systemctl stop glimpsed.service glimpsed.socket glimpsed-control.socket")
        inside("systemd-tmpfiles --create")

    def test_it_can_make_the_socket_of_its_metrics(self):
        folder = re.search(r"--config (\S+)/glimpsed\.yaml", show("ExecStart")["ExecStart"]).group(1)
        inside(f"mkdir -p {folder}/conf.d; echo 'metrics: {{socket: {{path: /run/glimpsed/metrics.sock}}}}' > {folder}/conf.d/metrics.yaml")
        try:
            self.start_sockets()
            inside("systemctl start glimpsed")
            self.assertEqual(inside("stat -c '%U %G %a' /run/glimpsed/metrics.sock").stdout.split(), ["glimpsed", "glimpsed", "660"])
        finally:
            inside(f"rm {folder}/conf.d/metrics.yaml")

    def test_a_wrong_configuration_fails_at_once_and_is_not_tried_again(self):
        self.start_sockets()
        folder = re.search(r"--config (\S+)/glimpsed\.yaml", show("ExecStart")["ExecStart"]).group(1)
        inside(f"mkdir -p {folder}/conf.d; echo 'nonsense: 1' > {folder}/conf.d/broken.yaml")
        try:
            self.assertNotEqual(inside("systemctl start glimpsed", check=False).returncode, 0)
            state = show("ActiveState", "ExecMainStatus", "NRestarts")
            self.assertEqual((state["ActiveState"], state["ExecMainStatus"], state["NRestarts"]), ("failed", "5", "0"))
            self.assertIn("broken.yaml:1:1: unknown key 'nonsense'",
                          inside("journalctl -u glimpsed -n 20 --no-pager").stdout)
        finally:
            inside(f"rm {folder}/conf.d/broken.yaml")

    def test_a_model_that_fails_its_self_test_never_serves(self):
        self.start_sockets()
        folder = re.search(r"--config (\S+)/glimpsed\.yaml", show("ExecStart")["ExecStart"]).group(1)
        # A model beside the configuration comes before the installed one.
        inside(f"mkdir -p {folder}/models; cp $(find / -xdev -name 'digits-28x28.tflite*' -path '*/glimpsed/models/*') {folder}/models/")
        try:
            golden = f"{folder}/models/digits-28x28.tflite.golden"
            content = json.loads(inside(f"cat {golden}").stdout)
            # The last operator: what lies within a chain is not compared.
            content["operators"][-1]["outputs"][0]["sha256"][0] = "0" * 64
            subprocess.run(["nsenter", "-t", INIT, "-m", "-r", "-w", "--", "tee", golden], input=json.dumps(content), text=True,
                           stdout=subprocess.DEVNULL, check=True)
            self.assertNotEqual(inside("systemctl start glimpsed", check=False).returncode, 0)
            state = show("ActiveState", "ExecMainStatus", "NRestarts")
            self.assertEqual((state["ActiveState"], state["ExecMainStatus"], state["NRestarts"]), ("failed", "7", "0"))
            self.assertIn(f"operator {len(content['operators']) - 1}, ", inside("journalctl -u glimpsed -n 20 --no-pager").stdout)
        finally:
            inside(f"rm -r {folder}/models")

    def test_systemctl_reload_waits_for_the_verdict(self):
        self.start_sockets()
        inside("systemctl start glimpsed")
        pid = show("MainPID")["MainPID"]
        client = connect(READ)
        folder = re.search(r"--config (\S+)/glimpsed\.yaml", show("ExecStart")["ExecStart"]).group(1)
        reload = lambda text: inside(f"mkdir -p {folder}/conf.d; echo '{text}' > {folder}/conf.d/test.yaml; systemctl reload glimpsed",
                                     check=False)
        last = lambda: ask(client, "status")["result"]["reload"]["last"]
        try:
            self.assertNotEqual(reload("nonsense: 1").returncode, 0)
            self.assertFalse(last()["accepted"])
            self.assertIn("test.yaml:1:1: unknown key", last()["message"])
            # Other kernels: the trial runs in a process of its own, under everything that the unit forbids.
            done = reload("pipelines: {digits: {kernels: {use: reference}}}")
            self.assertEqual(done.returncode, 0, done.stderr + inside("journalctl -u glimpsed -n 20 --no-pager").stdout)
            self.assertEqual((last()["by"], last()["accepted"]), ("reload", True))
            self.assertEqual(show("MainPID", "ActiveState"), {"MainPID": pid, "ActiveState": "active"})
            operators = ask(client, "describe")["result"]["pipelines"]["digits"]["operators"]
            self.assertEqual({op["plugin"] for op in operators if op["plugin"]}, {"reference"})
        finally:
            inside(f"rm -f {folder}/conf.d/test.yaml")

    def test_a_daemon_that_hangs_is_restarted_by_the_watchdog(self):
        drop_in("test", "[Service]\nWatchdogSec=2\n")
        self.start_sockets()
        inside("systemctl start glimpsed")
        before = show("MainPID")["MainPID"]
        client = connect(READ)
        ask(client, "hello")
        inside(f"kill -STOP {before}")
        wait_for("restart", lambda: (now := show("MainPID", "ActiveState", "NRestarts"))["ActiveState"] == "active" and
                 now["MainPID"] not in ("0", before) and now["NRestarts"] == "1")
        self.assertEqual(ask(connect(READ), "hello")["result"]["name"], "glimpsed")

    def test_both_sockets_are_kept_across_a_restart(self):
        self.start_sockets()
        inside("systemctl start glimpsed")
        before, pid = identities(), show("MainPID")["MainPID"]
        inside("systemctl restart glimpsed")
        self.assertEqual(identities(), before)
        self.assertNotEqual(show("MainPID")["MainPID"], pid)
        # Whoever connects while no daemon runs waits for the next.
        inside(f"systemctl kill --signal=KILL glimpsed")
        clients = [connect(READ), connect(CONTROL)]
        self.assertEqual([ask(client, "hello")["result"]["socket"] for client in clients], ["read", "control"])
        self.assertEqual(identities(), before)

    def test_a_reader_may_read_and_not_control(self):
        self.start_sockets()
        inside("systemctl start glimpsed")
        self.assertIn("running", inside("setpriv --reuid=reader --regid=reader --init-groups glimpse status").stdout)
        refused = inside("setpriv --reuid=reader --regid=reader --init-groups glimpse pause", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("permission denied; only the group 'glimpsed-admin' may use it", refused.stderr)
        self.assertIn("no pipeline is paused", inside("setpriv --reuid=glimpsed --regid=glimpsed --init-groups glimpse resume").stdout)

    def test_the_journal_has_fields(self):
        self.start_sockets()
        inside("systemctl start glimpsed")
        inside("glimpse pause && glimpse resume && journalctl --flush --sync")
        lines = wait_for("journal", lambda: inside(
            "journalctl -u glimpsed -o json --no-pager MESSAGE_ID=2a96a21ded4c4faaaf7cff31fcf30588", check=False).stdout.splitlines())
        entry = json.loads(lines[-1])
        self.assertEqual((entry["PIPELINE"], entry["PRIORITY"], entry["SYSLOG_IDENTIFIER"]), ("digits", "5", "glimpsed"))

    def test_what_it_writes_is_for_nobody_else(self):
        self.start_sockets()
        inside("systemctl start glimpsed")
        pid = show("MainPID")["MainPID"]
        status = inside(f"cat /proc/{pid}/status").stdout
        self.assertIn("Umask:\t0077", status)
        self.assertRegex(status, r"NoNewPrivs:\s*1")
        self.assertRegex(status, r"CapEff:\s*0+\n")
        self.assertRegex(status, r"Seccomp:\s*2")

    def test_exposure(self):
        text = inside("systemd-analyze security glimpsed.service --no-pager", check=False).stdout
        exposure = float(re.search(r"Overall exposure level for glimpsed\.service: ([0-9.]+)", text).group(1))
        print(f"exposure {exposure}, at most {MAX_EXPOSURE} is allowed")
        self.assertLessEqual(exposure, MAX_EXPOSURE)
        self.assertEqual(inside("systemd-analyze verify --man=no glimpsed.service glimpsed.socket glimpsed-control.socket").stderr.strip(), "")


if __name__ == "__main__":
    if os.geteuid() != 0 or not INIT.isdigit():
        sys.exit("usage: systemd_test.py PID, started by tests/systemd/run as root")
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
