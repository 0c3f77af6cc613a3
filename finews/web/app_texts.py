"""Sentences of the server itself: what `finews serve` tells, sign-in, errors."""

from finews_crawler.language import Language

TEXTS: dict[str, dict[Language, str]] = {
    "serving_news": {
        "en": "Serving {database} at {url} until Ctrl-C.",
        "zh": "{database} 已在 {url} 提供服务，按 Ctrl-C 停止。",
    },
    "serving_with_token": {
        "en": "Readers sign in with the token; programs send it as `Authorization: Bearer`.",
        "zh": "读者凭令牌登录，程序通过 `Authorization: Bearer` 发送令牌。",
    },
    "served": {"en": "Stopped.", "zh": "已停止。"},
    "sign_in": {"en": "Sign in", "zh": "登录"},
    "sign_out": {"en": "Sign out", "zh": "退出登录"},
    "token": {"en": "Token", "zh": "访问令牌"},
    "token_help": {
        "en": "Whoever started this server knows it.",
        "zh": "令牌由启动本服务的人提供。",
    },
    "token_wrong": {"en": "This is not the token.", "zh": "令牌不正确。"},
    "to_the_stream": {"en": "To the news", "zh": "返回新闻"},
    "api_title": {"en": "HTTP API", "zh": "HTTP 接口"},
    "api_word": {"en": "word", "zh": "参数"},
    "api_meaning": {"en": "meaning", "zh": "说明"},
    "api_example": {"en": "example", "zh": "示例"},
    "api_forms": {"en": "Forms:", "zh": "格式："},
    "error_400": {"en": "The request cannot be understood", "zh": "无法理解该请求"},
    "error_401": {"en": "Sign in first", "zh": "请先登录"},
    "error_404": {"en": "There is no such page", "zh": "页面不存在"},
    "error_405": {"en": "This address cannot be asked so", "zh": "不支持该请求方法"},
    "error_406": {"en": "It cannot be had in that form", "zh": "不支持所要求的格式"},
    "error_413": {"en": "The request is too long", "zh": "请求过长"},
    "error_421": {"en": "This server does not go by that name", "zh": "本服务不使用该主机名"},
    "error_422": {"en": "The address asks for what cannot be answered", "zh": "查询条件无法理解"},
    "error_500": {"en": "The server failed; its log says why", "zh": "服务器出错，原因见其日志"},
    "error_503": {
        "en": "The database does not answer; try again",
        "zh": "数据库无响应，请稍后重试",
    },
}
