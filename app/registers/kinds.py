"""Which registers there are."""

from app.registers import past, places, posts, projects, units
from app.registers.rules import RegisterKind
from app.registers.staged import Register

REGISTERS: dict[RegisterKind, Register] = {one.REGISTER.kind: one.REGISTER for one in (units, places, posts, past, projects)}
