"""Let tests that commit empty the tables afterwards: the journal refuses it to everybody else.

Content types and permissions stay: they say the names of models, and nine tenths of an emptying went to write them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from casework.audit import triggers

KEPT = frozenset({"django_content_type", "auth_permission"})


@contextmanager
def flush_allowed() -> Iterator[None]:
    """Take the triggers away while Django empties the test database, and only then."""
    original = BaseDatabaseOperations.execute_sql_flush

    def execute(self: BaseDatabaseOperations, sql_list: list[str]) -> Any:
        if self.connection.vendor == "postgresql" and _emptied_by_rows(self.connection, sql_list):
            return None
        journal = self.connection.alias == DEFAULT_DB_ALIAS and any(triggers.HEAD in sql for sql in sql_list)
        if journal:
            triggers.remove(self.connection)
        try:
            return original(self, sql_list)
        finally:
            if journal:
                triggers.install(self.connection)

    with (
        mock.patch.object(BaseDatabaseOperations, "execute_sql_flush", execute),
        mock.patch.object(flush, "sql_flush", _of_all_others),
        mock.patch.object(flush, "emit_post_migrate_signal", _forget_strangers),
    ):
        yield


def _of_all_others(style: Any, connection: Any, **options: Any) -> list[str]:
    """Return what Django would run to empty the base, for all tables but those that stay."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    found: list[str] = connection.ops.sql_flush(style, [name for name in tables if name not in KEPT], **options)
    return found


def _forget_strangers(verbosity: int, interactive: bool, alias: str) -> None:
    """Delete the content types that a test wrote: those of no application of ours."""
    if alias == DEFAULT_DB_ALIAS:
        labels = {model._meta.app_label for model in apps.get_models()}
        ContentType.objects.exclude(app_label__in=labels)._raw_delete(alias)


def _emptied_by_rows(connection: Any, sql_list: list[str]) -> bool:
    """Delete from the few tables that hold a row; TRUNCATE makes new files for each of two hundred.

    Say whether it was done: whoever is not superuser keeps Django's way, and so do sequences that start again.
    """
    if len(sql_list) != 1 or "RESTART" in sql_list[0]:
        return False
    tables = re.findall(r'"([^"]+)"', sql_list[0])
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone()[0] != "on":
            return False
        cursor.execute(filled)
        names = [name for (name,) in cursor.fetchall()]
        # Neither the keys nor the triggers of the journal look, until the end of this transaction.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in names:
            cursor.execute(f'DELETE FROM "{name}"')
    return True
