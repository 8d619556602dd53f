"""What took long starts in the slow lane next time, and so does what looks like it."""

import pytest

from lungkg.engines.habits import Habits, shape_of

SLOW = "SELECT (COUNT(*) AS ?n) {{ <http://a.org/{0}> ?p '{0}' . ?s ?q {0} }}"


def after(*went: tuple[str, bool]) -> Habits:
    """Give habits that have seen these texts, each with whether it was slow."""
    habits = Habits()
    for text, slow in went:
        habits.learn(text, hash(text), slow=slow)
    return habits


def test_a_query_is_trusted_until_it_was_slow() -> None:
    """Nothing is known at first; a text that took long is known from then on."""
    text = SLOW.format(1)

    assert not Habits().is_slow(text, hash(text))
    assert after((text, True)).is_slow(text, hash(text))


def test_a_query_that_was_quick_again_is_trusted_again() -> None:
    """A text is as it went the last time."""
    text = SLOW.format(1)

    assert not after((text, True), (text, False)).is_slow(text, hash(text))


@pytest.mark.parametrize(
    ("went", "expected"),
    [
        pytest.param([True], False, id="once"),
        pytest.param([True, True], False, id="twice"),
        pytest.param([True, True, True], True, id="three-times"),
        pytest.param([True, True, True, False], False, id="and-then-quick"),
        pytest.param([True, True, False, True], False, id="not-in-a-row"),
    ],
)
def test_a_shape_is_slow_after_three_in_a_row(went: list[bool], expected: bool) -> None:
    """Other texts of the same shape stand for a new one; one that was quick clears the shape."""
    habits = after(*((SLOW.format(number), slow) for number, slow in enumerate(went)))
    text = SLOW.format(99)

    assert expected == habits.is_slow(text, hash(text))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("ASK { <a:b> ?p ?o }", "ASK { <c:d> ?p ?o }", True, id="iris"),
        pytest.param("ASK { ?s ?p 'a' }", "ASK { ?s ?p 'b c' }", True, id="strings"),
        pytest.param('ASK { ?s ?p "a\\"" }', 'ASK { ?s ?p "" }', True, id="strings-with-escapes"),
        pytest.param("SELECT * { } LIMIT 5", "SELECT * { } LIMIT 60", True, id="numbers"),
        pytest.param("ASK { ?s ?p ?o }", "ASK { ?s ?p ?q }", False, id="variables"),
        pytest.param("ASK { ?s a:b ?o }", "ASK { ?s a:c ?o }", False, id="prefixed-names"),
        pytest.param("ASK { ?s1 ?p ?o }", "ASK { ?s2 ?p ?o }", False, id="numbers-within-names"),
    ],
)
def test_a_shape_is_a_text_without_its_values(one: str, other: str, same: bool) -> None:
    """IRIs, strings and numbers make no other shape; everything else does."""
    assert same == (shape_of(one) == shape_of(other))


def test_a_long_text_is_looked_at_in_part() -> None:
    """A million characters take no time."""
    assert shape_of("ASK {} #" + "a" * 1_000_000) == shape_of("ASK {} #" + "a" * 999_999)
