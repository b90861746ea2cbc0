from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0009_mail')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Desk',
            name='notices_before_digest',
            field=fields.IntField(default=5, db_default=5),
        ),
        ops.AddField(
            model_name='OutboundMail',
            name='doubts',
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
