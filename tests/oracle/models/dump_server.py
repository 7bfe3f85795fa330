#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/litert_dump.py for many models in one process, which spares loading the runtime for each.

Reads lines of JSON from standard input, the arguments of one run of the tool, and answers each with a line
{"code": exit status, "text": what it printed on standard error}. A runtime that ends its process ends this one.
"""

import contextlib
import io
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))
import litert_dump  # noqa: E402  (needs the path above)


def main():
    # Runtimes print on the descriptors 1 and 2 themselves.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for line in sys.stdin:
        sys.argv = ["litert_dump.py", *json.loads(line)]
        text = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(text):
            try:
                code = litert_dump.main()
            except SystemExit as ended:
                code = ended.code or 0
            except Exception as error:  # a model that the tool stumbles over must not end the others' turn
                code = 1
                print(f"{type(error).__name__}: {error}", file=text)
        answers.write(json.dumps({"code": code, "text": text.getvalue().strip()}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
