from django.db import migrations

from casework.placements.hosts.actions.legal import copy_national


def copy(apps, schema_editor):
    copy_national(apps.get_model("hosts", "LegalReference"))


class Migration(migrations.Migration):
    dependencies = [("hosts", "0001_hosts_and_posts")]
    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
