from tortoise import migrations
from tortoise.migrations import operations as ops
from models.enums import NotificationKind
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0005_lock_asked')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Notification',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('operator', fields.ForeignKeyField('models.Operator', source_field='operator_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharEnumField(description='NEW_TICKET: NEW_TICKET\nASSIGNED: ASSIGNED\nMENTIONED: MENTIONED\nCONTACT_REPLIED: CONTACT_REPLIED\nSLA_BREACHED: SLA_BREACHED', enum_type=NotificationKind, max_length=30)),
                ('ticket', fields.ForeignKeyField('models.Ticket', source_field='ticket_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('entry_number', fields.IntField()),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('read_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'notification', 'app': 'models', 'unique_together': (('ticket', 'entry_number', 'operator'),), 'indexes': [Index(fields=['operator_id', 'id']), Index(fields=['operator_id', 'read_at']), Index(fields=['created_at'])], 'pk_attr': 'id', 'table_description': 'One thing one operator is told of, one at most for each entry of a timeline.'},
            bases=['Model'],
        ),
    ]
