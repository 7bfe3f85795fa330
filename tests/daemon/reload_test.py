# SPDX-License-Identifier: Apache-2.0
"""Reload and kernel swap as a transaction: what is refused changes nothing, what is accepted loses nothing."""

import contextlib
import json
import math
import pathlib
import shutil
import signal
import sys
import time
import unittest

import exposition
from harness import MODEL, SANITIZED, TIMEOUT, Client
from reloading import CONFIG, FPS, PLANTED, PLUGINS, STATEFUL, WRONG_ABI, Reloading, Watcher


class Refusals(unittest.TestCase):
    @contextlib.contextmanager
    def refused(self, daemon, status, *words, command=("reload",)):
        """Runs `command` on a daemon that goes on as before."""
        before = daemon.status()
        operators = daemon.operators()
        with Watcher(self, daemon) as watcher:
            watcher.take(2)
            done = daemon.glimpse(*command, meanwhile=watcher.take)
            self.assertEqual(done.returncode, status, done.stderr + daemon.read_log())
            self.assertEqual(len(done.stderr.strip().split("\n")), 1, done.stderr)
            self.assertIn("refused, the old state serves on", done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)
            watcher.until_event("reload-refused")
            watcher.take(3)
        after = daemon.status()
        self.assertEqual(after["config"], before["config"])
        self.assertEqual(after["reload"]["refused"], before["reload"]["refused"] + 1)
        self.assertFalse(after["reload"]["last"]["accepted"])
        self.assertIn(after["reload"]["last"]["message"], done.stderr)
        daemon.await_log(after["reload"]["last"]["message"])
        self.assertEqual(daemon.operators(), operators)
        yield done

    def refuse(self, daemon, status, *words, **options):
        with self.refused(daemon, status, *words, **options) as done:
            return done

    def test_each_kind_of_mistake_has_its_exit_status_and_the_old_state_serves(self):
        with Reloading() as daemon:
            daemon.start()
            good = daemon.text
            daemon.configure(good.replace("camera: shelf, model", "camera: shelf, modell: x, model"))
            self.refuse(daemon, 5, "glimpsed.yaml:8:27: ", "did you mean 'model'?")
            daemon.configure(good.replace("{model}", "nowhere.tflite"))
            self.refuse(daemon, 5, "glimpsed.yaml:8:", "nowhere.tflite")
            daemon.configure(good.replace("use: reference", "use: nosuch"))
            self.refuse(daemon, 5, "glimpsed.yaml:8:", "nosuch")
            daemon.configure(good.replace("cameras:", "cameras: # none left\nunused:"))
            self.refuse(daemon, 5, "glimpsed.yaml:6:1: ", "unused")
            daemon.config.unlink()
            self.refuse(daemon, 5, "glimpsed.yaml")
            daemon.configure(good)
            for broken in (b"", MODEL.read_bytes()[:5000], b"\xff" * 100):
                daemon.model.write_bytes(broken)
                self.refuse(daemon, 3, "m.tflite")
            shutil.copy(MODEL, daemon.model)
            daemon.plant(WRONG_ABI, "strange.so")
            self.refuse(daemon, 7, "strange.so", "ABI")
            (daemon.kernels / "strange.so").write_bytes(b"\x7fELF not really")
            self.refuse(daemon, 7, "strange.so")
            (daemon.kernels / "strange.so").unlink()
            daemon.configure(good.replace("use: reference", "use: auto"))
            (daemon.kernels / "libglimpse-ops-reference.so").rename(daemon.folder / "away.so")
            self.refuse(daemon, 4, "CONV_2D", "MAX_POOL_2D", "FULLY_CONNECTED")
            (daemon.folder / "away.so").rename(daemon.kernels / "libglimpse-ops-reference.so")
            daemon.configure(good)
            done = daemon.glimpse("reload")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("no graph and no camera had to be made anew", done.stdout)
            self.assertEqual(daemon.stop(), 0, daemon.read_log())

    def test_the_error_is_also_for_machines(self):
        with Reloading() as daemon:
            daemon.start()
            daemon.configure(daemon.text.replace("camera: shelf, model", "camera: shelf, modell: x, model"))
            with Client(daemon.control) as client:
                error = client.ask("reload")["error"]
                self.assertEqual(error["code"], -32006)
                self.assertEqual((error["data"]["kind"], error["data"]["exit_status"]), ("configuration", 5))
                self.assertEqual((error["data"]["file"], error["data"]["line"], error["data"]["column"]),
                                 (str(daemon.config), 8, 27))
            done = daemon.glimpse("reload", "--json")
            self.assertEqual((done.returncode, done.stderr), (5, ""))
            self.assertEqual(json.loads(done.stdout)["data"]["line"], 8)

    def test_a_wrong_kernel_is_refused_by_the_name_of_its_layer(self):
        with Reloading() as daemon:
            daemon.start()
            daemon.plant(PLANTED / "wrong.so")
            pools = [op["index"] for op in daemon.operators() if op["op"] == "MAX_POOL_2D"]
            words = [f"operator {pools[0]}, MAX_POOL_2D '", "test.planted.max_pool_2d", "planted.so", "the last frames"]
            self.refuse(daemon, 7, *words, command=("kernels", "set", "reference,MAX_POOL_2D=planted"))
            # Only the second of the two layers: it is the one that is named.
            words[0] = f"operator {pools[1]}, MAX_POOL_2D '"
            self.refuse(daemon, 7, *words, command=("kernels", "set", "digits", f"reference,#{pools[1]}=planted"))
            with Client(daemon.control) as client:
                data = client.ask("kernels.set", use="reference", override={"MAX_POOL_2D": "planted"})["error"]["data"]
                self.assertEqual((data["kind"], data["pipeline"], data["operator"], data["plugin"]),
                                 ("plugin", "digits", pools[0], "planted"))
                self.assertTrue(data["layer"].startswith("MAX_POOL_2D '"), data)
            # The same through the configuration.
            daemon.configure(daemon.text.replace("use: reference", "use: reference, override: {MAX_POOL_2D: planted}"))
            self.refuse(daemon, 7, "MAX_POOL_2D", "test.planted.max_pool_2d")

    def test_what_crashes_or_hangs_is_refused_while_predictions_go_on(self):
        how = {"crash": "Segmentation fault", "abort": "Abort", "prepare_crash": "Segmentation fault",
               "load_crash": "Segmentation fault", "hang": "did not come back within", "load_hang": "did not come back within"}
        where = {"crash": "test.planted.max_pool_2d", "abort": "test.planted.max_pool_2d", "hang": "test.planted.max_pool_2d",
                 "prepare_crash": "pipeline 'digits'", "load_crash": "planted.so", "load_hang": "planted.so"}
        with Reloading() as daemon:
            daemon.start()
            for fault, word in how.items():
                daemon.plant(PLANTED / f"{fault}.so")
                words = [where[fault]] if SANITIZED else [word, where[fault]]  # sanitizers have their own way to end
                self.refuse(daemon, 7, *words, command=("kernels", "set", "reference,MAX_POOL_2D=planted"))
            self.assertEqual(daemon.stop(), 0, daemon.read_log())

    def test_sockets_cannot_move_while_they_are_open(self):
        with Reloading() as daemon:
            daemon.start()
            daemon.config.write_text(daemon.config.read_text().replace("read.sock", "other.sock"))
            self.refuse(daemon, 5, "glimpsed.yaml:2:", "cannot change while the daemon runs")

    def test_metrics_cannot_change_while_they_are_published(self):
        config = CONFIG + "metrics: {textfile: {folder}/m.prom, interval: %s}\n"
        with Reloading(config % "1s") as daemon:
            daemon.start()
            daemon.configure(config % "2s")
            self.refuse(daemon, 5, "glimpsed.yaml:11:10: the section 'metrics' cannot change while the daemon runs")
            self.assertEqual(self.metric(daemon, "glimpsed_config_last_reload_successful", 0), 0)
            daemon.configure(config % "1s" + "# the same\n")
            begin = time.time()
            # Other kernels are no reading of the configuration.
            self.assertEqual(daemon.glimpse("kernels", "set", "auto").returncode, 0)
            self.assertLess(self.metric(daemon, "glimpsed_config_last_reload_success_timestamp_seconds"), begin)
            self.assertEqual(self.metric(daemon, "glimpsed_config_last_reload_successful"), 0)
            self.assertEqual(daemon.glimpse("reload").returncode, 0)
            self.assertEqual(self.metric(daemon, "glimpsed_config_last_reload_successful", 1), 1)
            self.assertGreaterEqual(self.metric(daemon, "glimpsed_config_last_reload_success_timestamp_seconds"), begin)

    def metric(self, daemon, name, wanted=None):
        """A metric of the textfile after its next writing; with `wanted` once it is that, or the last one in time."""
        path = daemon.folder / "m.prom"
        deadline = time.monotonic() + TIMEOUT
        before = path.stat().st_ino
        while True:
            while path.stat().st_ino == before and time.monotonic() < deadline:
                time.sleep(0.05)
            before = path.stat().st_ino
            value = exposition.value_of(exposition.parse(path.read_text()), name)
            if wanted is None or value == wanted or time.monotonic() >= deadline:
                return value

    def test_a_region_outside_the_picture_is_found_on_the_last_frames(self):
        with Reloading() as daemon:
            daemon.start()
            daemon.configure(daemon.text.replace("camera: shelf, model", "camera: shelf, regions: {far: [30, 0, 20, 20]}, model"))
            self.refuse(daemon, 5, "glimpsed.yaml:8:", "far")

    def test_a_golden_file_that_disagrees_is_refused_at_a_reload_and_at_the_start(self):
        with Reloading() as daemon:
            self.assertEqual(daemon.glimpse("golden", str(daemon.model), "--plugin-path", str(daemon.kernels)).returncode, 0)
            golden = pathlib.Path(f"{daemon.model}.golden")
            good = json.loads(golden.read_text())
            daemon.start()
            with daemon.client() as client:
                proved = client.result("describe")["pipelines"]["digits"]["self_test"]
                self.assertEqual((proved["golden"], proved["samples"]), (str(golden), 4))
                self.assertEqual(proved["operators"], len(daemon.operators()))
            bad = json.loads(golden.read_text())
            bad["operators"][3]["outputs"][0]["sha256"][1] = "0" * 64
            golden.write_text(json.dumps(bad))
            self.refuse(daemon, 7, "m.tflite.golden", "operator 3, ", "sample 1")
            other = dict(good, model="sha256:" + "1" * 64)
            golden.write_text(json.dumps(other))
            self.refuse(daemon, 3, "m.tflite.golden", "another model")
            golden.write_text("{")
            self.refuse(daemon, 3, "m.tflite.golden", "not JSON")
            self.assertEqual(daemon.stop(), 0)
            for text, status, word in ((json.dumps(bad), 7, "operator 3, "), (json.dumps(other), 3, "another model")):
                golden.write_text(text)
                code, _, error = daemon.run_to_end()
                self.assertEqual(code, status, error)
                self.assertIn(word, error)
                self.assertEqual(daemon.run_to_end("--check")[0], status)
            golden.write_text(json.dumps(good))
            (daemon.folder / "notify").unlink()
            daemon.start()

    def test_the_read_socket_changes_nothing(self):
        with Reloading() as daemon:
            daemon.start()
            with daemon.client() as client, Client(daemon.control) as control:
                for method in ("reload", "kernels.set"):
                    error = client.ask(method)["error"]
                    self.assertEqual((error["code"], error["data"]["reason"]), (-32601, "control socket only"))
                    self.assertNotIn(method, client.result("hello")["methods"])
                    self.assertIn(method, control.result("hello")["methods"])
                for params in ({"use": 3}, {"override": []}, {"override": {"CONV_2D": 1}}, {"pipeline": "nosuch"}, {"x": 1}):
                    self.assertEqual(control.ask("kernels.set", **params)["error"]["code"], -32602, params)
                self.assertEqual(control.ask("reload", now=True)["error"]["code"], -32602)
            self.assertEqual(daemon.status()["reload"], {"accepted": 0, "refused": 0})


class Swaps(unittest.TestCase):
    def test_other_kernels_compute_the_same_and_nobody_misses_a_frame(self):
        with Reloading() as daemon:
            daemon.plant(PLANTED / "good.so")
            daemon.start()
            predictions = daemon.status()["pipelines"]["digits"]["predictions"]
            with Watcher(self, daemon) as watcher:
                watcher.take(3)
                done = daemon.glimpse("kernels", "set", "digits", "reference,MAX_POOL_2D=planted")
                self.assertEqual(done.returncode, 0, done.stderr + daemon.read_log())
                event = watcher.until_event("reloaded")
                self.assertEqual(event["by"], "kernels.set")
                watcher.take(3)
                self.assertEqual({op["plugin"] for op in daemon.operators() if op["op"] == "MAX_POOL_2D"}, {"planted"})
                shown = daemon.glimpse("kernels")
                self.assertIn("test.planted.max_pool_2d of plugin planted", shown.stdout)
                self.assertIn("set while running", shown.stdout)
                # A reload takes what the file says, and that is the reference again.
                self.assertEqual(daemon.glimpse("reload").returncode, 0)
                self.assertEqual({op["plugin"] for op in daemon.operators()}, {"reference"})
                watcher.take(3)
            status = daemon.status()
            self.assertEqual((status["reload"]["accepted"], status["cameras"]["shelf"]["dropped"]), (2, 0))
            self.assertGreater(status["pipelines"]["digits"]["predictions"], predictions)

    def test_a_plugin_replaced_at_its_path_is_loaded_as_a_new_copy(self):
        with Reloading() as daemon:
            daemon.plant(PLANTED / "good.so")
            daemon.configure(daemon.text.replace("use: reference", "use: reference, override: {MAX_POOL_2D: planted}"))
            daemon.start()
            versions = lambda client: {p["name"]: p["version"] for p in client.result("describe")["plugins"]}
            with daemon.client() as client, Watcher(self, daemon) as watcher:
                self.assertEqual(versions(client)["planted"], "1.0")
                daemon.plant(PLANTED / "better.so")
                done = daemon.glimpse("reload", "--json")
                self.assertEqual(done.returncode, 0, done.stderr + daemon.read_log())
                self.assertEqual(json.loads(done.stdout)["graphs"], ["digits"])
                self.assertEqual(versions(client)["planted"], "2.0")
                watcher.take(3)
                # What has served before is refused like anything else once it is worse.
                daemon.plant(PLANTED / "wrong.so")
                self.assertEqual(daemon.glimpse("reload").returncode, 7)
                self.assertEqual(versions(client)["planted"], "2.0")
                watcher.take(3)

    def test_threads_that_share_an_inference_come_and_go(self):
        def workers(daemon):
            tasks = pathlib.Path(f"/proc/{daemon.process.pid}/task").glob("*/comm")
            return [path.read_text().strip() for path in tasks].count("glimpse-worker")

        with Reloading() as daemon, Watcher(self, daemon.start()) as watcher:
            scores = {}  # of each picture: they come again and again
            for _ in range(20):
                prediction = watcher.take()
                scores[prediction["frame"] % 20] = prediction["scores"]
            self.assertEqual((workers(daemon), len(scores)), (0, 20))
            for threads in (3, 2, 1):
                daemon.configure(daemon.text + f"threads: {threads}\n")
                self.assertEqual(daemon.glimpse("reload").returncode, 0, daemon.read_log())
                watcher.until_event("reloaded")
                for _ in range(20):
                    prediction = watcher.take()
                    self.assertEqual(prediction["scores"], scores[prediction["frame"] % 20])
                self.assertEqual(workers(daemon), threads - 1)

    def test_sighup_reloads_and_settings_take_effect(self):
        with Reloading() as daemon, daemon.start().client() as client:
            client.result("subscribe")
            before = client.next()
            daemon.configure(daemon.text.replace("kernels:", "decide: {margin: 1}, kernels:") + "log: {level: debug}\n")
            daemon.process.send_signal(signal.SIGHUP)
            self.assertEqual(client.next("event")["by"], "SIGHUP")
            after = client.next()
            self.assertNotEqual(after["config"], before["config"])
            self.assertEqual((after["status"], after["reason"]), ("unknown", "low-margin"))
            # A mistake is told to the journal, to subscribers and in `status`: nobody waits for a signal's answer.
            daemon.config.write_text("nonsense: 1\n")
            daemon.process.send_signal(signal.SIGHUP)
            event = client.next("event")
            self.assertEqual((event["event"], event["by"]), ("reload-refused", "SIGHUP"))
            self.assertIn("nonsense", event["message"])
            self.assertEqual(client.result("status")["reload"]["last"]["by"], "SIGHUP")
            self.assertEqual(client.next()["config"], after["config"])

    def test_counters_pauses_and_kept_frames_go_on(self):
        with Reloading() as daemon:
            daemon.start()
            with daemon.client() as reader, Client(daemon.control) as control:
                reader.result("subscribe")
                reader.next()
                self.assertEqual(control.result("pause")["paused"], ["digits"])
                time.sleep(0.3)  # the frame at work is finished
                last = control.result("why")
                frame = last["prediction"]["frame"]
                for command in (("kernels", "set", "auto"), ("reload",)):
                    done = daemon.glimpse(*command)
                    self.assertEqual(done.returncode, 0, done.stderr + daemon.read_log())
                    status = control.result("status")
                    self.assertEqual((status["state"], status["pipelines"]["digits"]["paused"]), ("paused", True))
                    self.assertEqual(control.result("why"), last)
                # Room for fewer of them: the newest stay.
                daemon.configure(daemon.text.replace("kernels:", "keep: {frames: 1}, kernels:"))
                self.assertEqual(daemon.glimpse("reload").returncode, 0)
                self.assertEqual(control.result("why")["kept"], {"first": frame, "last": frame})
                self.assertEqual(control.result("snapshot")["frame"], frame)
                # A frame that was decided by other rules is not shown as if by these.
                daemon.configure(daemon.text.replace("kernels:", "decide: {margin: 1}, kernels:"))
                self.assertEqual(daemon.glimpse("reload").returncode, 0)
                self.assertEqual(control.ask("why")["error"]["code"], -32005)
                self.assertEqual(control.result("resume")["paused"], [])
                while reader.next()["frame"] <= frame:
                    pass
                self.assertEqual(control.result("why")["decide"]["margin"], 1)

    def test_a_log_level_holds_until_the_configuration_is_read(self):
        with Reloading() as daemon:
            daemon.start()
            with Client(daemon.control) as control:
                control.result("log.level", level="debug")
                self.assertEqual(daemon.glimpse("kernels", "set", "auto").returncode, 0)
                self.assertEqual(control.result("log.level")["level"], "debug")
                self.assertEqual(daemon.glimpse("reload").returncode, 0)
                self.assertEqual(control.result("log.level")["level"], "info")
                daemon.configure(daemon.text + "log: {level: warning}\n")
                self.assertEqual(daemon.glimpse("reload").returncode, 0)
                self.assertEqual(control.result("log.level")["level"], "warning")

    def test_limits_of_the_log_take_effect(self):
        with Reloading() as daemon, daemon.start().client() as client:
            daemon.configure(daemon.text + "log: {rate_limit_burst: 1, rate_limit_interval: 24h}\n")
            self.assertEqual(daemon.glimpse("reload").returncode, 0)
            with Client(daemon.control) as control:
                for _ in range(3):
                    control.result("pause")
                    control.result("resume")
            self.assertEqual(daemon.stop(), 0)
            self.assertEqual(daemon.read_log().count("is paused"), 1, daemon.read_log())
            self.assertIn("2 messages like the last of their kind were left out", daemon.read_log())

    def test_pipelines_come_and_go_and_subscriptions_stay(self):
        with Reloading() as daemon, daemon.start().client() as all_of_them, daemon.client() as one:
            all_of_them.result("subscribe")
            one.result("subscribe", pipelines=["digits"])
            daemon.configure(daemon.text.replace("pipelines:", "pipelines:\n  more: {camera: shelf, model: {model}}"))
            self.assertEqual(daemon.glimpse("reload").returncode, 0, daemon.read_log())
            while all_of_them.next()["pipeline"] != "more":
                pass
            daemon.configure(daemon.text.replace("  digits:", "  others:"))
            self.assertEqual(daemon.glimpse("reload").returncode, 0)
            while all_of_them.next()["pipeline"] != "others":
                pass
            self.assertEqual([p["pipeline"] for p in all_of_them.result("latest")["predictions"]], ["others"])
            daemon.configure(daemon.text)
            self.assertEqual(daemon.glimpse("reload").returncode, 0)
            while one.next("event")["event"] != "reloaded":
                pass
            self.assertEqual(one.next()["pipeline"], "digits")

    def test_a_changed_camera_begins_anew_and_its_numbers_go_on(self):
        with Reloading(pictures=20) as daemon:
            daemon.start()
            with Watcher(self, daemon) as watcher:
                watcher.take(5)
                daemon.configure(daemon.text.replace(f"fps: {FPS}", "fps: 40"))
                done = daemon.glimpse("reload", "--json")
                self.assertEqual(json.loads(done.stdout)["cameras"], ["shelf"], done.stderr)
                watcher.until_event("reloaded")
                watcher.take(5)
                # A folder that is not there: the old camera goes on.
                daemon.configure(daemon.text.replace("path: pictures", "path: empty"))
                (daemon.folder / "empty").mkdir()
                self.assertEqual(daemon.glimpse("reload").returncode, 5)
                watcher.take(5)

    def test_variables_keep_their_state(self):
        config = CONFIG.replace("kernels:", "preprocess: [grey, {resize: area}], kernels:")
        with Reloading(config, model=STATEFUL) as daemon:
            daemon.plant(PLUGINS / "libglimpse-ops-example.so", "example.so")
            daemon.start()
            with daemon.client() as client:
                client.result("subscribe")
                counts = []

                def take():
                    # The model adds one to a variable at each inference; its scores are a softmax of (count, 0).
                    prediction = client.next()
                    counts.append((prediction["frame"], prediction["scores"][0]))

                for _ in range(5):
                    take()
                for kernels in ("example", "reference", "example"):
                    done = daemon.glimpse("kernels", "set", kernels)
                    self.assertEqual(done.returncode, 0, done.stderr + daemon.read_log())
                    for _ in range(3):
                        take()
                self.assertEqual([frame for frame, _ in counts], list(range(counts[0][0], counts[0][0] + len(counts))))
                # One inference for each frame, whatever kernels there were: the score only depends on the frame's number.
                for frame, score in counts:
                    self.assertAlmostEqual(score, expected_score(frame + 1), places=6, msg=str(counts))

    def test_requests_at_the_same_time_are_served_one_after_the_other(self):
        with Reloading() as daemon:
            daemon.start()
            clients = [Client(daemon.control) for _ in range(6)]
            for number, client in enumerate(clients):
                client.send(b'{"jsonrpc":"2.0","id":1,"method":"%s"}\n' % (b"reload" if number % 2 else b"kernels.set"))
            answers = [client.read_line() for client in clients]
            self.assertTrue(all("result" in answer for answer in answers), answers)
            self.assertEqual(daemon.status()["reload"]["accepted"], 6)
            for client in clients:
                client.socket.close()

    def test_it_ends_at_once_in_the_middle_of_a_trial(self):
        with Reloading() as daemon:
            daemon.start()
            daemon.plant(PLANTED / "hang.so")
            with Client(daemon.control) as client:
                client.send(b'{"jsonrpc":"2.0","id":1,"method":"kernels.set","params":{"override":{"MAX_POOL_2D":"planted"}}}\n')
                while not helpers_of(daemon.process.pid):
                    time.sleep(0.01)
                helper = helpers_of(daemon.process.pid)
                begin = time.monotonic()
                self.assertEqual(daemon.stop(), 0, daemon.read_log())
                if not SANITIZED:
                    self.assertLess(time.monotonic() - begin, 2.5)
            for pid in helper:
                self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())


def expected_score(count):
    """What the stateful model says at its inference number `count`: see tests/daemon/stateful_model.cc."""
    real = count / 512
    return 1 / (1 + math.exp(-real))


def helpers_of(pid):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.name))
    return found


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]])
