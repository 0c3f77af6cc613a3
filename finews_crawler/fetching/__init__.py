"""What a crawl does when a server misbehaves: wait, ask again, leave alone, and say so.

| part | what it does |
|------|--------------|
| `reasons` | The words under which pages that were not fetched are counted. |
| `refusals` | Scrapy drops what is off site, forbidden by robots.txt; here the spider is told. |
| `redirects` | Follows redirects on the hosts of the crawl, tells of all others. |
| `bodies` | Refuses bodies that are too large, cut off or not packed as they say. |
| `waiting` | How long to wait: Retry-After and backoff. |
| `hosts` | What a crawl knows of each host: until when it rests, whether it may be asked at all. |
| `pace` | Asks a host slower that has complained. |
| `gate` | Holds requests back, and watches the answers for what concerns the whole host. |
| `unasked` | Counts the pages of a host that is left alone, and keeps the first as rejects. |
| `retries` | Scrapy's retries, later each time. |
"""
