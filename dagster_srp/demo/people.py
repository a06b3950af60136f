"""The demo's people: a pool of invented names, birth dates and addresses, and the ways in which they get written.

Names and streets come from Faker; the postcodes begin with ZZ, which no post town has, so that nobody can take a row
for a real person. Two people share each address.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

import faker
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_srp.demo.days import Ints, day, day_text
from dagster_srp.demo.text import labels, numbered

EXACT, VARIANT, MISSPELT, WITHHELD, ADDRESS_ONLY, NAME_ONLY = range(6)
"""How a person's details are written: VARIANT differs only in case and punctuation, MISSPELT in a letter."""

_ACCENTED_STREETS = ("Château Row", "Brontë Close", "Café Yard")


@dataclass(frozen=True)
class People:
    """The pool; person n lives at address n // 2."""

    forenames: tuple[str, ...]
    surnames: tuple[str, ...]
    streets: tuple[str, ...]
    forename: Ints
    surname: Ints
    birth_day: Ints

    @property
    def count(self) -> int:
        """How many people there are."""
        return len(self.forename)

    def born_before(self, committed: Ints, person: Ints, rng: np.random.Generator) -> Ints:
        """The same people, but someone old enough in place of anyone not yet born on the day."""
        unborn = (person >= 0) & (self.birth_day[np.maximum(person, 0)] >= committed)
        elders = np.flatnonzero(self.birth_day < day(dt.date(1950, 1, 1)))
        return np.where(unborn, rng.choice(elders, len(person)), person).astype(np.int32)

    def reference(self, person: Ints, spelling: Ints) -> pa.Array:
        """The partner's reference; a misspelt person was entered a second time, under another one."""
        entered = np.where(spelling == MISSPELT, person + self.count, person)
        return numbered("P", np.where(person < 0, -1, entered), 8)

    def forename_text(self, person: Ints, spelling: Ints) -> pa.Array:
        """The forename as written."""
        return _written(self.forenames, self.forename, person, spelling, misspelt=False)

    def surname_text(self, person: Ints, spelling: Ints) -> pa.Array:
        """The surname as written."""
        return _written(self.surnames, self.surname, person, spelling, misspelt=True)

    def birth_date_text(self, person: Ints, spelling: Ints) -> pa.Array:
        """The date of birth."""
        days = day_text(self.birth_day[np.maximum(person, 0)])
        return _blank(days, (person < 0) | (spelling == WITHHELD))

    def address_text(self, person: Ints, spelling: Ints) -> pa.Array:
        """House number and street as written."""
        address = np.maximum(person, 0) // 2
        number = (address // len(self.streets) + 1).astype(np.int32)
        variant = spelling == VARIANT
        joint = labels([" ", ", "], variant.astype(np.int32))
        streets, _ = _streets_and_postcodes(self.streets)
        street = labels(streets, address % len(self.streets) + np.where(variant, len(self.streets), 0))
        text = pc.binary_join_element_wise(pa.array(number).cast(pa.string()), joint, street, "")
        return _blank(text, _without_address(person, spelling))

    def postcode_text(self, person: Ints, spelling: Ints) -> pa.Array:
        """The postcode, one to a street; the variant lacks its space."""
        _, codes = _streets_and_postcodes(self.streets)
        place = np.maximum(person, 0) // 2 % len(self.streets)
        place = place + np.where(spelling == VARIANT, len(self.streets), 0)
        return _blank(labels(codes, place), _without_address(person, spelling))


def make_people(count: int, seed: int) -> People:
    """The pool, the same for the same seed and count."""
    invent = faker.Faker("en_GB")
    invent.seed_instance(seed)
    forenames = sorted({invent.first_name() for _ in range(3000)})
    surnames = sorted(
        {invent.last_name() for _ in range(3000)} | {"O'Neill", "O'Brien", "Ward-Jones", "Shah-Iqbal"}
    )
    streets = sorted({invent.street_name() for _ in range(900)} | set(_ACCENTED_STREETS))
    rng = np.random.default_rng([seed, 1])
    count += count % 2
    forename = rng.integers(0, len(forenames), count)
    forename[1::2] = (forename[::2] + 1 + rng.integers(0, len(forenames) - 2, count // 2)) % len(forenames)
    surname = rng.integers(0, len(surnames), count)
    born = rng.integers(day(dt.date(1930, 1, 1)), day(dt.date(2004, 1, 1)), count)
    return People(
        tuple(forenames),
        tuple(surnames),
        tuple(streets),
        forename.astype(np.int32),
        surname.astype(np.int32),
        born.astype(np.int32),
    )


def _written(
    names: tuple[str, ...], of_person: Ints, person: Ints, spelling: Ints, misspelt: bool
) -> pa.Array:
    place = of_person[np.maximum(person, 0)]
    place = place + len(names) * np.select([spelling == VARIANT, spelling == MISSPELT], [1, 2], 0)
    return labels(_ways_to_write(names, misspelt), np.where(_without_name(person, spelling), -1, place))


@cache
def _ways_to_write(names: tuple[str, ...], misspelt: bool) -> pa.Array:
    """All names as they are, then in capitals without punctuation, then misspelt (or, if not wanted, as they are)."""
    known = set(map(_plain, names))
    capitals = [re.sub(r"['-]", " ", name).upper() for name in names]
    return pa.array(
        [*names, *capitals, *(_misspelt(name, known) if misspelt else name for name in names)], pa.string()
    )


@cache
def _streets_and_postcodes(streets: tuple[str, ...]) -> tuple[pa.Array, pa.Array]:
    """All streets as they are, then in capitals; and their postcodes, then in small letters without a space."""
    codes = [_postcode(n) for n in range(len(streets))]
    return (
        pa.array([*streets, *(street.upper() for street in streets)], pa.string()),
        pa.array([*codes, *(code.replace(" ", "").lower() for code in codes)], pa.string()),
    )


def _without_name(person: Ints, spelling: Ints) -> Ints:
    absent: Ints = (person < 0) | (spelling == WITHHELD) | (spelling == ADDRESS_ONLY)
    return absent


def _without_address(person: Ints, spelling: Ints) -> Ints:
    absent: Ints = (person < 0) | (spelling == WITHHELD) | (spelling == NAME_ONLY)
    return absent


def _blank(column: pa.Array, where: Ints) -> pa.Array:
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), column)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _misspelt(name: str, known: set[str]) -> str:
    """A slip of the pen that is nobody else's name: two letters swapped, else one doubled."""
    for place in range(1, len(name) - 1):
        slip = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
        if _plain(slip) not in known:
            return slip
    return name + name[-1]


def _postcode(street: int) -> str:
    letters = "ABDEFGHJLN"
    return (
        f"ZZ{street // 1000 % 90 + 1} {street // 100 % 10}{letters[street // 10 % 10]}{letters[street % 10]}"
    )
