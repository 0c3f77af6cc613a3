"""RawArticle -> Article: pure functions under one thin stage."""
