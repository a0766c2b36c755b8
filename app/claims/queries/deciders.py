"""Who decides about claims and disputes: the rule of every work list, under the name it had here first."""

from app.accounts.deciders import Decider, deciders, nearest

__all__ = ["Decider", "deciders", "nearest"]
