from tortoise import migrations
from tortoise.migrations import operations as ops
from models.enums import DraftKind
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0003_administration')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SpentDraft',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('operator', fields.ForeignKeyField('models.Operator', source_field='operator_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('ticket', fields.ForeignKeyField('models.Ticket', source_field='ticket_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharEnumField(description='REPLY: REPLY\nNOTE: NOTE', enum_type=DraftKind, max_length=10)),
                ('revision', fields.IntField()),
            ],
            options={'table': 'spent_draft', 'app': 'models', 'unique_together': (('operator', 'ticket', 'kind'),), 'pk_attr': 'id', 'table_description': 'How far a text had come when it was sent or thrown away: the next goes on from there.'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='Contact',
            index=Index(fields=['merged_into_id']),
        ),
        ops.AddIndex(
            model_name='Document',
            index=Index(fields=['contact_id']),
        ),
        ops.AddIndex(
            model_name='DocumentAccess',
            index=Index(fields=['caller']),
        ),
        ops.AddIndex(
            model_name='EventRecord',
            index=Index(fields=['caller']),
        ),
        ops.AddIndex(
            model_name='Session',
            index=Index(fields=['contact_id']),
        ),
        ops.AddIndex(
            model_name='Session',
            index=Index(fields=['operator_id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['creator_id', 'updated_at', 'id']),
        ),
        ops.AddIndex(
            model_name='Ticket',
            index=Index(fields=['chosen_category_id']),
        ),
        ops.AddIndex(
            model_name='TimelineEntry',
            index=Index(fields=['contact_id']),
        ),
    ]
