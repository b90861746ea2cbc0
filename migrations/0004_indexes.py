"""Indexes for who opened a ticket, and for what merging and deleting looks for."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0003_administration')]

    initial = False

    operations = [
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
