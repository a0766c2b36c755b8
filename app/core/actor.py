"""Who is acting, with which roles where: a plain value that services and queries take as an argument."""

from dataclasses import dataclass
from functools import cached_property

from app.core.permissions import ALLOWED, Action, Role


@dataclass(frozen=True)
class Grant:
    role: Role
    unit_id: int


@dataclass(frozen=True)
class Actor:
    """A signed-in person. `grants` hold today; each reaches the whole subtree of its unit."""

    person_id: int
    name: str
    session_id: int
    grants: tuple[Grant, ...] = ()

    def roots(self, action: Action) -> frozenset[int]:
        """The units below which the actor may do `action`; empty when nowhere."""
        return frozenset(grant.unit_id for grant in self.grants if grant.role in ALLOWED[action])

    def may(self, action: Action) -> bool:
        return bool(self.roots(action))

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)
