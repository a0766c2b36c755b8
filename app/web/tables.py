"""Imports every feature's tables, so that the metadata is whole wherever the application starts."""

from app.accounts import models as accounts
from app.activities import models as activities
from app.assessments import models as assessments
from app.audit import models as audit
from app.bank import models as bank
from app.cards import models as cards
from app.certificates import models as certificates
from app.checkin import models as checkin
from app.claims import models as claims
from app.claims import models_corrections as corrections
from app.core import limits
from app.duties import models as duties
from app.fund import models as fund
from app.fund import models_office as fund_office
from app.fund import models_road as road
from app.honours import models as honours
from app.hours import models as hours
from app.imports import models as imports
from app.leaderboards import models as leaderboards
from app.merges import models as merges
from app.panels import models as panels
from app.people import models as people
from app.pledges import models as pledges
from app.points import models as points
from app.proxies import models as proxies
from app.publicity import models as publicity
from app.registers import models as registers
from app.reports import models as reports
from app.requirements import models as requirements
from app.results import models as results
from app.rights import models as rights
from app.schemes import models as schemes
from app.seals import models as seals
from app.settings import models as settings
from app.spotchecks import models as spotchecks
from app.web.jobs import models as jobs
from app.wishes import models as wishes
from app.worklist import models as worklist

__all__ = [
    "accounts",
    "activities",
    "assessments",
    "audit",
    "bank",
    "cards",
    "certificates",
    "checkin",
    "claims",
    "corrections",
    "duties",
    "fund",
    "fund_office",
    "honours",
    "hours",
    "imports",
    "jobs",
    "leaderboards",
    "limits",
    "merges",
    "panels",
    "people",
    "pledges",
    "points",
    "proxies",
    "publicity",
    "registers",
    "reports",
    "requirements",
    "results",
    "rights",
    "road",
    "schemes",
    "seals",
    "settings",
    "spotchecks",
    "wishes",
    "worklist",
]
