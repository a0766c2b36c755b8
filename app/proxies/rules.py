"""代办: somebody acts for somebody who has no smartphone, both having agreed. The vocabulary and the limits. Pure."""

from datetime import timedelta
from enum import StrEnum

REQUEST_LASTS = timedelta(days=14)  # without an answer a request lapses
REQUESTS_OPEN = 3  # that one person may have waiting at a time
REQUESTS_A_DAY = 10
DEFAULTS = {"most_persons": 5}  # the setting "proxies"; those who hold the post of 楼长, 巷长 or 街长 have no limit


class Relation(StrEnum):
    FAMILY = "family"
    HEAD = "head"  # 楼长, 巷长, 街长
    NEIGHBOUR = "neighbour"


RELATION_NAMES = {Relation.FAMILY: "家人", Relation.HEAD: "楼长", Relation.NEIGHBOUR: "邻居"}


class Agreement(StrEnum):
    """How the person themselves agreed."""

    OWN_PHONE = "own_phone"
    IN_PERSON = "in_person"  # before staff, who made the record


AGREEMENT_NAMES = {Agreement.OWN_PHONE: "本人在自己手机上同意", Agreement.IN_PERSON: "当面同意，工作人员登记"}


class Answer(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
