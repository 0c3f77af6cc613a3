"""Only what differs from Scrapy's defaults, each with its reason."""

import os

from scrapy.settings import default_settings

from finews_crawler.options import option_values

BOT_NAME = "finews"
SPIDER_MODULES = ["finews_crawler.spiders"]
NEWSPIDER_MODULE = "finews_crawler.spiders"
# `scrapy crawl` with checked arguments, a database check before the first request and an exit code
# that cron can trust.
COMMANDS_MODULE = "finews_crawler.commands"
FINEWS_PREFLIGHT = [
    "pipelines.monitors.preflight",
    "pipelines.notify.preflight",
    "pipelines.store.stage.preflight",
]
# Told of every end, also of a crawl that could not be started; the quick one first.
FINEWS_AFTER_RUN = ["pipelines.metrics.after_run", "pipelines.notify.after_run"]

# --- politeness: on for every host, eased for loopback only ------------------------------------
# The site owner can see who asks and whom to write to.
USER_AGENT = "finews/0.1 (news database for research; obeys robots.txt; see the project README)"
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 2
DOWNLOAD_DELAY = 0.5
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
# Our own machine needs no politeness: see finews_crawler.loopback.
DOWNLOAD_SLOTS = {
    "loopback": {"concurrency": 16, "delay": 0, "jitter": 0},
    # All hosts of Eastmoney together, which blocks after some ten fast calls.
    "eastmoney": {"concurrency": 1, "delay": 1.0, "jitter": 0},
}
DOWNLOADER_MIDDLEWARES = {
    "finews_crawler.loopback.LoopbackMiddleware": 50,
    "finews_crawler.origin_requests.GentleMiddleware": 51,
    # In the places of Scrapy's own: what these drop, the spider is told (finews_crawler.fetching).
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "finews_crawler.fetching.refusals.ToldOffsite": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "finews_crawler.fetching.refusals.ToldRobots": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "finews_crawler.fetching.retries.BackoffRetry": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "finews_crawler.fetching.bodies.WholeBodies": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "finews_crawler.fetching.redirects.ToldRedirects": 600,
    # The first to see an answer that Scrapy has counted (850), and the last before a request goes.
    "finews_crawler.fetching.gate.HostGate": 840,
}
# Behind the gate: a request may have stood in its slot's queue when its host asked for a pause.
DOWNLOAD_HANDLERS = {
    "http": "finews_crawler.fetching.gate.GatedHandler",
    "https": "finews_crawler.fetching.gate.GatedHandler",
}
# What arrived of a body that was cut off is kept with its reject: finews_crawler.fetching.bodies.
DOWNLOAD_FAIL_ON_DATALOSS = False
# One more than Scrapy's two: with pauses of 2, 4 and 8 seconds a server has time to come back.
RETRY_TIMES = 3
# Of all that is a server's own fault, some 5xx pass that Scrapy does not know (520 to 530).
RETRY_HTTP_CODES = [408, 425, 429, *range(500, 600)]
# The site does not redirect; more than a move to HTTPS and a canonical address is a circle.
REDIRECT_MAX_TIMES = 5

# --- what a crawl of this site does not need ---------------------------------------------------
# The site redirects by script only; looking for a meta refresh costs a search through every page.
METAREFRESH_ENABLED = False
# Spiders make every URL by rule and ask for each once: depth, length and referrer say nothing.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
}

# --- stages -----------------------------------------------------------------------------------
ITEM_PIPELINES = {
    "pipelines.validate.ValidatePipeline": 100,
    "pipelines.normalise.stage.NormalisePipeline": 200,
    "pipelines.dedupe.DedupePipeline": 300,
    "pipelines.store.stage.StorePipeline": 400,
}
# Scrapy makes this many tasks for every response (scrapy#5182); a page here gives a few items.
CONCURRENT_ITEMS = 4

# What earlier crawls have learned, so that only what is new is asked for.
FINEWS_MEMORY = "pipelines.store.memory.CrawlMemory"

# --- exports ----------------------------------------------------------------------------------
FEED_EXPORT_ENCODING = "utf-8"
# A crawl that found no article leaves no file that looks like a good one.
FEED_STORE_EMPTY = False
# The promised names, in their order; what an Article holds beyond them is for the store.
FEED_EXPORT_FIELDS = [
    "code",
    "title",
    "published_at",
    "published_precision",
    "published_quality",
    "source",
    "source_raw",
    "digest",
    "body_text",
    "body_html",
    "body_kind",
    "categories",
    "tags",
    "mentions",
    "images",
    "url",
    "share_url",
    "origin_url",
    "fetched_at",
    "extractor",
]

# --- logging ----------------------------------------------------------------------------------
# One line for every request is for debugging: -s LOG_LEVEL=DEBUG.
LOG_LEVEL = "INFO"
# Spiders tell of every page that failed, in one line; Scrapy's own second line is left for DEBUG.
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
EXTENSIONS = {
    "finews_crawler.logformat.QuietLogs": 0,
    "finews_crawler.garbage.RareCollections": 0,
    "finews_crawler.measures.MeasuresExtension": 0,
    # Only where FINEWS_LOG_FORMAT asks for it.
    "finews_crawler.json_logs.JsonLogs": 0,
    # Tells that a job or a worker reads the same site.
    "finews.jobs.by_hand.ByHand": 0,
    "finews.progress.ProgressExtension": 500,
}

# --- safety -----------------------------------------------------------------------------------
# Both open a port through which code can be run.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
# The site sets no cookies that matter; a session must not leak from one host to another.
COOKIES_ENABLED = False
# A page of the site has some 10 to 200 kB.
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_WARNSIZE = 8 * 1024 * 1024
DOWNLOAD_TIMEOUT = 60
# Items are long; the line for a dropped one would print the whole article.
LOG_FORMATTER = "finews_crawler.logformat.ShortLogFormatter"

# Scrapy imports what is switched off, too, also when EXTENSIONS says None. These bring aiohttp, a
# terminal and the list of all public suffixes: 12 MB.
_NEVER_USED = {
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    "scrapy.extensions.remote_control.RemoteControl",
    "scrapy.extensions.telnet.TelnetConsole",
}
EXTENSIONS_BASE = {
    path: place
    for path, place in default_settings.EXTENSIONS_BASE.items()
    if path not in _NEVER_USED
}
DOWNLOADER_MIDDLEWARES_BASE = {
    path: place
    for path, place in default_settings.DOWNLOADER_MIDDLEWARES_BASE.items()
    if path not in _NEVER_USED
}

globals().update(option_values(os.environ))
