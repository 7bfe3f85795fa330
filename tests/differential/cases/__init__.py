# SPDX-License-Identifier: Apache-2.0
"""Random single operators: shapes, options and quantization, ordinary and extreme.

One module a family. Each has a list OPERATORS of functions: a function makes one case from a random generator, and its name is the
operator's in lower case (more than one for an operator: a double underscore and a word behind it, as in `add__int16`).
"""

import importlib
import pathlib

SAMPLES = 4  # inputs a case


def all_operators():
    """The functions of every family, by name."""
    modules = sorted(p.stem for p in pathlib.Path(__file__).parent.glob("*.py") if p.stem not in ("__init__", "common"))
    makers = [make for name in modules for make in importlib.import_module(f"cases.{name}").OPERATORS]
    return sorted(makers, key=lambda make: make.__name__)
