"""Crawls spread over processes and machines: units of work in a queue on PostgreSQL.

The queue is procrastinate's, an extra (`finews[workers]`): what the rest of finews imports from
here (`commands`, `texts`, `units`, `splitting`, `policy`, `settings`) does without it.
"""
