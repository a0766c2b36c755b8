"""Which units a roster's words mean, and which would have to be created under which parent. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.imports.likeness import alike
from app.people.rules import UnitKind

PARTY_KINDS = frozenset({UnitKind.SUBDISTRICT, UnitKind.COMMUNITY, UnitKind.GENERAL_BRANCH, UnitKind.BRANCH, UnitKind.GROUP})
COMMUNITY_TAIL = re.compile(r"(党委|委员会|党工委|居委会|村委会)$")
COMMUNITY_HEAD = re.compile(r"^(中共)?(.{2,6}街道)?(?=.)")


@dataclass(frozen=True)
class UnitFact:
    """A unit that exists in the importer's reach; `parent_id` is None at the top of it."""

    id: int
    name: str
    kind: UnitKind
    parent_id: int | None


@dataclass
class PlannedUnit:
    """A unit that the file names. `unit_id` is None while it does not exist; `key` is its place in the plan, parents first."""

    key: int
    name: str
    kind: UnitKind
    parent: int | None
    unit_id: int | None
    people: int = 0
    like: str = ""  # the name of an existing neighbour that is nearly this one


def community_word(name: str) -> str:
    """灯湖社区 for 灯湖社区, 灯湖社区党委 and 中共桂城街道灯湖社区委员会."""
    word = COMMUNITY_TAIL.sub("", COMMUNITY_HEAD.sub("", name.replace(" ", "")))
    return word or name


def kind_of(name: str) -> UnitKind:
    for tail, kind in (("党小组", UnitKind.GROUP), ("党总支", UnitKind.GENERAL_BRANCH), ("社区党委", UnitKind.COMMUNITY)):
        if name.endswith(tail):
            return kind
    return UnitKind.BRANCH


class UnitPlan:
    """Finds or plans units by name within the reach of one root (None: not even the subdistrict exists yet)."""

    def __init__(self, facts: Sequence[UnitFact], root_id: int | None, new_root_name: str) -> None:
        self.units: list[PlannedUnit] = []
        self._facts = {fact.id: fact for fact in facts}
        self._of_unit: dict[int, int] = {}
        self._communities: dict[str, int] = {}
        self._by_name: dict[str, list[int]] = {}
        self._asked: dict[tuple[str, str], tuple[int | None, str]] = {}
        self._usual: dict[str, str] = {}
        root = self._facts.get(root_id) if root_id is not None else None
        self.root = self._known(root) if root else self._add(new_root_name, UnitKind.SUBDISTRICT, None)
        for fact in facts:
            if fact.kind in PARTY_KINDS:
                self._by_name.setdefault(fact.name, []).append(fact.id)
            if fact.kind is UnitKind.COMMUNITY:
                self._communities.setdefault(community_word(fact.name), self._known(fact))

    @property
    def new(self) -> list[PlannedUnit]:
        return [unit for unit in self.units if unit.unit_id is None]

    def ids(self) -> frozenset[int]:
        return frozenset(self._facts)

    def learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Where most rows of the file put each branch, so that one slip of the pen makes no second branch."""
        for (community, branch), _rows in reversed(Counter(pairs).most_common()):
            if community and not self._generic(branch):
                self._usual[branch] = community

    def community(self, words: str) -> int | None:
        """The community's key; planned under the root when new. None when the root is itself below another community."""
        word = community_word(words)
        for form in (word, f"{word}社区"):
            if form in self._communities:
                return self._communities[form]
        root = self.units[self.root]
        if root.kind is not UnitKind.SUBDISTRICT:
            return None
        name = word if word.endswith(("社区", "村")) else f"{word}社区"
        key = self._add(f"{name}党委", UnitKind.COMMUNITY, self.root)
        self.units[key].like = self._like(f"{name}党委", UnitKind.COMMUNITY, root.unit_id)
        self._communities[name] = key
        return key

    def home(self, community: str, branch: str) -> tuple[int | None, str]:
        """The branch's key, and a warning where its community is not the row's. None: outside the importer's reach."""
        asked = (community, branch)
        if asked not in self._asked:
            self._asked[asked] = self._find_home(community, branch)
        return self._asked[asked]

    def _find_home(self, community: str, branch: str) -> tuple[int | None, str]:
        said = self.community(community) if community else None
        if community and said is None:
            return None, ""
        named = self._community_in(branch)
        usual = self._usual.get(branch)
        place = next((key for key in (named, self.community(usual) if usual else None, said) if key is not None), self.root)
        unlike = ""
        if said is not None and place != said:
            why = "支部名称像是" if named is not None else "别的行把这个支部写在"
            unlike = f"{why}{self._word(place)}，这一行的社区却是{community}；按{self._word(place)}归"
        for existing in self._by_name.get(branch, ()):
            if self._is_below(existing, self.units[place].unit_id):
                return self._known(self._facts[existing]), unlike
        elsewhere = self._by_name.get(branch, [])
        if len(elsewhere) == 1 and ((named is None and said is None) or self._generic(branch) is False):
            home = self._facts[elsewhere[0]]
            return self._known(home), unlike or (f"这个支部在系统里属于{self._above(home)}" if said is not None else "")
        planned = next((unit.key for unit in self.units if unit.unit_id is None and unit.name == branch and unit.parent == place), None)
        if planned is None:
            planned = self._add(branch, kind_of(branch), place)
            if (above := self.units[place].unit_id) is not None:
                self.units[planned].like = self._like(branch, kind_of(branch), above)
        if place == self.root and said is None and self.units[self.root].kind is UnitKind.SUBDISTRICT:
            unlike = "没有填社区，新支部会建在街道下面"
        return planned, unlike

    def _community_in(self, branch: str) -> int | None:
        """The community whose name the branch's name begins with."""
        found = [word for word in self._communities if branch.startswith(word)]
        return self._communities[max(found, key=len)] if found else None

    @staticmethod
    def _generic(branch: str) -> bool:
        """第一党支部 may stand under every community; 映月湖畔党支部 is one."""
        return re.fullmatch(r"(第?[一二三四五六七八九十\d]+|退休|在职|两新|联合|机关|物业联合)(党支部|支部|党小组)", branch) is not None

    def _word(self, key: int) -> str:
        return community_word(self.units[key].name)

    def _above(self, fact: UnitFact) -> str:
        parent = self._facts.get(fact.parent_id) if fact.parent_id is not None else None
        return parent.name if parent else "别的单位"

    def _is_below(self, unit_id: int, above: int | None) -> bool:
        step: int | None = unit_id
        while step is not None:
            if step == above:
                return True
            fact = self._facts.get(step)
            step = fact.parent_id if fact else None
        return False

    def _like(self, name: str, kind: UnitKind, above: int | None) -> str:
        """A neighbour on record of the same kind whose name is nearly this one: likely meant."""
        named = (
            fact.name for fact in self._facts.values() if fact.kind is kind and alike(fact.name, name) and self._is_below(fact.id, above)
        )
        return next(named, "")

    def _known(self, fact: UnitFact) -> int:
        if fact.id not in self._of_unit:
            self._of_unit[fact.id] = self._add(fact.name, fact.kind, None, fact.id)
        return self._of_unit[fact.id]

    def _add(self, name: str, kind: UnitKind, parent: int | None, unit_id: int | None = None) -> int:
        self.units.append(PlannedUnit(len(self.units), name, kind, parent, unit_id))
        return len(self.units) - 1
