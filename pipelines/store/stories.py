"""Group articles that tell the same story, in the transaction that writes them.

An article joins the story of an article that it is a reprint of, or both begin one. Stories never
merge: an article that is like two of them joins the one that was there first. When a revision no
longer tells the same, the article leaves; what was known stays known (`seen_at`, `left_at`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pipelines.reprints.signature import Signature, sign
from pipelines.reprints.similarity import Reprint, Story, reprint_of
from pipelines.store import bands
from pipelines.store.articles import Written, first_seen_at
from pipelines.store.clock import Tick, tick
from pipelines.store.lookups import security_key
from pipelines.store.models import Article, ArticleRevision, Change, Mention, StoryMember
from pipelines.store.models import Story as StoryTable

PAGE = 200


@dataclass(frozen=True)
class Telling:
    """An article's newest revision, as far as it matters for stories."""

    revision_id: int
    article_id: int
    number: int
    first_seen_at: datetime
    text: str
    at: datetime
    """When it was published; when it was seen, where nobody says that."""
    symbols: frozenset[str]

    @cached_property
    def story(self) -> Story:
        """What is compared."""
        return Story.of(self.text, self.at, self.symbols)

    @property
    def age(self) -> tuple[datetime, int]:
        """What the oldest member of a story has least of."""
        return self.first_seen_at, self.article_id


Match = tuple[Telling, Reprint]


def telling_of(made: Written, now: datetime) -> Telling:
    """What a batch has written of an article."""
    article = made.revision.article
    return Telling(
        revision_id=made.change.seq,
        article_id=made.draft.id,
        number=made.change.number,
        first_seen_at=first_seen_at(made.draft, now),
        text=article.body_text,
        at=article.published_at or now,
        symbols=frozenset(
            security_key(one.symbol, one.secid) for one in article.mentions if not one.inside_word
        ),
    )


def _load(connection: Connection, ids: Collection[int]) -> list[Telling]:
    """Those of some revisions that are the newest of their articles."""
    revision = ArticleRevision
    columns = (revision.id, revision.article_id, revision.number, revision.body_text)
    times = (revision.published_at, revision.seen_at, Article.first_seen_at)
    query = select(*columns, *times).join(Article, Article.id == revision.article_id)
    query = query.where(revision.id.in_(ids), revision.superseded_at.is_(None))
    symbols = _symbols(connection, ids)
    return [
        Telling(
            revision_id=row.id,
            article_id=row.article_id,
            number=row.number,
            first_seen_at=row.first_seen_at,
            text=row.body_text,
            at=row.published_at or row.seen_at,
            symbols=frozenset(symbols.get(row.id, ())),
        )
        for row in connection.execute(query)
    ]


def _symbols(connection: Connection, ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    query = select(Mention.revision_id, Mention.symbol, Mention.secid)
    query = query.where(Mention.revision_id.in_(ids), Mention.inside_word.is_(False))
    for row in connection.execute(query):
        found.setdefault(row.revision_id, set()).add(security_key(row.symbol, row.secid))
    return found


class Grouping:
    """Joins and leaves of one transaction."""

    def __init__(self, connection: Connection, moment: Tick, articles: Collection[int]) -> None:
        self._connection = connection
        self._moment = moment
        member = StoryMember
        query = select(member.article_id, member.story_id)
        query = query.where(member.article_id.in_(articles), member.left_at.is_(None))
        self._story_of: dict[int, int] = dict(connection.execute(query).all())
        self._changes: list[dict[str, Any]] = []

    def place(self, own: Telling, matches: Sequence[Match]) -> None:
        """Put an article where its matches are; the oldest match decides."""
        own_story = self._story_of.get(own.article_id)
        by_age = sorted(matches, key=lambda match: match[0].age)
        stories = [self._story_of.get(other.article_id) for other, _ in by_age]
        if own_story is not None and own_story in stories:
            return
        if own_story is not None:
            self._leave(own.article_id, own.number, own_story)
        if by_age:
            self._join(own, by_age, next((one for one in stories if one is not None), None))

    def _join(self, own: Telling, by_age: Sequence[Match], story: int | None) -> None:
        free = [match for match in by_age if match[0].article_id not in self._story_of]
        best = max((reprint for _, reprint in by_age), key=lambda one: one.similarity)
        joining: list[Match] = sorted([*free, (own, best)], key=lambda match: match[0].age)
        begins = story is None
        number = self._begin(joining[0][0]) if story is None else story
        for telling, reprint in joining:
            is_first = begins and telling is joining[0][0]
            self._add(telling, number, None if is_first else reprint)
        if not begins:
            self._renew_first(number)

    def _begin(self, first: Telling) -> int:
        number = self._moment.next_seq()
        row = {"id": number, "first_article_id": first.article_id}
        self._connection.execute(insert(StoryTable).values(**row, first_seen_at=self._moment.at))
        return number

    def _add(self, telling: Telling, story: int, reprint: Reprint | None) -> None:
        row = {
            "story_id": story,
            "article_id": telling.article_id,
            "kind": reprint.kind if reprint else "first",
            "similarity": reprint.similarity if reprint else 1.0,
            "seen_at": self._moment.at,
        }
        self._connection.execute(insert(StoryMember).values(row))
        self._story_of[telling.article_id] = story
        self._tell(telling.article_id, telling.number)

    def _leave(self, article_id: int, number: int, story: int) -> None:
        """Let an article go; one that is left alone is no story any more."""
        member = StoryMember
        here = (member.story_id == story, member.left_at.is_(None))
        gone = update(member).where(*here, member.article_id == article_id)
        self._connection.execute(gone.values(left_at=self._moment.at))
        self._story_of.pop(article_id, None)
        self._tell(article_id, number)
        query = select(member.article_id, Article.revision)
        query = query.join(Article, Article.id == member.article_id).where(*here)
        left = self._connection.execute(query).all()
        if len(left) == 1:
            self._leave(left[0].article_id, left[0].revision, story)
        elif left:
            self._renew_first(story)

    def _renew_first(self, story: int) -> None:
        oldest = (
            select(StoryMember.article_id)
            .join(Article, Article.id == StoryMember.article_id)
            .where(StoryMember.story_id == story, StoryMember.left_at.is_(None))
            .order_by(Article.first_seen_at, Article.id)
            .limit(1)
        )
        renewed = update(StoryTable).where(StoryTable.id == story)
        self._connection.execute(renewed.values(first_article_id=oldest.scalar_subquery()))

    def _tell(self, article_id: int, number: int) -> None:
        self._changes.append(
            {
                "seq": self._moment.next_seq(),
                "article_id": article_id,
                "revision": number,
                "kind": "story",
                "committed_at": self._moment.at,
            }
        )

    def save(self) -> None:
        """Write what the change feed tells of it."""
        if self._changes:
            self._connection.execute(insert(Change), self._changes)


def _matches(own: Telling, others: Iterable[Telling]) -> list[Match]:
    found = []
    for other in others:
        if other.article_id != own.article_id:
            reprint = reprint_of(own.story, other.story)
            if reprint:
                found.append((other, reprint))
    return found


def _group(
    connection: Connection, tellings: Sequence[Telling], signed: Mapping[int, Signature], at: Tick
) -> None:
    found = bands.candidates(
        connection, {one.revision_id: signed[one.revision_id] for one in tellings}
    )
    asked = {number for numbers in found.values() for number in numbers}
    known = {one.revision_id: one for one in tellings}
    known |= {one.revision_id: one for one in _load(connection, asked - set(known))}
    grouping = Grouping(connection, at, [one.article_id for one in known.values()])
    for own in tellings:
        others = [known[number] for number in found.get(own.revision_id, ()) if number in known]
        grouping.place(own, _matches(own, others))
    grouping.save()


def write_stories(connection: Connection, written: Sequence[Written], moment: Tick) -> None:
    """Index what a batch has written, and group what is the newest of it."""
    tellings = [telling_of(one, moment.at) for one in written]
    signed = {one.revision_id: sign(one.text, one.at) for one in tellings}
    bands.add_bands(connection, list(signed.items()))
    newest = [
        telling for telling, one in zip(tellings, written, strict=True) if one.superseded_at is None
    ]
    _group(connection, newest, signed, moment)


def rebuild_stories(connection: Connection) -> None:
    """Make the index anew, and group all articles by it; what is known from now on is new."""
    bands.rebuild(connection)
    moment = tick(connection)
    before, last = moment.seq, 0
    query = select(ArticleRevision.id).where(ArticleRevision.superseded_at.is_(None))
    query = query.order_by(ArticleRevision.id).limit(PAGE)
    while ids := connection.scalars(query.where(ArticleRevision.id > last)).all():
        tellings = sorted(_load(connection, ids), key=lambda one: one.revision_id)
        signed = {one.revision_id: sign(one.text, one.at) for one in tellings}
        _group(connection, tellings, signed, moment)
        last = ids[-1]
    if moment.seq > before:
        moment.save(connection)
