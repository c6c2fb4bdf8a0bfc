"""A synthetic set: the files of many claims from enrolment to the last payment, all linked, all balanced.

The same options give the same bytes. Memory does not grow with the number of claims: claims are made a batch at a
time, and what must stand before them in a file is spooled (`streams`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

import msgspec

from claimwright.claims.nouns import Noun
from claimwright.claims.synthetic import stories
from claimwright.claims.synthetic.acknowledgements import add_999, write_ta1
from claimwright.claims.synthetic.claims import Episode, episodes
from claimwright.claims.synthetic.enrolments import Enrolments
from claimwright.claims.synthetic.flow import KindFlow
from claimwright.claims.synthetic.remittances import Debts
from claimwright.claims.synthetic.streams import InterchangeFile
from claimwright.x12.writer import FUNCTIONAL_IDS, Envelope

DEFAULT_DATE = date(2026, 8, 20)  # a day that the shipped code sets speak for
MOST_PER_TRANSACTION = 5_000  # CLM in one ST..SE: 005010X222A1, section 1.3.2
BATCH = 1_000
NOON = time(9, 30)
INBOUND = Envelope(sender_id="SYNCLEAR", receiver_id="SYNSUBMIT")
KINDS = ("P", "I", "D")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. `single_st`: all claims of a kind in one ST, from one practice to one payer."""

    seed: int = 1
    claims: int = 100
    kinds: tuple[str, ...] = KINDS
    date: date = DEFAULT_DATE  # on which the first claims are sent
    claims_per_transaction: int = BATCH
    single_st: bool = False


class SyntheticSet:
    """Writes one set into a directory that is there. Raises ValueError for options that cannot be."""

    def __init__(self, directory: Path, options: Options, listener: Callable[[str, Noun], None] | None = None) -> None:
        """`listener` hears of every noun that is written, with the name of its file."""
        refuse(options)
        self._listener = listener
        self.directory, self.options = directory, options
        self.files: dict[str, InterchangeFile] = {}
        self.others: dict[str, dict[str, Any]] = {}
        self.totals: dict[str, Counter[str]] = {}
        self.debts = Debts()
        self._control_number = options.seed % 900_000 * 1_000

    @property
    def batch(self) -> int:
        return BATCH if self.options.single_st else self.options.claims_per_transaction

    def write(self) -> dict[str, Any]:
        """All files, `links.jsonl`, `transactions.jsonl` and `manifest.json`; returns what the manifest holds."""
        with (
            (self.directory / "links.jsonl").open("wb") as links,
            (self.directory / "transactions.jsonl").open("wb") as self._transactions,
        ):
            enrolled = self._files(links)
        return self._manifest(enrolled)

    def _files(self, links: IO[bytes]) -> Counter[str]:
        options = self.options
        enrolments = Enrolments(self)
        for kind, count in stories.counts(options.claims, options.kinds).items():
            if not count:
                continue
            totals = self.totals.setdefault(kind, Counter())
            flow = KindFlow(self, kind, totals)
            for batch in self._batches(kind, count):
                for episode in batch:
                    enrolments.add(episode)
                for link in flow.batch(batch):
                    links.write(msgspec.json.encode(link) + b"\n")
                if not options.single_st:
                    enrolments.close()
            flow.end()
            self._acknowledge(kind)
        enrolments.close()
        for file in self.files.values():
            file.close()
        return enrolments.totals

    def _told(self, transaction: dict[str, Any]) -> None:
        self._transactions.write(msgspec.json.encode(transaction) + b"\n")

    def _batches(self, kind: str, count: int) -> Iterator[list[Episode]]:
        options = self.options
        held: list[Episode] = []
        for episode in episodes(options.seed, kind, count, options.date, options.single_st):
            held.append(episode)
            if len(held) >= self.batch:
                yield held
                held = []
        if held:
            yield held

    def file(self, name: str, set_id: str, guide: str, envelope: Envelope, days: int) -> InterchangeFile:
        """The file of that name, made at its first use; `days` after the claims' day."""
        if name not in self.files:
            when = datetime.combine(self.options.date + timedelta(days), NOON)
            self.files[name] = InterchangeFile(
                self.directory / name, envelope, set_id, guide, self._next_control_number(), when, self._told
            )
        return self.files[name]

    def tell(self, name: str, noun: Noun) -> None:
        if self._listener is not None:
            self._listener(name, noun)

    def _next_control_number(self) -> int:
        self._control_number += 1
        return self._control_number

    def _acknowledge(self, kind: str) -> None:
        """TA1 and 999 of every 837 of the kind."""
        for name in [name for name in self.files if name.startswith(f"837{kind}")]:
            answered = self.files[name]
            answered.close()
            path = self.directory / f"ta1-{name}"
            number = self._next_control_number()
            data = write_ta1(path, INBOUND, number, answered, answered.when)
            self.others[path.name] = {
                "set": "TA1", "interchange_control_number": f"{number:09d}", "bytes": len(data), "answers": name, "transactions": 0
            }  # fmt: skip
            days = (answered.when.date() - self.options.date).days
            add_999(self.file(f"999-{name}", "999", "005010X231A1", INBOUND, days), answered, FUNCTIONAL_IDS["837"])

    def _manifest(self, enrolled: Counter[str]) -> dict[str, Any]:
        options = self.options
        found = {
            "seed": options.seed,
            "date": options.date.isoformat(),
            "claims": options.claims,
            "kinds": list(options.kinds),
            "single_st": options.single_st,
            "claims_per_transaction": options.claims_per_transaction,
            "files": {
                **{name: file.summary() for name, file in self.files.items() if file.closed},
                **self.others,
            },
            "totals": {
                **{kind: dict(sorted(totals.items())) for kind, totals in self.totals.items()},
                "enrolment": dict(sorted(enrolled.items())),
            },
            "outstanding": self.debts.outstanding(),
        }
        data = msgspec.json.format(msgspec.json.encode(found, order="sorted"), indent=1)
        (self.directory / "manifest.json").write_bytes(data + b"\n")
        return found


def refuse(options: Options) -> None:
    """Raise ValueError, in a sentence, for options that cannot be."""
    if options.claims < 1:
        raise ValueError("a set has at least one claim")
    if options.seed < 0:
        raise ValueError("a seed is zero or more")
    if not options.kinds or len(set(options.kinds)) != len(options.kinds) or not set(options.kinds) <= set(KINDS):
        raise ValueError("kinds are P, I and D, each once")
    if not 1 <= options.claims_per_transaction <= MOST_PER_TRANSACTION:
        raise ValueError(f"a transaction holds 1 to {MOST_PER_TRANSACTION:,} claims")


def write_set(directory: Path, options: Options) -> dict[str, Any]:
    """Write a synthetic set into `directory`, which is made where it is missing. Returns the manifest."""
    refuse(options)
    directory.mkdir(parents=True, exist_ok=True)
    return SyntheticSet(directory, options).write()
