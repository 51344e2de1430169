"""The day of a forbidden contact is of both sides: it is sealed with the call (ADR 0064). No version had kept any.

On the way back the day of the call stands for it.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models.functions import TruncDate

TABLES = ("prosecutornotice", "historicalprosecutornotice")


def call_day(apps: Any, editor: Any) -> None:
    """Give each row the day of its call."""
    for table in TABLES:
        apps.get_model("vif_victims", table)._base_manager.update(happened_on=TruncDate("called_at"))


class Migration(migrations.Migration):
    dependencies = [
        ('vif_victims', '0001_supports'),
    ]

    operations = [
        *(migrations.AlterField(table, "happened_on", models.DateField("contact le", null=True)) for table in TABLES),
        migrations.RunPython(migrations.RunPython.noop, call_day),
        *(migrations.RemoveField(table, "happened_on") for table in TABLES),
        migrations.AlterField(
            model_name='appointment',
            name='kind',
            field=models.CharField(choices=[('office', 'au bureau'), ('phone', 'par téléphone'), ('video', 'en visio'), ('outside', 'à l’extérieur')], max_length=10, verbose_name='forme'),
        ),
        migrations.AlterField(
            model_name='historicalappointment',
            name='kind',
            field=models.CharField(choices=[('office', 'au bureau'), ('phone', 'par téléphone'), ('video', 'en visio'), ('outside', 'à l’extérieur')], max_length=10, verbose_name='forme'),
        ),
    ]
