"""What similar names and words without accents are found with.

Both extensions are trusted: the role that owns the database may make them. They come with PostgreSQL's own
contrib package (`postgresql-contrib` on Debian), and with the wheel of the newcomer's server.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent",
            # What other migrations built on them goes with its own reversal; dropping them is the owner's affair.
            migrations.RunSQL.noop,
        )
    ]
