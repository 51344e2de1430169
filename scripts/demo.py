"""`make demo`: build the fictitious town once, then serve it; `--reload` serves it for a developer.

Everything lives in `var/demo` and goes away with it. The town is built again when the tables changed, or when it
is older than a week: its meetings are dated relative to the day it was built.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "demo"
STAMP = VAR / "built"
FRESH_SECONDS = 7 * 24 * 3600
TICK_SECONDS = 60


def environment() -> dict[str, str]:
    """Return the settings of the demo; HOST, PORT and DEMO_HOSTS come from outside."""
    host, port = os.environ.get("HOST", "localhost"), os.environ.get("PORT", "8000")
    return os.environ | {
        "CASEWORK_MODE": "demo",
        "CASEWORK_VAR": str(VAR),
        "BASE_URL": os.environ.get("BASE_URL", f"http://{host}:{port}"),
        "PYTHONUNBUFFERED": "1",
    }


def run(*words: str) -> None:
    """Run Python with the settings of the demo, silent unless it fails. Raises CalledProcessError."""
    subprocess.run([sys.executable, *words], cwd=ROOT, env=environment(), check=True, stdout=subprocess.DEVNULL)


def fingerprint() -> str:
    """Return what the tables and the town look like: a digest of migrations and of the demo's own code."""
    digest = hashlib.sha256()
    paths = [*ROOT.glob("casework/**/migrations/*.py"), *ROOT.glob("casework/desk/**/*demo*/**/*.py")]
    paths += ROOT.glob("casework/desk/management/commands/demo_town.py")
    for path in sorted(set(paths)):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def is_built() -> bool:
    """True when the town can be served as it is."""
    if not STAMP.exists() or STAMP.read_text().strip() != fingerprint():
        return False
    return time.time() - STAMP.stat().st_mtime < FRESH_SECONDS


def build() -> None:
    """Build databases, keys and the town from nothing; an older town is kept aside."""
    before = VAR.with_name("demo-before")
    if STAMP.exists():
        shutil.rmtree(before, ignore_errors=True)
        VAR.rename(before)
        print("La ville précédente est gardée dans var/demo-before.")
    elif VAR.exists():
        shutil.rmtree(VAR)
    VAR.mkdir(mode=0o700, parents=True)
    print("Construction de la ville fictive (une minute ou deux)…", flush=True)
    for database in ("default", "keystore"):
        run("-m", "scripts.quick_migrate", "--verbosity", "0", "--database", database)
    run("manage.py", "keys_init")
    run("manage.py", "demo_town", "--seed", os.environ.get("SEED", "1"))
    STAMP.write_text(fingerprint())


def port_is_free(host: str, port: int) -> bool:
    """True when a server may listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def server(host: str, port: int, *, reload: bool) -> list[str]:
    """Return the command that serves the demo."""
    if reload:
        return [sys.executable, "manage.py", "runserver", f"{host}:{port}"]
    return [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{host}:{port}", "--workers", "2",
        "--timeout", "60", "--log-level", "warning",
    ]  # fmt: skip


def start_django() -> None:
    """Load the demo's settings in this process."""
    import django

    os.environ.update(environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    sys.path.insert(0, str(ROOT))
    django.setup()


def accounts() -> None:
    """Print who may be entered, and what for."""
    start_django()
    from django.utils import timezone

    from casework.access.accounts import demo

    print("\nUn bouton par compte sur la page de connexion :")
    for group in demo.entrances(timezone.now()):
        print(f"\n  {group.title}")
        for entrance in group.entrances:
            print(f"    {entrance.service:34.34} {entrance.who}. {entrance.purpose}")


def tick() -> None:
    """Run what cron runs on a real server, every minute, in one child process."""
    start_django()
    from django.core.management import call_command, get_commands
    from django.db import close_old_connections

    while True:
        time.sleep(TICK_SECONDS)
        if os.getppid() == 1:
            return
        for name in ("daily", "outbox_send", "audit_checkpoint"):
            if name in get_commands():
                call_command(name, verbosity=0, stdout=io.StringIO())
        close_old_connections()


def main() -> int:
    """Build if needed, serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reload", action="store_true", help="reload when the code changes")
    parser.add_argument("--build-only", action="store_true", help="build the town, do not serve it")
    parser.add_argument("--accounts", action="store_true", help="print the accounts")
    parser.add_argument("--tick", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tick or options.accounts:
        accounts() if options.accounts else tick()
        return 0

    name = os.environ.get("HOST", "localhost")
    host, port = "127.0.0.1" if name == "localhost" else name, int(os.environ.get("PORT", "8000"))
    if not options.build_only and not port_is_free(host, port):
        print(f"Le port {port} est déjà pris : make demo PORT={port + 1}", file=sys.stderr)
        return 1
    try:
        if not is_built():
            build()
        subprocess.run([sys.executable, "-m", "scripts.demo", "--accounts"], cwd=ROOT, env=environment(), check=True)
    except subprocess.CalledProcessError as failure:
        return failure.returncode or 1
    if options.build_only:
        return 0

    print(f"\n  http://{name}:{port}/   (Ctrl+C pour arrêter)\n", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    module = [sys.executable, "-m", "scripts.demo", "--tick"]
    children = [
        subprocess.Popen(command, cwd=ROOT, env=environment())
        for command in (server(host, port, reload=options.reload), module)
    ]
    try:
        return children[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(10)


if __name__ == "__main__":
    sys.exit(main())
