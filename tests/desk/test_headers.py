"""Every answer carries the protective headers (T-51); signing out empties the browser (T-52)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from casework.desk.middleware import SecurityHeadersMiddleware, content_policy
from tests.people import client_for

pytestmark = pytest.mark.django_db(databases="__all__")

EXPECTED = {
    "Content-Security-Policy": content_policy(),
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


@pytest.mark.attack("T-51")
@pytest.mark.parametrize(
    "path",
    ["/", "/mon-travail/", "/mon-travail/echeances.ics", "/aide/", "/confidentialite/", "/healthz", "/nulle-part/"],
)
def test_every_answer_carries_the_headers(people, path):
    for client in (Client(), client_for(people.pjj)):
        answer = client.get(path)
        assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
        assert "geolocation=()" in answer.headers["Permissions-Policy"]


@pytest.mark.attack("T-51")
def test_the_policy_lets_nothing_inline_nor_from_elsewhere():
    policy = content_policy()
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    for word in ("unsafe", "http:", "https:", "*", "blob:"):
        assert word not in policy


@pytest.mark.attack("T-51")
def test_even_a_fault_carries_the_headers(people, monkeypatch):
    monkeypatch.setattr("casework.desk.reads.my_work", lambda *args: 1 / 0)
    client = client_for(people.pjj)
    client.raise_request_exception = False
    answer = client.get("/mon-travail/")
    assert answer.status_code == 500
    assert answer.headers["Content-Security-Policy"] == content_policy()


def pass_through(method: str, view_name: str) -> HttpResponse:
    request = RequestFactory().generic(method, "/")
    request.resolver_match = SimpleNamespace(view_name=view_name)
    return SecurityHeadersMiddleware(lambda _: HttpResponse())(request)


@pytest.mark.attack("T-52")
def test_signing_out_empties_the_browser():
    assert pass_through("POST", "partners:sign_out").headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in pass_through("GET", "partners:sign_out").headers
    assert "Clear-Site-Data" not in pass_through("POST", "desk:hide_names").headers


def test_each_request_has_its_own_reference():
    seen = set()

    def answer(request):
        seen.add(request.request_id)
        return HttpResponse()

    middleware = SecurityHeadersMiddleware(answer)
    middleware(RequestFactory().get("/", headers={"X-Request-Id": "chosen"}))
    middleware(RequestFactory().get("/"))
    assert len(seen) == 2
    assert "chosen" not in seen
