from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0012_machines_and_turns')]

    initial = False

    operations = [
        ops.AddField(
            model_name='MailFolder',
            name='account',
            field=fields.CharField(default='', db_default='', max_length=520),
        ),
        ops.AddField(
            model_name='MailFolder',
            name='began_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='MailFolder',
            name='generation',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='MailFolder',
            name='losses',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='MailFolder',
            name='lost_uid',
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='MailServer',
            name='configured_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
