"""Obligations by frame and the articles that say them, the renumbering of 2029 included (CJ-30 to CJ-32)."""

from django.db import migrations

from casework.vif.offenders.data import copy_national


def forward(apps, schema_editor):
    copy_national(apps.get_model("vif_offenders", "ObligationType"))


def backward(apps, schema_editor):
    apps.get_model("vif_offenders", "ObligationType").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("vif_offenders", "0001_measures")]

    operations = [migrations.RunPython(forward, backward)]
