"""Reviews an ontology: every check, the reasoner with reasons, and the profiles of OWL 2, in one report."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import pyoxigraph as ox

from lungkg.errors import SystemProblem
from lungkg.ontology_checks.axioms import Axioms
from lungkg.ontology_checks.catalogue import Check, checks
from lungkg.ontology_checks.clashes import Clashes
from lungkg.ontology_checks.direct import breaches_of_dl
from lungkg.ontology_checks.facts import Statements, impossible
from lungkg.ontology_checks.justify import Explainer, Justification
from lungkg.ontology_checks.profiles import NOT_CHECKED, Breach, breaches
from lungkg.ontology_checks.reading import Source
from lungkg.ontology_checks.run import ask_checks, chosen
from lungkg.ontology_checks.words import STANDARD_PREFIXES, Words
from lungkg.reasoning import SECONDS, Hermit, Verdict, missing
from lungkg.report import Finding, Mend, Report
from lungkg.validation.terms import Converter
from lungkg.waivers import Waivers, settled

MOST_EXPLAINED: Final = 20
"""No more classes are explained in one review; the others are named."""

_REASONED: Final = ("unsatisfiable_class", "inconsistent_ontology")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be: in words, each with its place, and as Turtle.

    `about` is the IRI of a class, or "" for the ontology as a whole.
    """

    about: str
    sentences: tuple[str, ...]
    turtle: str
    minimal: bool = True
    title: str = ""
    """What cannot be, as a sentence."""


@dataclass(slots=True)
class CheckReport(Report):
    """A report of checks that are no shapes."""

    @property
    def conforms(self) -> bool:
        """Whether there is no violation that is not waived."""
        return not self.counts()["Violation"]


@dataclass(slots=True)
class Review:
    """What a review found.

    `profiles` has, for DL, EL, QL and RL, the constructs that keep the ontology out and how often each is
    used; `verdict` is HermiT's, None where it gave none; the notes of the report say why.
    """

    report: Report
    reasons: list[Reason] = field(default_factory=list)
    profiles: dict[str, dict[str, int]] = field(default_factory=dict)
    verdict: Verdict | None = None
    ran: tuple[str, ...] = ()

    def remarks(self) -> list[str]:
        """Say what else was found: the verdict, the profiles, and the reasons as Turtle."""
        found = [
            f"{reason.title} The axioms, as Turtle:\n\n{reason.turtle}" for reason in self.reasons if reason.turtle
        ]
        if self.verdict is not None and self.verdict.consistent and not self.verdict.unsatisfiable:
            found.append(f"HermiT: consistent; all {self.verdict.classes} classes can have members.")
        for name, constructs in self.profiles.items():
            used = ", ".join(f"{construct} ({count})" for construct, count in constructs.items())
            found.append(f"OWL 2 {name}: {f'no, because of {used}' if used else 'yes'}.")
        return [*found, f"Of the profiles is not checked: {NOT_CHECKED}."] if self.profiles else found


def review(
    source: Source,
    day: str,
    *,
    waivers: Waivers | None = None,
    only: Collection[str] = (),
    profile: str = "",
    seconds: float = SECONDS,
) -> Review:
    """Review an ontology on a day (ISO 8601), which decides about waivers.

    `only` names the checks to run, all unless given; `profile` is one of EL, QL and RL that the ontology has to
    be in. HermiT is given so many seconds, none when that is 0.
    """
    ran = [name for name, check in checks().items() if name in only or (not only and not check.off)]
    if not profile:
        ran = [name for name in ran if name != "owl2_profile"]
    made = Review(CheckReport(), ran=tuple(ran))
    axioms = Axioms(source.triples)
    teller = Teller(axioms, source)
    found = list(ask_checks(source, chosen(only)))
    found += _held_to_profiles(made, axioms, teller, profile)
    if set(_REASONED) & set(ran):
        found += _reasoned(made, axioms, teller, seconds, lambda: axioms.triples)
    found = [finding for finding in found if finding.check in ran]
    made.report.add(settled(found, waivers or Waivers(), day, ran))
    return made


class Teller:
    """Says axioms of a source in words, with their places, and as Turtle."""

    def __init__(self, axioms: Axioms, source: Source | None, prefixes: dict[str, str] | None = None) -> None:
        self.words = Words(axioms, prefixes if prefixes is not None else source.prefixes if source else None)
        self._source = source
        self._prefixes = prefixes if prefixes is not None else source.prefixes if source else {}

    def reason(self, about: str, found: Justification) -> Reason:
        """Write a justification."""
        sentences = []
        for axiom in found.axioms:
            others = {name for other in found.axioms if other is not axiom for name in other.names}
            place = self._source.place(*axiom.triples[0]) if self._source and axiom.triples else None
            sentences.append(self.words.axiom(axiom, found.between or others) + (f" ({place})" if place else ""))
        return Reason(about, tuple(sentences), self.turtle(found) if sentences else "", found.minimal)

    def turtle(self, found: Justification) -> str:
        """Write the axioms of a justification as Turtle."""
        graph = Converter().graph(triple for axiom in found.axioms for triple in axiom.triples)
        for prefix, namespace in {**STANDARD_PREFIXES, **self._prefixes}.items():
            graph.bind(prefix, namespace)
        return str(graph.serialize(format="turtle")).strip() + "\n"

    def finding(self, check: Check, message: str, about: str = "", causes: Iterable[str] = ()) -> Finding:
        """Make a finding about a term, or about the ontology as a whole."""
        node = ox.NamedNode(about) if about else None
        place = self._source.place(node) if self._source else None
        focus = str(node) if node else ""
        line, width = self._source.line(place) if self._source else ("", 1)
        return Finding(
            check.severity,
            check.name,
            message,
            focus,
            place=place,
            title=f"{check.name}: {check.wants}",
            link=check.link,
            line=line,
            width=width,
            mend=Mend(check.mend),
            causes=tuple(causes),
        )


def _held_to_profiles(made: Review, axioms: Axioms, teller: Teller, profile: str) -> Iterator[Finding]:
    """Note what keeps the ontology out of each profile; yields findings for DL and for the one that is asked for."""
    direct = breaches_of_dl(axioms)
    found = {"DL": direct, **{name: [*direct, *mine] for name, mine in breaches(axioms).items()}}
    made.profiles = {name: dict(Counter(breach.construct for breach in mine)) for name, mine in found.items()}
    for name, mine in (("owl2_dl", direct), ("owl2_profile", found[profile][len(direct) :] if profile else [])):
        for breach in mine:
            yield _breach(checks()[name], breach, teller, profile)


def _breach(check: Check, breach: Breach, teller: Teller, profile: str) -> Finding:
    first = breach.axiom.parts[0] if breach.axiom.parts else None
    about = first.value if isinstance(first, ox.NamedNode) else ""
    said = "" if breach.axiom.kind == "Declaration" else f": {teller.words.axiom(breach.axiom)}"
    where = f" ({teller.words.short(about)})" if about else ""
    message = check.message.format(construct=breach.construct, profile=profile) + where + said
    return teller.finding(check, message, about)


def reason_about(axioms: Axioms, teller: Teller, seconds: float, statements: Statements) -> Review:
    """Ask whether an ontology and its data are consistent and every class can have members, and explain.

    HermiT is given the triples of `axioms`. Plain clashes are looked for in `statements` too, which can be
    more than HermiT could take.
    """
    made = Review(CheckReport(), ran=_REASONED)
    made.report.add(list(_reasoned(made, axioms, teller, seconds, statements)))
    return made


def _reasoned(
    made: Review, axioms: Axioms, teller: Teller, seconds: float, statements: Statements
) -> Iterator[Finding]:
    """Ask HermiT, where it can run, and explain what it finds; without it, look for plain clashes."""
    clashes = Clashes(axioms)
    contradictions = impossible(clashes, statements)
    for clash in contradictions:
        reason = teller.reason("", Justification(clash.axioms, clash.between))
        yield _told(made, teller, "inconsistent_ontology", reason)
    hermit = _hermit(made, axioms, seconds)
    if hermit is None or made.verdict is None:
        suspects = sorted(i for i in axioms.sorts if "class" in axioms.sorts[i] and clashes.of_class(i) is not None)
    elif not made.verdict.consistent:
        if not contradictions:
            yield _told(made, teller, "inconsistent_ontology", teller.reason("", _whole(made, axioms, hermit)))
        return
    else:
        suspects = list(made.verdict.unsatisfiable)
    yield from explained(made, axioms, teller, hermit, suspects)


def _whole(made: Review, axioms: Axioms, hermit: Hermit) -> Justification:
    """Find out why an ontology is inconsistent; a note says why when that fails."""
    try:
        return Explainer(axioms, hermit).of_everything() or Justification(())
    except SystemProblem as error:
        made.report.notes.append(f"The contradiction is not explained: {error}")
        return Justification(())


def _hermit(made: Review, axioms: Axioms, seconds: float) -> Hermit | None:
    """Start HermiT and take its verdict; a note says why there is none."""
    if seconds <= 0 or missing():
        why = missing() or "it was not asked"
        made.report.notes.append(f"HermiT gave no verdict: {why}. Only plain clashes were looked for.")
        return None
    try:
        hermit = Hermit(seconds)
        made.verdict = hermit.verdict(axioms.triples)
    except (SystemProblem, TimeoutError, ValueError) as error:
        made.report.notes.append(f"HermiT gave no verdict: {error}. Only plain clashes were looked for.")
        return None
    return hermit


def explained(
    made: Review, axioms: Axioms, teller: Teller, hermit: Hermit | None, classes: list[str]
) -> Iterator[Finding]:
    """Yield a finding for each class that can have no member, with the reason.

    A class below one that can have no member is told by that alone; the others come first.
    """
    explainer = Explainer(axioms, hermit)
    below = _below(axioms, frozenset(classes))
    roots = [iri for iri in classes if iri not in below]
    for number, iri in enumerate([*roots, *below]):
        found = below.get(iri)
        if found is None and number < MOST_EXPLAINED:
            try:
                found = explainer.of_class(iri)
            except SystemProblem as error:
                made.report.notes.append(f"{teller.words.short(iri)} is not explained: {error}")
        reason = teller.reason(iri, found or Justification(()))
        if iri in below:
            said = tuple(f"{one}; that can have no member either" for one in reason.sentences)
            reason = replace(reason, sentences=said)
        yield _told(made, teller, "unsatisfiable_class", reason)


def _below(axioms: Axioms, classes: frozenset[str]) -> dict[str, Justification]:
    """Give for each of these classes that is below another one of them the axiom that says so.

    Following them ends at a class that is below none: of classes in a circle one is taken for that.
    """
    found: dict[str, Justification] = {}
    above: dict[str, str] = {}
    for axiom in axioms.kinds("SubClassOf"):
        names = [part.value for part in axiom.parts if isinstance(part, ox.NamedNode)]
        if len(names) == 2 and classes.issuperset(names) and names[0] not in above:
            lower, upper = names
            end = upper
            while end in above:
                end = above[end]
            if end != lower:
                above[lower] = upper
                found[lower] = Justification((axiom,), frozenset(names))
    return found


def _told(made: Review, teller: Teller, name: str, reason: Reason) -> Finding:
    """Make the finding for a reason, and keep the reason."""
    check = checks()[name]
    what = check.message.format(entity=teller.words.short(reason.about))
    made.reasons.append(replace(reason, title=f"{what}."))
    if not reason.sentences:
        what += "; why was not found out"
    elif not reason.minimal:
        what += f"; the reason is among {len(reason.sentences)} axioms, and the time ran out before it was found"
    return teller.finding(check, what, reason.about, reason.sentences[:MOST_EXPLAINED])
