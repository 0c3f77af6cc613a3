"""Jobs: crawls that come again, defined once for cron, systemd, the scheduler and scrapyd."""
