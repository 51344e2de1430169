from django.db import migrations

from casework.access import two_sides


def install(apps, schema_editor):
    """Create the triggers of ACL-06 again: they no longer ask for one territory."""
    if schema_editor.connection.alias == "default":
        two_sides.remove(schema_editor.connection)
        two_sides.install(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0006_control_by_reference"),
    ]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
