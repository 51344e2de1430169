"""Where somebody asks from: X-Forwarded-For is believed behind our own proxies only (T-18, PWD-02)."""

from __future__ import annotations

import sys

import pytest

from casework.access.attach import client_address
from casework.desk.traces import SilentReporter


@pytest.mark.parametrize(
    ("trusted", "remote", "header", "address"),
    [
        ([], "203.0.113.7", "", "203.0.113.7"),
        ([], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.5"], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.5"], "10.0.0.5", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.5"], "10.0.0.5", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (["10.0.0.5", "10.0.1.0/24"], "10.0.0.5", "1.1.1.1, 198.51.100.1, 10.0.1.9", "198.51.100.1"),
        (["10.0.0.5"], "10.0.0.5", "", "10.0.0.5"),
        (["10.0.0.5"], "10.0.0.5", "<script>", "<script>"),
        (["::1"], "::1", "2001:db8::7", "2001:db8::7"),
    ],
)
@pytest.mark.rule("PWD-02")
def test_who_speaks(settings, trusted, remote, header, address):
    settings.TRUSTED_PROXIES = trusted
    meta = {"REMOTE_ADDR": remote} | ({"HTTP_X_FORWARDED_FOR": header} if header else {})
    assert client_address(meta) == address


def test_a_fault_is_told_without_its_words():
    secret = "Yanis Belkacem"
    try:
        raise ValueError(secret)
    except ValueError:
        reporter = SilentReporter(None, *sys.exc_info())
    for told in (reporter.get_traceback_text(), reporter.get_traceback_html(), str(reporter.get_traceback_data())):
        assert secret not in told
        assert "secret" not in told
    assert "ValueError tests/access/test_client_address.py" in reporter.get_traceback_text()
