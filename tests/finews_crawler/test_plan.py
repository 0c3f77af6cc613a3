"""The plan of a category crawl: what was found, what is next, each page once."""

import pytest

from finews_crawler.extraction.listing import ListedPost
from finews_crawler.plan import Plan, Story, post_key
from finews_crawler.site import Site

SITE = "http://127.0.0.1:8000"
CODE = "202206143000000001"
FIRST = f"{SITE}/emnews/2022/06/14/{CODE}.html"
SECOND = f"{SITE}/wind/2022/06/14/NW{CODE}.html"
OTHER = f"{SITE}/wind/2022/06/14/NW202206143000000002.html"


@pytest.fixture
def plan() -> Plan:
    return Plan(Site(f"{SITE}/"))


def all_fresh(plan: Plan) -> Plan:
    """Nothing is known yet: every story is to be read."""
    plan.sift(plan.take_noted(), ())
    return plan


def drained(plan: Plan) -> list[list[str]]:
    """The addresses of the waiting stories, story by story."""
    stories = []
    all_fresh(plan)
    while plan.has_waiting:
        stories.append(list(plan.next_story().unread))
    return stories


def sampled(plan: Plan, *posts: tuple[str, str]) -> list[str]:
    found = [ListedPost(url=url, title="", heading=heading) for heading, url in posts]
    return [url for _, url in plan.samples(found)]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        pytest.param(FIRST, CODE, id="rolling news"),
        pytest.param(SECOND, CODE, id="publisher"),
        pytest.param(f"{SITE}/2022/06/15/2022-06-12-NW{CODE}.html", CODE, id="broken post"),
        pytest.param(
            f"{SITE}/sitenews/2021/12/02/notice.html", "/sitenews/2021/12/02/notice.html", id="none"
        ),
        pytest.param(
            f"{SITE}/%E7%AB%99/2021/12/02/a.html?b#c", "/站/2021/12/02/a.html", id="decoded path"
        ),
        pytest.param(f"{SITE}/{CODE}/2021/12/02/a.html", f"/{CODE}/2021/12/02/a.html", id="folder"),
    ],
)
def test_a_post_is_known_by_the_code_in_its_name_else_by_its_path(url: str, key: str) -> None:
    assert post_key(url) == key


def test_a_story_holds_each_copy_once() -> None:
    story = Story(CODE)
    for url in (FIRST, SECOND, FIRST):
        story.add(url)
    assert list(story.unread) == [FIRST, SECOND]


def test_copies_of_an_article_are_one_story(plan: Plan) -> None:
    stories = [plan.add_post(url, slug) for url, slug in ((FIRST, "emnews"), (SECOND, "Wind"))]
    assert stories[0] is stories[1]
    assert stories[0] is not None
    assert stories[0].listed_in == {"emnews", "Wind"}
    assert (len(plan), drained(plan)) == (1, [[FIRST, SECOND]])


def test_stories_come_in_the_order_in_which_they_were_found(plan: Plan) -> None:
    for url in (OTHER, FIRST, OTHER, SECOND):
        plan.add_post(url)
    assert drained(plan) == [[OTHER], [FIRST, SECOND]]


def test_the_hosts_of_the_site_are_one(plan: Plan) -> None:
    path = FIRST.removeprefix(SITE)
    for host in (SITE, "https://finews.withounder.com", "//finews.zning.me", ""):
        plan.add_post(f"{host}{path}")
    assert drained(plan) == [[FIRST]]


def test_a_post_on_another_site_is_no_story(plan: Plan) -> None:
    assert plan.add_post("https://elsewhere.test/emnews/2022/06/14/a.html") is None
    assert (len(plan), plan.has_waiting) == (0, False)


def test_a_copy_that_is_found_after_the_start_is_a_story_of_its_own(plan: Plan) -> None:
    plan.add_post(FIRST)
    started = all_fresh(plan).next_story()
    late = plan.add_post(SECOND, "Wind")
    assert late is not started
    assert (list(started.unread), drained(plan)) == ([FIRST], [[SECOND]])


def test_a_copy_that_is_found_again_after_the_start_is_not_read_again(plan: Plan) -> None:
    plan.add_post(FIRST)
    started = all_fresh(plan).next_story()
    assert plan.add_post(FIRST, "emnews") is started
    assert (started.listed_in, plan.has_waiting) == (frozenset({"emnews"}), False)


def test_two_late_copies_wait_as_one_story(plan: Plan) -> None:
    third = f"{SITE}/cailianshe/2022/06/14/NW{CODE}.html"
    plan.add_post(FIRST)
    all_fresh(plan).next_story()
    plan.add_post(SECOND)
    plan.add_post(third)
    assert drained(plan) == [[SECOND, third]]


# --- category pages ---------------------------------------------------------------------------


def test_a_category_is_asked_for_once(plan: Plan) -> None:
    assert list(plan.new_categories(["Wind", "a b", "Wind"])) == [
        ("Wind", f"{SITE}/category/Wind.html"),
        ("a b", f"{SITE}/category/a%20b.html"),
    ]
    assert [slug for slug, _ in plan.new_categories(["Wind", "TechWeb"])] == ["TechWeb"]


def test_categories_that_differ_in_case_are_two(plan: Plan) -> None:
    assert [slug for slug, _ in plan.new_categories(["TechWeb", "Techweb"])] == [
        "TechWeb",
        "Techweb",
    ]


def test_links_lead_to_categories_of_this_site_only(plan: Plan) -> None:
    links = (
        "//finews.withounder.com/category/Wind.html",
        "https://finews.zning.me/category/a%20b.html",
        "//finews.withounder.com/emnews/",
        "//finews.withounder.com/",
        "//finews.withounder.com/category/.html",
        "https://elsewhere.test/category/other.html",
    )
    assert [slug for slug, _ in plan.linked_categories(links)] == ["Wind", "a b", "emnews"]


# --- samples ----------------------------------------------------------------------------------


def test_a_group_is_a_heading_with_a_path(plan: Plan) -> None:
    third = f"{SITE}/techweb/2022/06/14/NW202206143000000003.html"
    fourth = f"{SITE}/techweb/2022/06/14/NW202206143000000004.html"
    posts = (("甲", SECOND), ("甲", OTHER), ("甲", third), ("乙", fourth))
    assert sampled(plan, *posts) == [SECOND, third, fourth]
    assert drained(plan)[1] == [OTHER]


def test_a_post_that_is_listed_twice_is_sampled_once(plan: Plan) -> None:
    assert sampled(plan, ("甲", FIRST), ("乙", FIRST)) == [FIRST]


def test_a_sampled_copy_is_taken_from_its_story(plan: Plan) -> None:
    plan.add_post(SECOND)
    assert sampled(plan, ("甲", FIRST)) == [FIRST]
    assert drained(plan) == [[SECOND]]


def test_a_story_whose_only_copy_was_sampled_still_waits(plan: Plan) -> None:
    assert sampled(plan, ("甲", FIRST)) == [FIRST]
    assert drained(plan) == [[]]


def test_no_sample_is_taken_from_another_site(plan: Plan) -> None:
    assert sampled(plan, ("甲", "https://elsewhere.test/emnews/2022/06/14/a.html")) == []


# --- what is known ----------------------------------------------------------------------------


def test_a_settled_story_does_not_wait_and_another_copy_of_it_is_a_new_story(plan: Plan) -> None:
    plan.add_post(FIRST)
    plan.add_post(OTHER)
    plan.sift(plan.take_noted(), {CODE})
    assert list(plan.next_story().unread) == [OTHER]
    assert not plan.has_more
    plan.add_post(FIRST)
    assert not plan.has_more
    plan.add_post(SECOND)
    (late,) = plan.take_noted()
    assert list(late.unread) == [SECOND]
