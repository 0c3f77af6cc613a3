"""What a page says: pure functions of (bytes, url, fetched_at). No Scrapy, no network, no clock."""
