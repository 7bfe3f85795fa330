#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of this folder find what they are there to find: each is shown a small tree with one planted violation."""

import pathlib
import tempfile
import unittest

import include_direction
import tree_rules

SPDX = "// " + tree_rules.SPDX + "\n"


class Planted(unittest.TestCase):
    """A temporary tree, filled by plant()."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def includes(self):
        return include_direction.problems(self.root)

    def rules(self):
        return tree_rules.problems(self.root)


class IncludeDirection(Planted):
    def assert_refused(self, where, include, *, because):
        self.plant(where, SPDX + f"#include {include}\n")
        found = self.includes()
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{where}:2: "), found)
        self.assertIn(because, found[0])

    def test_a_tree_that_keeps_the_direction_passes(self):
        self.plant("base/a.h", SPDX + "#include <vector>\n#include <unistd.h>\n")
        self.plant("kernels/quant/q.h", SPDX + "#include <cstdint>\n")
        self.plant("kernels/conv.cc", SPDX + '#include "kernels/quant/q.h"\n#include <arm_neon.h>\n')
        self.plant("plugins/abi/glimpse/op_abi.h", SPDX + "#include <stdint.h>\n")
        self.plant("engine/run/r.cc", SPDX + '#include "base/a.h"\n#include "glimpse/op_abi.h"\n#include "kernels/quant/q.h"\n')
        self.plant("tests/engine/t.cc", SPDX + '#include <gtest/gtest.h>\n#include "engine/run/r.cc"\n')
        self.assertEqual(self.includes(), [])

    def test_the_engine_may_not_include_a_kernel(self):
        self.plant("kernels/conv.h", SPDX)
        self.assert_refused("engine/run/r.cc", '"kernels/conv.h"', because="engine/run may not include kernels")

    def test_base_may_not_include_the_engine(self):
        self.plant("engine/model/m.h", SPDX)
        self.assert_refused("base/a.cc", '"engine/model/m.h"', because="base may not include engine/model")

    def test_a_kernel_may_not_include_base(self):
        self.plant("base/a.h", SPDX)
        self.assert_refused("kernels/conv.cc", '"base/a.h"', because="kernels may not include base")

    def test_a_kernel_may_not_include_a_system_header(self):
        self.assert_refused("kernels/conv.cc", "<unistd.h>", because="standard library only")

    def test_a_relative_path_does_not_get_around_the_table(self):
        self.plant("kernels/conv.h", SPDX)
        self.assert_refused("engine/run/r.cc", '"../../kernels/conv.h"', because="engine/run may not include kernels")

    def test_the_c_header_includes_c_types_only(self):
        self.assert_refused("plugins/abi/glimpse/op_abi.h", "<string>", because="stdint.h")

    def test_a_third_party_header_stays_where_it_is_wrapped(self):
        self.assert_refused("daemon/app.cc", "<yaml-cpp/yaml.h>", because="confined to config")

    def test_an_unknown_third_party_header_is_a_decision(self):
        self.assert_refused("daemon/app.cc", "<fmt/format.h>", because="neither in the tree nor known")

    def test_only_the_plugin_host_loads_shared_objects(self):
        self.assert_refused("daemon/app.cc", "<dlfcn.h>", because="confined to engine/plugin")

    def test_nothing_includes_tests(self):
        self.plant("tests/t.h", SPDX)
        self.assert_refused("cli/main.cc", '"tests/t.h"', because="nothing includes tests/")

    def test_a_folder_outside_the_table_is_found(self):
        self.assert_refused("extra/e.cc", "<vector>", because="lies in no layer")


class TreeRules(Planted):
    def assert_one(self, part):
        found = self.rules()
        self.assertEqual(len(found), 1, found)
        self.assertIn(part, found[0])

    def test_a_clean_tree_passes(self):
        self.plant("base/a.cc", SPDX + "// See https://arxiv.org/abs/1712.05877.\n")
        self.plant("README.md", "# One\n\n[two](docs/two.md#the-second-part)\n")
        self.plant("docs/two.md", "# Two\n\n## The second part\n\n[back](../README.md)\n")
        self.assertEqual(self.rules(), [])

    def test_code_without_a_licence_line_is_found(self):
        self.plant("base/a.cc", "int x;\n")
        self.assert_one("base/a.cc:1: no 'SPDX")

    def test_a_script_without_suffix_is_code(self):
        self.plant("tools/thing", "#!/bin/sh\ntrue\n")
        self.assert_one("tools/thing:1: no 'SPDX")

    def test_a_file_that_is_too_long_is_found(self):
        self.plant("base/a.cc", SPDX + "\n" * tree_rules.MAX_CODE_LINES)
        self.assert_one("801 lines")

    def test_a_folder_of_one_machine_is_found(self):
        self.plant("docs/a.md", "Data is in /" + "home/me/data.\n")
        self.assert_one("docs/a.md:1: /" + "home/me")

    def test_an_unlisted_host_is_found(self):
        self.plant("docs/a.md", "See http:/" + "/mirror.invalid/debian.\n")
        self.assert_one("host mirror.invalid")

    def test_a_number_of_a_record_is_found(self):
        self.plant("docs/a.md", "As decided in issue" + " 12.\n")
        self.assert_one("write the reason itself")

    def test_a_link_to_nowhere_is_found(self):
        self.plant("docs/a.md", "[b](b.md)\n")
        self.assert_one("docs/a.md:1: link to b.md: no such file")

    def test_a_link_to_a_missing_heading_is_found(self):
        self.plant("docs/a.md", "# Here\n\n[b](#there)\n")
        self.assert_one("no such heading")


if __name__ == "__main__":
    unittest.main()
