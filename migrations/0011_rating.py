from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0010_closed_at')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Ticket',
            name='rated_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Ticket',
            name='rated_positive',
            field=fields.BooleanField(null=True),
        ),
        ops.AddField(
            model_name='Ticket',
            name='rating_comment',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
    ]
