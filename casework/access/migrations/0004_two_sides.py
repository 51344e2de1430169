from django.db import migrations

from casework.access import two_sides


def install(apps, schema_editor):
    """Create the triggers of ACL-06 in the main database."""
    if schema_editor.connection.alias == "default":
        two_sides.remove(schema_editor.connection)
        two_sides.install(schema_editor.connection)


def remove(apps, schema_editor):
    """Drop them."""
    if schema_editor.connection.alias == "default":
        two_sides.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("access", "0003_emergencies_duty"),
        ("partners", "0002_credentials_and_passkeys"),
    ]

    operations = [migrations.RunPython(install, remove)]
