"""Group articles that tell the same story, in the transaction that writes them.

An article joins the story of an article that it is a reprint of, or both begin one. Stories never
merge: an article that is like members of two joins the story of the oldest of them. When a revision
is no longer like any other member, the article leaves, and so does who was in the story through it
alone; what was known stays known (`seen_at`, `left_at`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, ScalarSelect, select, update

from pipelines.reprints.signature import Signature, sign
from pipelines.reprints.similarity import Reprint, Story, reprint_of
from pipelines.store import bands
from pipelines.store.articles import Row, Written, first_seen_at, insert_rows
from pipelines.store.clock import Tick, tick
from pipelines.store.lookups import security_key
from pipelines.store.models import Article, ArticleRevision, Change, Mention, StoryMember
from pipelines.store.models import Story as StoryTable
from pipelines.store.remaking import pages

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
    """When it was published; when it was first seen, where nobody says that."""
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
        at=article.published_at or first_seen_at(made.draft, now),
        symbols=frozenset(
            security_key(one.symbol, one.secid) for one in article.mentions if not one.inside_word
        ),
    )


def _tells_otherwise(made: Written) -> bool:
    """Whether a revision can change what its article is a reprint of."""
    changed = made.revision.changed
    return made.change.number == 1 or not {"body_text", "published_at", "mentions"}.isdisjoint(
        changed
    )


def _load(connection: Connection, condition: ColumnElement[bool]) -> list[Telling]:
    """The newest revisions of the articles that meet a condition."""
    revision = ArticleRevision
    columns = (revision.id, revision.article_id, revision.number, revision.body_text)
    query = select(*columns, revision.published_at, Article.first_seen_at)
    query = query.join(Article, Article.id == revision.article_id)
    rows = connection.execute(query.where(condition, revision.superseded_at.is_(None))).all()
    symbols = _symbols(connection, [row.id for row in rows])
    return [
        Telling(
            revision_id=row.id,
            article_id=row.article_id,
            number=row.number,
            first_seen_at=row.first_seen_at,
            text=row.body_text,
            at=row.published_at or row.first_seen_at,
            symbols=frozenset(symbols.get(row.id, ())),
        )
        for row in rows
    ]


def _symbols(connection: Connection, ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    query = select(Mention.revision_id, Mention.symbol, Mention.secid)
    query = query.where(Mention.revision_id.in_(ids), Mention.inside_word.is_(False))
    for row in connection.execute(query):
        found.setdefault(row.revision_id, set()).add(security_key(row.symbol, row.secid))
    return found


class Grouping:
    """Joins and leaves of one transaction, written together: a batch may bring many reprints."""

    def __init__(self, connection: Connection, moment: Tick, articles: Collection[int]) -> None:
        self._connection = connection
        self._moment = moment
        member = StoryMember
        query = select(member.article_id, member.story_id)
        query = query.where(member.article_id.in_(articles), member.left_at.is_(None))
        self._story_of: dict[int, int] = dict(connection.execute(query).all())
        self._begun: list[Row] = []
        self._joined: list[Row] = []
        self._grown: set[int] = set()
        """Stories whose oldest member may be another one now."""
        self._changes: list[Row] = []

    def place(self, own: Telling, matches: Sequence[Match]) -> None:
        """Put an article where its matches are; the oldest match decides."""
        own_story = self._story_of.get(own.article_id)
        by_age = sorted(matches, key=lambda match: match[0].age)
        stories = [self._story_of.get(other.article_id) for other, _ in by_age]
        if own_story is not None:
            # The index finds most reprints; who is a member already is compared with the others.
            if own_story in stories or _matches(own, self._members(own_story)):
                return
            self._leave(own, own_story)
        if by_age:
            # Who was in the story through this article alone has left it, too.
            stories = [self._story_of.get(other.article_id) for other, _ in by_age]
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
            self._grown.add(number)

    def _begin(self, first: Telling) -> int:
        number = self._moment.next_seq()
        row = {"id": number, "first_article_id": first.article_id}
        self._begun.append({**row, "first_seen_at": self._moment.at})
        return number

    def _add(self, telling: Telling, story: int, reprint: Reprint | None) -> None:
        row = {
            "story_id": story,
            "article_id": telling.article_id,
            "kind": reprint.kind if reprint else "first",
            "similarity": reprint.similarity if reprint else 1.0,
            "seen_at": self._moment.at,
        }
        self._joined.append(row)
        self._story_of[telling.article_id] = story
        self._tell(telling.article_id, telling.number)

    def _members(self, story: int) -> list[Telling]:
        self._write_joins()
        here = (StoryMember.story_id == story, StoryMember.left_at.is_(None))
        members = select(StoryMember.article_id).where(*here)
        return _load(self._connection, ArticleRevision.article_id.in_(members))

    def _leave(self, own: Telling, story: int) -> None:
        """Let an article go, and then whom no other member is like."""
        self._write_joins()
        member = StoryMember
        gone = update(member).where(
            member.story_id == story,
            member.article_id == own.article_id,
            member.left_at.is_(None),
        )
        self._connection.execute(gone.values(left_at=self._moment.at))
        self._story_of.pop(own.article_id, None)
        self._tell(own.article_id, own.number)
        left = sorted(self._members(story), key=lambda one: one.age)
        lonely = next((one for one in left if not _matches(one, left)), None)
        if lonely is not None:
            self._leave(lonely, story)
        elif left:
            self._grown.add(story)

    def _write_joins(self) -> None:
        """Bring the tables up to date: what was noted until now can be read there."""
        insert_rows(self._connection, StoryTable, self._begun)
        insert_rows(self._connection, StoryMember, self._joined)
        if self._grown:
            renewed = update(StoryTable).where(StoryTable.id.in_(self._grown))
            self._connection.execute(renewed.values(first_article_id=_oldest_member()))
        self._begun, self._joined, self._grown = [], [], set()

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
        """Write it, and what the change feed tells of it."""
        self._write_joins()
        insert_rows(self._connection, Change, self._changes)


def _oldest_member() -> ScalarSelect[int]:
    """Of the story of a row, who was there before all others."""
    oldest = (
        select(StoryMember.article_id)
        .join(Article, Article.id == StoryMember.article_id)
        .where(StoryMember.story_id == StoryTable.id, StoryMember.left_at.is_(None))
        .order_by(Article.first_seen_at, Article.id)
        .limit(1)
    )
    return oldest.correlate(StoryTable).scalar_subquery()


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
    if not tellings:
        return
    # An article's own revisions come among the candidates, too.
    limit = bands.LIMIT + max(one.number for one in tellings)
    wanted = {one.article_id: signed[one.revision_id] for one in tellings}
    found = bands.candidates(connection, wanted, limit)
    article_of = _articles(connection, {number for numbers in found.values() for number in numbers})
    known = _load(connection, ArticleRevision.article_id.in_(set(article_of.values())))
    by_article = {one.article_id: one for one in known}
    grouping = Grouping(connection, at, [*by_article, *wanted])
    for own in tellings:
        articles = dict.fromkeys(map(article_of.get, found[own.article_id]))
        others = [by_article[number] for number in articles if number in by_article]
        grouping.place(own, _matches(own, others))
    grouping.save()


def _articles(connection: Connection, revisions: Collection[int]) -> dict[int, int]:
    """The articles of revisions."""
    table = ArticleRevision
    query = select(table.id, table.article_id).where(table.id.in_(revisions))
    return dict(connection.execute(query).all())


def write_stories(connection: Connection, written: Sequence[Written], moment: Tick) -> None:
    """Index what a batch has written, and group what is the newest of it."""
    articles = {made.draft.id for made in written if _tells_otherwise(made)}
    newest = [
        telling_of(made, moment.at)
        for made in written
        if made.superseded_at is None and made.draft.id in articles
    ]
    signed = {one.revision_id: sign(one.text, one.at) for one in newest}
    bands.add_bands(connection, list(signed.items()))
    _group(connection, newest, signed, moment)


def rebuild_stories(connection: Connection) -> None:
    """Make the index anew, and group all articles by it; what is known from now on is new."""
    bands.rebuild(connection)
    moment = tick(connection)
    before = moment.seq
    query = select(ArticleRevision.id).where(ArticleRevision.superseded_at.is_(None))
    for rows in pages(connection, query, PAGE, "story"):
        found = _load(connection, ArticleRevision.id.in_([row.id for row in rows]))
        tellings = sorted(found, key=lambda one: one.revision_id)
        signed = {one.revision_id: sign(one.text, one.at) for one in tellings}
        _group(connection, tellings, signed, moment)
    if moment.seq > before:
        moment.save(connection)
