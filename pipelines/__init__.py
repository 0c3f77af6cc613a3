"""Floor 2: make it clean, keep it.

The stages, in the order in which `finews_crawler.settings.ITEM_PIPELINES` names them:

| order | stage | takes | gives |
|------:|-------|-------|-------|
| 100 | `pipelines.validate.ValidatePipeline` | RawArticle | RawArticle, or a Reject |
| 200 | `pipelines.normalise.stage.NormalisePipeline` | RawArticle | Article |
| 300 | `pipelines.dedupe.DedupePipeline` | Article | Article, or a LateCopy |
| 400 | `pipelines.store.stage.StorePipeline` | Article, LateCopy, Listing, Reject | Article |

Listings and rejects pass through to the store, which keeps them and ends their way.
"""
