# SPDX-License-Identifier: Apache-2.0
"""How the unit ends, once everything else was done with it."""

import re

from camera_tests import usb
from client import check, serve, sh, unit


def test_the_unit_ends_in_order_and_the_journal_has_no_surprise(host, note):
    serve(usb())
    if host.plugged:
        host.camera("unplug")
    sh("systemctl stop glimpsed")
    facts = unit("Result", "ExecMainStatus")
    check(facts == {"Result": "success", "ExecMainStatus": "0"}, facts)
    journal = sh("journalctl -u glimpsed -o cat --no-pager")
    surprises = re.findall(r".*(?:Segmentation|terminate called|ASSERT|FATAL|core dumped|pure virtual).*", journal)
    check(not surprises, surprises)
    note(f"{len(journal.splitlines())} lines of journal")
