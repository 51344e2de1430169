"""What every test shares: no network, quick password hashes, rule ids as words for `-k`."""

from __future__ import annotations

import gc
import os
import socket
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.people import People

# No test is about how long it takes: a machine under load is no fault of ours.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# The journeys need Playwright, which `make test` does not install.
collect_ignore = [] if find_spec("playwright") else ["browser"]

LOOPBACK = ("127.", "::1", "localhost")


# Modules whose tests question one thing that takes minutes to make: one worker makes it, once.
TOGETHER = frozenset({"tests/attack/test_t01_one_crawl.py"})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each test to whichever worker is free, but for those that belong together.

    A mark of xdist would say it, were it not that xdist 3.8 writes its groups where pytest 9 no longer reads them.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.split("::")[0]
            return module if module in TOGETHER else nodeid

    return Scheduling(config, log)


# What takes from ten seconds to minutes. Given out first, it leaves no worker alone at the end, nor a core at rest.
LONG = (
    "tests/attack/test_t40_walk_of_the_town.py", "tests/attack/test_r12_migrations.py",
    "tests/attack/test_t19_absent_and_refused_alike.py", "tests/attack/test_t39_exclusions.py",
    "tests/attack/test_t35_situations.py", "tests/vif/test_wall.py", "tests/vif/offenders/test_wall.py",
    "tests/consistency/test_migrated_base.py", "tests/consistency/test_queries.py",
)  # fmt: skip


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Any:
    """Let `make test k=CLV-24` choose the tests that prove a rule; then, once all is chosen and shuffled, order it."""
    for item in items:
        for marker in (*item.iter_markers("rule"), *item.iter_markers("attack")):
            item.extra_keyword_matches.update(marker.args)
            # Told in the XML of a run: `make security-report` reads which test proved what.
            item.user_properties.extend(("proves", name) for name in marker.args)
    result = yield
    from tests.databases import empties, proves_nothing_more

    spared = [item for item in items if proves_nothing_more(item)]
    if spared:
        config.hook.pytest_deselected(items=spared)
    rank = {module: place for place, module in enumerate(LONG)}
    kept = [item for item in items if item not in set(spared)]
    # What empties the base comes last, as pytest-django has it: it takes away what migrations wrote there.
    items[:] = sorted(kept, key=lambda item: (empties(item), rank.get(item.nodeid.split("::")[0], len(LONG))))
    return result


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave alone what lives as long as the run: it looked at all of it again and again.

    A sixth of the time of a worker went there while its base was made, a twentieth while its tests ran.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


@pytest.fixture(autouse=True, scope="session")
def _locks_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give each worker its own lock files: their databases in memory have one name, and one would wait for another."""
    from django.conf import settings

    shared, settings.VAR_DIR = settings.VAR_DIR, tmp_path_factory.mktemp("var")
    yield
    settings.VAR_DIR = shared


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse any connection that leaves this machine."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError("a test tried to reach the network")
        connect(self, address)

    socket.socket.connect = refuse  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def _bases_at_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Start from a base migrated already, by another worker or run; where there is none, make it the quick way."""
    from scripts.quick_migrate import quickly
    from tests.ready import shared

    together = tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else None
    with quickly(), shared(together):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep SQLite in memory, unless the run asks for files; make the keystore's one table without its migrations.

    Playing every migration of the project on a base that keeps one table of them doubles what a worker waits for.
    """
    from django.db import connections

    from tests.databases import IN_FILES, put_in_files

    connections["keystore"].settings_dict["TEST"]["MIGRATE"] = False
    if IN_FILES:
        put_in_files(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def django_db_setup(_bases_at_hand: None, django_db_setup: None, django_db_blocker: Any) -> None:
    """Note in the keystore the migrations that it was spared: backups compare them."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("migrate", database="keystore", fake=True, verbosity=0)


@pytest.fixture(autouse=True, scope="session")
def _quick_argon2() -> None:
    """Keep Argon2 as the algorithm, at the smallest cost: tests sign in hundreds of times."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(autouse=True)
def _provider_of_its_own() -> Iterator[None]:
    """Let no test inherit the key-encryption epochs that another one destroyed."""
    yield
    from casework.sealing import providers

    providers._made.clear()


@pytest.fixture(autouse=True, scope="session")
def _journal_can_be_emptied() -> Iterator[None]:
    """Tests that commit empty the tables afterwards; the triggers of the journal refuse it to everybody else."""
    from tests.audit.flush import flush_allowed

    with flush_allowed():
        yield


@pytest.fixture(autouse=True)
def _fresh_keys() -> None:
    """Forget the keys of the previous test, rolled back with its rows, and whether its disk was full."""
    from casework.audit import standing
    from casework.sealing import keys

    keys.forget()
    standing.forget()


@pytest.fixture(scope="session")
def _witnesses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Name one folder after another; `tmp_path` would read the names of all those before, and make it at once."""
    folder = tmp_path_factory.mktemp("witnesses")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_witness(settings: Any, _witnesses: Iterator[Path]) -> None:
    """Give each test a witness of its own for the signed checkpoints."""
    settings.AUDIT_WITNESS_DIR = next(_witnesses)


@pytest.fixture
def people(db: None) -> People:
    """The cast of tests/people.py, one mandate per role, in a fresh database."""
    from tests.people import build

    return build()


@pytest.fixture
def at_noon() -> Iterator[None]:
    """Start at noon: months later, the hour before midnight would fall on the next day where the clock changed."""
    import time_machine
    from django.utils import timezone

    with time_machine.travel(timezone.localtime().replace(hour=12, minute=0), tick=True):
        yield
