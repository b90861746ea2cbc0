from tortoise import migrations
from tortoise.migrations import operations as ops
from models.desk import first_languages
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0002_words_by_bytes')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ContactGroup',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=200)),
            ],
            options={'table': 'contact_group', 'app': 'models', 'pk_attr': 'id', 'table_description': 'A set of contacts the desk treats alike, a contact being in one at most.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Contact',
            name='contact_group',
            field=fields.ForeignKeyField('models.ContactGroup', source_field='contact_group_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.SET_NULL),
        ),
        ops.AddField(
            model_name='Contact',
            name='merged_into',
            field=fields.ForeignKeyField('models.Contact', source_field='merged_into_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Department',
            name='aliases',
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Department',
            name='default_contact_group',
            field=fields.ForeignKeyField('models.ContactGroup', source_field='default_contact_group_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.SET_NULL),
        ),
        ops.AddField(
            model_name='Department',
            name='default_language',
            field=fields.CharField(default='', db_default='', max_length=10),
        ),
        ops.AddField(
            model_name='Department',
            name='notify_members',
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name='Department',
            name='personal_signatures',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Department',
            name='signature',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.AddField(
            model_name='Department',
            name='survey',
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name='Desk',
            name='forbidden_types',
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Desk',
            name='languages',
            field=fields.JSONField(default=first_languages, db_default=SqlDefault('\'["en", "it", "ru"]\''), encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Desk',
            name='magic_link_days',
            field=fields.IntField(default=30, db_default=30),
        ),
        ops.AddField(
            model_name='Desk',
            name='survey',
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name='EventRecord',
            name='subject',
            field=fields.CharField(null=True, db_index=True, max_length=40),
        ),
        ops.AddField(
            model_name='Operator',
            name='muted_email',
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Operator',
            name='muted_in_app',
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name='Operator',
            name='signature',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.AddField(
            model_name='OperatorGroup',
            name='default_department',
            field=fields.ForeignKeyField('models.Department', source_field='default_department_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.SET_NULL),
        ),
        ops.AlterModelOptions(
            name='Session',
            options={'table': 'session', 'app': 'models', 'pk_attr': 'id', 'table_description': 'A signed-in operator or contact, or an API token: of the token only the hash is kept.'},
        ),
        ops.AddField(
            model_name='Session',
            name='name',
            field=fields.CharField(default='', db_default='', max_length=200),
        ),
        ops.AddField(
            model_name='Session',
            name='scopes',
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
