from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0009_mail')]

    initial = False

    operations = [
        ops.AddField(
            model_name='MailQuota',
            name='exhausted',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='MailServer',
            name='alerted',
            field=fields.CharField(default='', db_default='', max_length=20),
        ),
        ops.AddField(
            model_name='MailServer',
            name='trouble_since',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Mailbox',
            name='oauth_lease_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
