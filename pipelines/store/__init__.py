"""The only stage with side effects: models, engine, writes, queries, migrations."""
