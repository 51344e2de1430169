import casework.sealing.fields
from django.db import migrations, models

MODELS = ("clocksuspension", "historicalclocksuspension")


class Migration(migrations.Migration):
    """The day of the judge becomes sealed: a clear one told a suspension by the judge from one by law."""

    dependencies = [("tig", "0001_placements")]

    operations = [
        operation
        for model in MODELS
        for operation in (
            migrations.AddField(
                model_name=model,
                name="work_goes_on",
                field=models.BooleanField(default=False, verbose_name="le travail continue"),
            ),
            migrations.RemoveField(model_name=model, name="decided_on"),
            migrations.AddField(
                model_name=model,
                name="decided_on",
                field=models.BinaryField(default=b""),
                preserve_default=False,
            ),
            migrations.AlterField(
                model_name=model,
                name="decided_on",
                field=casework.sealing.fields.SealedDate(data_class="sentence", label="tig.clock_suspension.decided_on"),
            ),
        )
    ]
