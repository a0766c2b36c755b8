"""Who is acting, with which roles where: a plain value that services and queries take as an argument."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.core.permissions import ALLOWED, GRANTS, OWN_UNIT_ONLY, Action, Role


@dataclass(frozen=True)
class Grant:
    role: Role
    unit_id: int


@dataclass(frozen=True)
class Actor:
    """A signed-in person. `grants` hold today; each reaches the whole subtree of its unit.

    `sleeping` hold too, but give nothing until the code of the second factor was given in this session.
    `confirmed_at` is when the password was last given, `factor_at` when the code of the second factor was.
    """

    person_id: int
    name: str
    session_id: int
    grants: tuple[Grant, ...] = ()
    sleeping: tuple[Grant, ...] = ()
    confirmed_at: datetime | None = None
    factor_at: datetime | None = None

    def roots(self, action: Action) -> frozenset[int]:
        """The units below which the actor may do `action`; empty when nowhere."""
        return frozenset(grant.unit_id for grant in self.grants if grant.role in ALLOWED[action])

    def may(self, action: Action) -> bool:
        return bool(self.roots(action))

    def would(self, action: Action) -> bool:
        """Whether a role that sleeps would allow it."""
        return any(grant.role in ALLOWED[action] for grant in self.sleeping)

    def giving(self, role: Role) -> tuple[frozenset[int], frozenset[int]]:
        """Where the actor may give `role`: the units below which, and the units in which alone."""
        givers = [grant for grant in self.grants if role in GRANTS.get(grant.role, ())]
        alone = frozenset(grant.unit_id for grant in givers if (grant.role, role) in OWN_UNIT_ONLY)
        return frozenset(grant.unit_id for grant in givers if (grant.role, role) not in OWN_UNIT_ONLY), alone

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)
