"""`finews demo` and `finews sample-site`: the bundled sample site."""

import sys
from itertools import count
from time import sleep

import click
from rich.console import Console

from finews.command_line import clear_errors
from finews.demo import run_demo
from finews.messages import text
from finews.sample_site.server import sample_site_root, serving


@click.command()
@clear_errors
def demo() -> None:
    """Crawl the bundled sample site into the database. 抓取内置示例站点。"""
    sys.exit(run_demo(Console()))


@click.command("sample-site")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free port.")
@click.option("--old", is_flag=True, help="The site's older layout.")
@clear_errors
def sample_site(port: int, old: bool) -> None:
    """Serve the bundled sample site. 启动内置示例站点。"""
    root = sample_site_root(old=old)
    try:
        with serving(root, port=port) as url:
            click.echo(text("serving_until", root=root, url=url))
            click.echo(f"  finews crawl category --site {url} -O articles.jsonl")
            for _ in count():
                sleep(3600)
    except KeyboardInterrupt:
        return
