# SPDX-License-Identifier: Apache-2.0
"""The Python client against a real daemon: both kinds, restarts, slow readers, types."""

import asyncio
import pathlib
import shutil
import subprocess
import sys
import threading
import time
import unittest

import glimpsed
from harness import SOURCE, TIMEOUT, Daemon

FAST = """
cameras: {shelf: {source: files, path: pictures, fps: 1000}}
pipelines: {digits: {camera: shelf, model: {model}}}
sockets: {read: {path: {folder}/read.sock, group: ""}, control: {path: {folder}/control.sock, group: ""}, max_queue_messages: 4}
"""


def client_of(daemon, **options):
    # Longer than anything takes on a busy machine under a sanitizer, unless the time is what is tested.
    return glimpsed.Client(daemon.read, daemon.control, **{"timeout": TIMEOUT, **options})


def restart(daemon):
    daemon.process.kill()
    daemon.process.wait()
    (daemon.folder / "notify").unlink()
    daemon.start()


class Blocking(unittest.TestCase):
    def test_every_method(self):
        with Daemon() as daemon:
            daemon.start()
            with client_of(daemon) as client:
                first = next(iter(client.watch()))
                self.assertEqual((first.pipeline, first.region, first.dropped), ("digits", "", 0))
                self.assertEqual(first.raw["label"], first.label)
                self.assertEqual(client.hello("a test")["name"], "glimpsed")
                self.assertEqual(client.status()["state"], "running")
                self.assertEqual(list(client.describe(["digits"])["pipelines"]), ["digits"])
                self.assertEqual(len(client.latest()), 1)
                self.assertEqual(client.latest([]), [])
                image = (SOURCE / "tests" / "data" / "digits" / "0001_7.png").read_bytes()
                self.assertEqual(client.classify(image).label, "7")
                self.assertIsNone(client.classify(tensor=bytes(784)).frame)
                # While it is paused a frame that is kept stays so, however slow this test is.
                self.assertEqual(client.pause(), ["digits"])
                why = client.why()
                self.assertEqual(why.input.shape, (1, 28, 28, 1))
                self.assertEqual(client.why(frame=why.prediction.frame).prediction, why.prediction)
                self.assertEqual(client.snapshot().width, 40)
                self.assertEqual(client.resume(["digits"]), [])
                self.assertEqual(client.trigger(), ["digits"])
                self.assertEqual(client.log_level("notice"), "notice")
                self.assertEqual(client.log_level(), "notice")
                self.assertEqual(client.kernels_set(use="reference")["graphs"], ["digits"])
                self.assertEqual(client.describe()["pipelines"]["digits"]["kernels"], {"use": "reference", "override": {}, "set": True})
                with self.assertRaises(glimpsed.RpcError) as refused:
                    client.kernels_set("digits", override={"CONV_2D": "no such plugin"})
                self.assertEqual((refused.exception.code, refused.exception.data["kind"]), (-32006, "configuration"))
                self.assertEqual(client.reload()["cameras"], [])

    def test_errors(self):
        with Daemon() as daemon:
            client = client_of(daemon)
            with self.assertRaises(glimpsed.ConnectionLost):
                client.status()
            with self.assertRaises(glimpsed.ConnectionLost):
                next(iter(client.watch()))
            daemon.start()
            with self.assertRaises(glimpsed.RpcError) as caught:
                client.latest(["nope"])
            self.assertEqual(caught.exception.code, -32602)
            with self.assertRaises(ValueError):
                client.classify()
            with self.assertRaises(glimpsed.RpcError) as caught:
                for _ in range(1000):
                    client.classify(tensor=bytes(784))
            self.assertGreater(caught.exception.retry_after_s, 0)
            self.assertEqual(client.status()["state"], "running")
            client.close()

    def test_a_daemon_that_hangs_is_a_timeout(self):
        with Daemon() as daemon:
            daemon.start()
            with client_of(daemon, timeout=0.3) as client:
                client.hello()
                daemon.process.send_signal(19)  # SIGSTOP
                with self.assertRaises(TimeoutError):
                    client.hello()
                daemon.process.send_signal(18)
            with client_of(daemon) as client:
                client.hello()

    def test_requests_and_streams_outlive_a_restart(self):
        with Daemon() as daemon:
            daemon.start()
            with client_of(daemon) as client:
                client.hello()
                predictions = client.watch()
                self.assertFalse(next(predictions).reconnected)
                restart(daemon)
                self.assertEqual(client.status()["state"], "running")
                while not (prediction := next(predictions)).reconnected:
                    pass
                self.assertFalse(next(predictions).reconnected)
                predictions.close()
                self.assertLessEqual(prediction.frame, 5000)

    def test_without_reconnect_the_end_is_an_error(self):
        with Daemon() as daemon:
            daemon.start()
            client = client_of(daemon)
            messages = client.messages(reconnect=False)
            next(messages)
            stopper = threading.Thread(target=daemon.stop)
            stopper.start()
            events = []
            with self.assertRaises(glimpsed.ConnectionLost):
                for message in messages:
                    if isinstance(message, glimpsed.Event):
                        events.append(message.event)
            stopper.join()
            self.assertEqual(events, ["stopping"])

    def test_a_slow_reader_is_told_what_it_missed(self):
        with Daemon(FAST) as daemon:
            daemon.start()
            with client_of(daemon) as client:
                last, missed = None, 0
                deadline = time.monotonic() + TIMEOUT
                for prediction in client.watch():
                    if last is not None:
                        self.assertEqual(prediction.frame - last - 1, prediction.dropped)
                    last = prediction.frame
                    missed += prediction.dropped
                    if missed:
                        break
                    self.assertLess(time.monotonic(), deadline)
                    if last % 50 == 0:
                        time.sleep(1.5)

    def test_threads_may_share_a_client(self):
        with Daemon() as daemon:
            daemon.start()
            with client_of(daemon) as client:
                results = []
                threads = [threading.Thread(target=lambda: results.extend(client.status()["state"] for _ in range(20)))
                           for _ in range(8)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual(results, ["running"] * 160)


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_every_method_and_many_at_once(self):
        with Daemon() as daemon:
            daemon.start()
            async with glimpsed.AsyncClient(daemon.read, daemon.control, timeout=TIMEOUT) as client:
                async for prediction in client.watch():
                    self.assertEqual(prediction.pipeline, "digits")
                    break
                states = await asyncio.gather(*(client.status() for _ in range(20)))
                self.assertEqual({state["state"] for state in states}, {"running"})
                self.assertEqual((await client.hello())["name"], "glimpsed")
                self.assertEqual(list((await client.describe())["pipelines"]), ["digits"])
                self.assertEqual(len(await client.latest()), 1)
                self.assertEqual(len((await client.classify(tensor=bytes(784))).scores), 10)
                self.assertEqual((await client.why()).output.shape, (1, 10))
                self.assertEqual((await client.snapshot()).height, 48)
                self.assertEqual(await client.pause(["digits"]), ["digits"])
                self.assertEqual(await client.resume(), [])
                self.assertEqual(await client.trigger(["digits"]), ["digits"])
                self.assertEqual(await client.log_level("notice"), "notice")
                self.assertEqual((await client.kernels_set("digits", "reference"))["graphs"], ["digits"])
                self.assertEqual((await client.reload())["cameras"], [])
                with self.assertRaises(glimpsed.RpcError):
                    await client.latest(["nope"])

    async def test_a_cancelled_request_confuses_no_later_one(self):
        with Daemon() as daemon:
            daemon.start()
            async with glimpsed.AsyncClient(daemon.read, daemon.control, timeout=TIMEOUT) as client:
                for _ in range(20):
                    task = asyncio.create_task(client.describe())
                    await asyncio.sleep(0)
                    task.cancel()
                    with self.assertRaises(asyncio.CancelledError):
                        await task
                    self.assertEqual((await client.hello())["name"], "glimpsed")

    async def test_streams_outlive_a_restart(self):
        with Daemon() as daemon:
            daemon.start()
            async with glimpsed.AsyncClient(daemon.read, timeout=TIMEOUT) as client:
                predictions = client.watch()
                self.assertFalse((await anext(predictions)).reconnected)
                await asyncio.to_thread(restart, daemon)
                while not (await anext(predictions)).reconnected:
                    pass
                await predictions.aclose()

    async def test_without_a_daemon_there_is_an_error_at_once(self):
        client = glimpsed.AsyncClient("/nonexistent/socket")
        with self.assertRaises(glimpsed.ConnectionLost):
            await client.status()
        with self.assertRaises(glimpsed.ConnectionLost):
            await anext(client.watch())


class Package(unittest.TestCase):
    @unittest.skipUnless(shutil.which("mypy"), "needs mypy")
    def test_types(self):
        done = subprocess.run(["mypy", "--strict", "--cache-dir", "/dev/null", str(SOURCE / "python" / "src" / "glimpsed")],
                              capture_output=True, text=True, timeout=10 * TIMEOUT, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_it_needs_the_standard_library_alone(self):
        names = set()
        for path in pathlib.Path(glimpsed.__file__).parent.glob("*.py"):
            for line in path.read_text().splitlines():
                words = line.split()
                if words[:1] in (["import"], ["from"]) and not words[1].startswith("."):
                    names.add(words[1].split(".")[0])
        self.assertLessEqual(names, sys.stdlib_module_names)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
