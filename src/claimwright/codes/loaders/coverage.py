"""The Medicare Coverage Database of CMS (local coverage articles with their LCDs), and plain tables of other policies.

CMS's `current_article.zip` holds `current_article_csv.zip`, tables of relations. The pairs of procedures and diagnoses
stand in the billing articles, not in the LCDs. Read are: article, article_x_hcpc_code, article_x_icd10_covered (and
_noncovered, _covered_group), article_related_documents, article_x_contractor, contractor_jurisdiction, state_lookup,
update_period. No description of a procedure is taken: CPT's belong to the AMA.

Which group of diagnoses goes with which procedures is prose. A group whose paragraph names procedures of its article is
for those; else groups of one number go together where both lists have the same numbers; else any group will do. Where
the prose asks for two diagnoses, one is enough here: a claim is held only where none of its diagnoses is covered.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path, PurePosixPath

import msgspec

from claimwright.codes.coverage_policies import TABLE_COLUMNS, CoveragePolicy, StoredPolicies, write_policies
from claimwright.codes.library_shapes import Asked, Changes, Format, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.cells import AS_TEXT, after, heading, lost_zero, read_date, spoiled
from claimwright.codes.loaders.rows import compared

OFFICIAL = "take current_article.zip of CMS's Medicare Coverage Database, unchanged"
NEEDED = {
    "article": ("article id", "article version", "title"),
    "article_x_hcpc_code": ("article id", "article version", "hcpc code id", "hcpc code group"),
    "article_x_icd10_covered": ("article id", "article version", "icd10 code id", "icd10 covered group"),
}
OPTIONAL = {
    "article_x_icd10_noncovered": ("article id", "article version", "icd10 code id", "icd10 noncovered group"),
    "article_x_icd10_covered_group": ("article id", "article version", "icd10 covered group", "paragraph"),
    "article_related_documents": ("article id", "r lcd id"),
    "article_x_contractor": ("article id", "article version", "contractor id"),
    "contractor_jurisdiction": ("contractor id", "state id"),
    "state_lookup": ("state id", "state abbrev"),
    "update_period": ("end date",),
}
_HCPCS = re.compile(r"[0-9A-Z]{5}\Z")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}\Z")
_NAMED_CODE = re.compile(r"\b(?:[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z])\b")
_ALL_OTHERS = "XX000"  # in the list of what is not covered: everything that the covered list has not
# The database divides three states; a policy is taken for the whole of its state.
PARTS_OF_STATES = {"DN": "NY", "QN": "NY", "UN": "NY", "EM": "MO", "WM": "MO", "NF": "CA", "SF": "CA"}
_CONTRACTOR = ("contractor id", "contractor type id", "contractor version")
Key = tuple[str, str]  # article and its version
Groups = dict[str, set[str]]


def _table_of(name: str) -> str:
    return PurePosixPath(name).stem.lower()


def recognises(name: str, head: bytes) -> bool:
    wanted = {**NEEDED, **OPTIONAL}.get(_table_of(name))
    if wanted is None:
        return False
    first = heading(head.partition(b"\n")[0].decode("latin-1"))
    return all(column in first for column in wanted)


class _Database:
    """The tables of one download, each read row by row."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources: dict[str, Source] = {}
        for source in sources:
            self.sources.setdefault(_table_of(source.name), source)
        for table in NEEDED:
            if table not in self.sources:
                raise refuse(f"the table {table}.csv is missing", OFFICIAL, file=sources[0].archive)
        self.faults = Refusals(sources[0].archive)

    def rows(self, table: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows by column. What is cut off is a fault."""
        source = self.sources.get(table)
        if source is None:
            return
        names: list[str] = []
        for line, cells in source.rows(","):
            if not names:
                names = [heading(cell) for cell in cells]
                lacking = [column for column in {**NEEDED, **OPTIONAL}[table] if column not in names]
                if lacking:
                    raise refuse(f"{table}.csv has no column {', '.join(lacking)}", OFFICIAL, line=line)
            elif len(cells) < len(names) and any(cells):
                self.faults.add(
                    f"{table}.csv: {len(cells)} columns instead of {len(names)}: cut off", OFFICIAL, line=line
                )
            elif any(cells):
                yield line, dict(zip(names, cells, strict=False))


class _Article(msgspec.Struct):
    """What is gathered of one article."""

    id: str
    title: str
    start: date | None
    end: date | None
    procedures: Groups = msgspec.field(default_factory=lambda: defaultdict(set))
    covered: Groups = msgspec.field(default_factory=lambda: defaultdict(set))
    not_covered: Groups = msgspec.field(default_factory=lambda: defaultdict(set))
    named: Groups = msgspec.field(default_factory=lambda: defaultdict(set))  # procedures that a group's paragraph names
    policies: set[str] = msgspec.field(default_factory=set)
    states: set[str] = msgspec.field(default_factory=set)


def prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """The policies of one download. Raises CannotImport with every fault found."""
    database = _Database(sources)
    articles = _articles(database)
    _codes(database, articles)
    _surroundings(database, articles)
    policies = [policy for article in articles.values() for policy in _policies(article)]
    if not policies:
        database.faults.add("no policy with procedures and diagnoses found", OFFICIAL)
    database.faults.check()
    path = folder / "coverage_policies.policies"
    rows = write_policies(path, policies)
    edition = asked.start or _edition(database) or max((p.start for p in policies if p.start), default=None)
    return [
        Prepared(
            set_name="coverage_policies",
            path=path,
            rows=rows,
            label=asked.label or (f"of {edition}" if edition else "current articles"),
            start=min((policy.start for policy in policies if policy.start), default=None),
            end=asked.end,
            cumulative=True,
            edition=edition,
            notes=("versions of articles that were replaced before this download are not in it",),
        )
    ]


def _day(database: _Database, line: int, text: str, column: str) -> date | None:
    try:
        return read_date(text.partition(" ")[0])
    except ValueError as problem:
        database.faults.add(f"article.csv: {problem}", OFFICIAL, line=line, column=column)
        return None


def _articles(database: _Database) -> dict[Key, _Article]:
    found: dict[Key, _Article] = {}
    for line, row in database.rows("article"):
        start_at = next((c for c in ("article rev eff date", "article eff date") if row.get(c)), "article eff date")
        end_at = next(
            (c for c in ("date retired", "article rev end date", "article end date") if row.get(c)), "date retired"
        )
        number = row["article id"]
        if not number.isdigit():
            database.faults.add(f"{number or 'blank'} is no article number", OFFICIAL, line=line, column="article_id")
            continue
        found[number, row["article version"]] = _Article(
            id=row.get("display id") or f"A{number}",
            title=re.sub(r"\s+", " ", row["title"])[:200],
            start=_day(database, line, row.get(start_at, ""), start_at),
            end=after(_day(database, line, row.get(end_at, ""), end_at)),
        )
    return found


def _article(
    database: _Database, articles: dict[Key, _Article], table: str, line: int, row: dict[str, str]
) -> _Article | None:
    found = articles.get((row["article id"], row["article version"]))
    if found is None:
        database.faults.add(
            f"{table}.csv: article {row['article id']} version {row['article version']} is not in article.csv",
            OFFICIAL,
            line=line,
        )
    return found


def _codes(database: _Database, articles: dict[Key, _Article]) -> None:
    kept: dict[str, str] = {}  # one text for each code, however many articles have it
    for line, row in database.rows("article_x_hcpc_code"):
        article = _article(database, articles, "article_x_hcpc_code", line, row)
        code = row["hcpc code id"].upper()
        if not _HCPCS.match(code):
            why = spoiled(code) or lost_zero(code, 5) or f"{code or 'blank'} is no procedure code"
            database.faults.add(f"article_x_hcpc_code.csv: {why}", AS_TEXT, line=line, column="hcpc_code_id")
        elif article is not None:
            article.procedures[row["hcpc code group"]].add(kept.setdefault(code, code))
    for table, name, column in (
        ("article_x_icd10_covered", "covered", "icd10 covered group"),
        ("article_x_icd10_noncovered", "not_covered", "icd10 noncovered group"),
    ):
        for line, row in database.rows(table):
            article = _article(database, articles, table, line, row)
            code = row["icd10 code id"].upper().replace(".", "")
            if code == _ALL_OTHERS:
                continue
            if not _DIAGNOSIS.match(code):
                why = spoiled(code) or f"{code or 'blank'} is no diagnosis code"
                database.faults.add(f"{table}.csv: {why}", AS_TEXT, line=line, column="icd10_code_id")
            elif article is not None:
                getattr(article, name)[row[column]].add(kept.setdefault(code, code))


def _surroundings(database: _Database, articles: dict[Key, _Article]) -> None:
    """The LCDs, the states, and the procedures that a group of diagnoses names in its paragraph."""
    for _, row in database.rows("article_x_icd10_covered_group"):
        article = articles.get((row["article id"], row["article version"]))
        if article is not None:
            own = set().union(*article.procedures.values()) if article.procedures else set()
            article.named[row["icd10 covered group"]] |= own.intersection(_NAMED_CODE.findall(row["paragraph"].upper()))
    by_number: dict[str, list[_Article]] = defaultdict(list)
    for (number, _), article in articles.items():
        by_number[number].append(article)
    for _, row in database.rows("article_related_documents"):
        if row["r lcd id"].isdigit():
            for article in by_number.get(row["article id"], ()):
                article.policies.add(f"L{row['r lcd id']}")
    abbreviations = {row["state id"]: row["state abbrev"].upper() for _, row in database.rows("state_lookup")}
    served: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for _, row in database.rows("contractor_jurisdiction"):
        state = abbreviations.get(row["state id"], "")
        if state and not row.get("term date"):
            served[tuple(row.get(column, "") for column in _CONTRACTOR)].add(PARTS_OF_STATES.get(state, state))
    for _, row in database.rows("article_x_contractor"):
        article = articles.get((row["article id"], row["article version"]))
        if article is not None:
            article.states |= served.get(tuple(row.get(column, "") for column in _CONTRACTOR), set())


def _edition(database: _Database) -> date | None:
    days = [_day(database, line, row["end date"], "end_date") for line, row in database.rows("update_period")]
    return max((day for day in days if day), default=None)


def _policies(article: _Article) -> Iterator[CoveragePolicy]:
    if not article.procedures:
        return
    every = frozenset().union(*article.procedures.values())
    lcds = f"LCD {' '.join(sorted(article.policies))}: " if article.policies else ""
    common = CoveragePolicy(
        id=article.id,
        title=f"{lcds}{article.title}",
        source="CMS Medicare Coverage Database",
        payer_kinds=("medicare",),
        states=frozenset(article.states),
        start=article.start,
        end=article.end,
    )
    by_number = len(article.covered) > 1 and set(article.covered) == set(article.procedures)
    for number, diagnoses in article.covered.items():
        procedures = article.named.get(number) or (article.procedures[number] if by_number else every)
        yield msgspec.structs.replace(common, procedures=frozenset(procedures), diagnoses=frozenset(diagnoses))
    if not article.covered and article.not_covered:
        refused = frozenset().union(*article.not_covered.values())
        yield msgspec.structs.replace(common, procedures=every, not_covered=refused)


def compare(old: Path | None, new: Path, sample: int) -> Changes:
    return compared(_texts(old) if old else {}, _texts(new), sample)


def _texts(path: Path) -> dict[str, str]:
    """Policies by id, all their groups together: what changed is told by policy."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in StoredPolicies(path).rows():
        found[row.id].append(msgspec.json.encode(row, order="sorted").decode())
    return {id: " ".join(sorted(texts)) for id, texts in found.items()}


COVERAGE = Loader(
    name="medicare coverage database",
    reads="Medicare Coverage Database: current_article.zip with its tables as CSV",
    sets=("coverage_policies",),
    format=Format(name="coverage_policies/1", open=StoredPolicies, compare=compare),
    recognises=recognises,
    prepare=prepare,
    rank=6,
)


# Other policies -------------------------------------------------------------------------------------------------------

OWN_FIX = f"a table with the columns {', '.join(TABLE_COLUMNS)}; lists have blanks between"


def recognises_own(name: str, head: bytes) -> bool:
    first = [heading(cell) for cell in re.split(r"[,\t;|]", head.partition(b"\n")[0].decode("utf-8-sig", "replace"))]
    return {"policy", "procedures", "diagnoses"} <= set(first)


def prepare_own(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """A table of NCDs or payers' policies, one row a group. Raises CannotImport with every fault found."""
    policies: list[CoveragePolicy] = []
    for source in sources:
        faults, names = Refusals(source.full_name), list[str]()
        for line, cells in source.rows():
            if not names:
                names = [heading(cell).replace(" ", "_") for cell in cells]
            elif any(cells):
                row = _own_policy(dict(zip(names, cells, strict=False)), line, faults)
                policies += [row] if row is not None else []
        if not policies:
            faults.add("no policy found", OWN_FIX)
        faults.check()
    path = folder / "payer_policies.policies"
    label = asked.label or "own table"
    rows = write_policies(path, policies)
    return [Prepared(set_name="payer_policies", path=path, rows=rows, label=label, start=asked.start, end=asked.end)]


def _own_policy(row: dict[str, str], line: int, faults: Refusals) -> CoveragePolicy | None:
    before = faults.count
    procedures = row.get("procedures", "").upper().split()
    diagnoses = {name: row.get(name, "").upper().replace(".", "").split() for name in ("diagnoses", "not_covered")}
    if not row.get("policy"):
        faults.add("no policy is named", OWN_FIX, line=line, column="policy")
    if not procedures:
        faults.add("no procedure is named", OWN_FIX, line=line, column="procedures")
    for code in procedures:
        if not _HCPCS.match(code):
            why = spoiled(code) or lost_zero(code, 5) or f"{code} is no procedure code"
            faults.add(why, AS_TEXT, line=line, column="procedures")
    for name, codes in diagnoses.items():
        for code in codes:
            if not _DIAGNOSIS.match(code.removesuffix("*").ljust(3, "0") if code.endswith("*") else code):
                faults.add(spoiled(code) or f"{code} is no diagnosis code", AS_TEXT, line=line, column=name)
    numbers = {name: _number(row, name, line, faults) for name in ("times", "days", "youngest", "oldest")}
    days = {name: _own_day(row, name, line, faults) for name in ("start", "end")}
    if (numbers["times"] is None) != (numbers["days"] is None):
        faults.add("times and days go together", "fill in both or none", line=line, column="times")
    if faults.count > before:
        return None
    limit = None if numbers["times"] is None or numbers["days"] is None else (numbers["times"], numbers["days"])
    return CoveragePolicy(
        id=row["policy"],
        title=row.get("title", ""),
        source=row.get("source", ""),
        payer_ids=tuple(row.get("payer_ids", "").split()),
        payer_kinds=tuple(row.get("payer_kinds", "").lower().split()),
        states=frozenset(row.get("states", "").upper().split()),
        procedures=frozenset(procedures),
        diagnoses=frozenset(diagnoses["diagnoses"]),
        not_covered=frozenset(diagnoses["not_covered"]),
        most_in_days=limit,
        youngest=numbers["youngest"],
        oldest=numbers["oldest"],
        start=days["start"],
        end=days["end"],
    )


def _number(row: dict[str, str], name: str, line: int, faults: Refusals) -> int | None:
    text = row.get(name, "")
    if text and not text.isdigit():
        faults.add(f"{text} is no whole number", "write digits, or leave it empty", line=line, column=name)
        return None
    return int(text) if text else None


def _own_day(row: dict[str, str], name: str, line: int, faults: Refusals) -> date | None:
    try:
        return read_date(row.get(name, ""))
    except ValueError as problem:
        faults.add(str(problem), "write YYYY-MM-DD; end is the first day without it", line=line, column=name)
        return None


PAYER_POLICIES = Loader(
    name="coverage policies of payers",
    reads=f"coverage policies of payers or NCDs (CSV or workbook: {', '.join(TABLE_COLUMNS)})",
    sets=("payer_policies",),
    format=Format(name="coverage_policies/1", open=StoredPolicies, compare=compare),
    recognises=recognises_own,
    prepare=prepare_own,
    rank=6,
)
