"""A signed robot of DingTalk (加签) gets the signature that its documents ask for."""

import hmac
from base64 import b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk

from pipelines.notify.sending import Message, Post
from pipelines.notify.targets import read_targets
from tests.receivers import webhook

SECRET = "SEC0123456789abcdef"


def wanted(timestamp: str) -> str:
    """HMAC-SHA256 of timestamp, new line and secret, keyed with the secret, in base64."""
    text = f"{timestamp}\n{SECRET}".encode()
    return b64encode(hmac.new(SECRET.encode(), text, sha256).digest()).decode()


def test_a_signature_is_coded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    (target,), _ = read_targets(f"dingtalk://{SECRET}@0123456789abcdef/")
    with webhook() as hook:
        address = f"http://127.0.0.1:{hook.port}/robot/send?access_token={{token}}"
        monkeypatch.setattr(NotifyDingTalk, "notify_url", address)
        assert Post().send([target], Message("finews", "一行", "info")) == 1
    (asked,) = (parse_qs(urlsplit(path).query) for path in hook.paths)
    assert asked["sign"] == [wanted(asked["timestamp"][0])]
    assert hook.posted[0]["text"]["content"] == "finews\r\n一行"
    assert (target.shown, SECRET in repr(target.shown)) == ("dingtalk://…", False)
