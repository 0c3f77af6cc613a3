"""Runs the migrations on the connection that `pipelines.store.engine.upgrade` gives."""

from alembic import context

from pipelines.store.models import Base
from pipelines.store.views import create_views, drop_views

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
drop_views(connection)
with context.begin_transaction():
    context.run_migrations()
head = context.get_context().script
if head and context.get_context().get_current_revision() == head.get_current_head():
    create_views(connection)
