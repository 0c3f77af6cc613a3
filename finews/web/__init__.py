"""Pages to read the news and to watch the crawl, and the HTTP API: `finews serve`.

Needs the extra `finews[web]`; nothing outside this package imports it before it is asked for.
"""
