from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_campaigns_and_counting"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="is_drawn",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="member",
            name="responded_there",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="member",
            name="status_responds",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="member",
            name="status_there",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
    ]
