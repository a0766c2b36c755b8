"""Each defence taken away once, to see that the test which holds it fails: `python -m tests.security.mutants [NAME …]`.

Every mutant breaks what its name says and nothing else, before the application is built, in a process of its own; then its tests run. It
is killed when one of them fails; a mutant that survives is a defence that nothing proves. The tests must pass without it: that is looked at
first. Some fifteen minutes on one core; `tests/security/test_mutants.py` runs a few of those that need no database.
"""

import argparse
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from io import BytesIO
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import app

Patch = pytest.MonkeyPatch
KILLED, SURVIVED, CONFUSED = 0, 1, 2


@dataclass(frozen=True)
class Mutant:
    breaks: Callable[[Patch], None]
    tests: tuple[str, ...]
    quick: bool = False  # needs no database

    @property
    def name(self) -> str:
        return self.breaks.__name__


MUTANTS: dict[str, Mutant] = {}


def killed_by(*tests: str, quick: bool = False) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """The tests that must fail, below tests/; with `quick` they need no database."""

    def known(breaks: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTANTS[breaks.__name__] = Mutant(breaks, tuple(f"tests/{one}" for one in tests), quick)
        return breaks

    return known


def everywhere(patch: Patch, home: str, name: str, other: Any) -> None:
    """In place of what `home` defines, wherever it was imported to by its name."""
    right = getattr(import_module(home), name)
    for module in [one for key, one in sys.modules.items() if key.startswith("app.")]:
        if vars(module).get(name) is right:
            patch.setattr(module, name, other)


def setting_up(patch: Patch, change: Callable[[Any], None]) -> None:
    """Change every application once it is built."""
    from app.web import factory

    build = factory.build

    def changed(settings: Any = None) -> Any:
        app = build(settings)
        change(app)
        return app

    patch.setattr(factory, "build", changed)


class Unscoped:
    """The queries about people for whom everything lies below everybody."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        from sqlalchemy import select

        from app.people.models import Unit
        from app.people.queries import Sight

        said = {"is_below": True, "sight": Sight.HOME, "below": select(Unit.id)}
        return (lambda *_args, **_named: said[name]) if name in said else getattr(self._module, name)


# ── signing in ──


@killed_by("security/test_accounts.py::test_a_signed_in_cookie_planted_on_somebody_ends_with_their_sign_in")
def the_token_is_not_renewed(patch: Patch) -> None:
    """Who signs in stays in the session that was there."""
    from app.accounts import login

    right = login.begin
    patch.setattr(login, "begin", lambda *args, **named: login.actor_or_none() or right(*args, **named))


@killed_by("security/test_accounts.py::test_a_signed_in_cookie_planted_on_somebody_ends_with_their_sign_in")
def the_session_before_goes_on(patch: Patch) -> None:
    from app.accounts import sessions

    patch.setattr(sessions, "end_session", lambda *_args: None)


@killed_by("accounts/test_sign_in.py::test_signing_out_ends_the_session_itself_not_only_the_cookie")
def signing_out_only_forgets_the_cookie(patch: Patch) -> None:
    from app.accounts import sessions

    patch.setattr(sessions, "end_session", lambda *_args: None)


@killed_by("security/test_accounts.py::test_who_has_an_account_can_not_be_told_from_an_answer")
def an_unknown_number_is_called_so(patch: Patch) -> None:
    from flask import request

    from app.accounts import login, queries
    from app.core.errors import Invalid

    right = login.recognise

    def telling(phone: str, secret: str) -> Any:
        if request.endpoint == "accounts.begin_session" and not queries.candidates(phone):
            raise Invalid({"phone": "没有这个手机号的账号"})
        return right(phone, secret)

    patch.setattr(login, "recognise", telling)


@killed_by("security/test_accounts.py::test_signing_in_is_the_same_work_for_everybody")
def an_unknown_number_is_not_hashed(patch: Patch) -> None:
    from app.accounts import service

    right = service.check_secret
    patch.setattr(service, "check_secret", lambda stored, secret: stored is not None and right(stored, secret))


@killed_by("security/test_accounts.py::test_signing_in_is_the_same_work_for_everybody")
def hashing_stops_at_the_first_that_fits(patch: Patch) -> None:
    from app.accounts import service

    patch.setattr(
        service, "matching", lambda some, secret: next((one for one in some if service.check_secret(one.secret_hash, secret)), None)
    )


@killed_by(
    "accounts/test_sign_in.py::test_too_many_wrong_secrets_for_a_number_wait_whatever_the_device",
    "accounts/test_second_factor.py::test_guessing_is_slowed_like_passwords",
)
def nobody_waits_between_tries(patch: Patch) -> None:
    everywhere(patch, "app.accounts.rules", "wait_seconds", lambda *_args: 0)


@killed_by("certificates/test_pages.py::test_going_through_numbers_is_stopped_whatever_cookie_or_header_one_brings")
def uses_are_not_counted(patch: Patch) -> None:
    everywhere(patch, "app.core.limits", "wait_for", lambda *_args: 0)


@killed_by("certificates/test_pages.py::test_going_through_numbers_is_stopped_whatever_cookie_or_header_one_brings")
def who_asks_says_their_own_address(patch: Patch) -> None:
    from flask import request

    everywhere(patch, "app.webkit.peer", "peer", lambda: request.headers.get("X-Forwarded-For", request.remote_addr) or "")


@killed_by("security/test_accounts.py::test_secrets_that_everybody_tries_first_are_refused", quick=True)
def common_secrets_are_taken(patch: Patch) -> None:
    everywhere(patch, "app.accounts.common", "too_common", lambda _secret: False)


@killed_by("accounts/test_second_factor.py::test_a_code_opens_once")
def a_code_opens_again(patch: Patch) -> None:
    from app.accounts import factors

    right = factors.use_code
    patch.setattr(factors, "use_code", lambda *args, **named: right(*args, **(named | {"again": True})))


@killed_by("accounts/test_confirming.py::test_later_the_password_is_asked_for_and_the_form_goes_on")
def a_password_is_never_asked_for_again(patch: Patch) -> None:
    from datetime import timedelta

    from app.accounts import confirming

    patch.setattr(confirming, "RECENT", timedelta(days=9999))


# ── what browsers are told, and where requests come from ──


@killed_by("security/test_cross_site.py::test_no_route_takes_a_write_from")
def every_site_may_write(patch: Patch) -> None:
    from app.webkit import security

    patch.setattr(security, "from_this_site", lambda: True)


@killed_by("security/test_cross_site.py::test_no_route_takes_a_write_from")
def what_says_nothing_of_itself_may_write(patch: Patch) -> None:
    from flask import request

    from app.webkit import security

    right = security.from_this_site
    patch.setattr(
        security, "from_this_site", lambda: right() or not {"Sec-Fetch-Site", "Origin", "Referer"} & {name for name, _ in request.headers}
    )


@killed_by("security/test_cross_site.py::test_no_route_takes_a_write_from")
def neighbours_below_one_domain_may_write(patch: Patch) -> None:
    from flask import request

    from app.webkit import security

    right = security.from_this_site
    patch.setattr(security, "from_this_site", lambda: right() or request.headers.get("Sec-Fetch-Site") == "same-site")


@killed_by("security/test_headers.py::test_the_policy_lets_nothing_run_but_our_own_scripts_and_the_pinned_one")
def scripts_in_pages_may_run(patch: Patch) -> None:
    from app.webkit import security

    loose = security.CSP.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")
    patch.setattr(security, "HEADERS", security.HEADERS | {"Content-Security-Policy": loose})


@killed_by("security/test_headers.py::test_the_policy_lets_nothing_run_but_our_own_scripts_and_the_pinned_one")
def pages_may_be_framed(patch: Patch) -> None:
    from app.webkit import security

    loose = security.CSP.replace("frame-ancestors 'none'", "frame-ancestors 'self' https:")
    patch.setattr(security, "HEADERS", security.HEADERS | {"Content-Security-Policy": loose})


@killed_by("security/test_headers.py::test_every_answer_of_every_route_carries_the_headers")
def kinds_of_files_are_guessed(patch: Patch) -> None:
    from app.webkit import security

    patch.setattr(
        security, "HEADERS", {name: said for name, said in security.HEADERS.items() if name != "X-Content-Type-Options"} | {"A": "b"}
    )


@killed_by("security/test_headers.py::test_https_is_remembered_by_browsers_and_only_where_the_address_is_https")
def https_is_forgotten(patch: Patch) -> None:
    from app.webkit import security

    patch.setattr(security, "HSTS", "max-age=60")


@killed_by("security/test_headers.py::test_what_is_for_somebody_is_kept_by_no_cache")
def caches_keep_what_is_for_somebody(patch: Patch) -> None:
    def public(app: Any) -> None:
        def keep(response: Any) -> Any:
            response.headers["Cache-Control"] = "public, max-age=600"
            return response

        app.after_request_funcs.setdefault(None, []).insert(0, keep)

    setting_up(patch, public)


@killed_by("security/test_headers.py::test_cookies_are_the_hosts_alone_and_out_of_reach_of_scripts")
def scripts_read_the_cookie(patch: Patch) -> None:
    setting_up(patch, lambda app: app.config.update(SESSION_COOKIE_HTTPONLY=False))


@killed_by("security/test_headers.py::test_cookies_are_the_hosts_alone_and_out_of_reach_of_scripts")
def the_cookie_goes_in_clear(patch: Patch) -> None:
    setting_up(patch, lambda app: app.config.update(SESSION_COOKIE_SECURE=False))


@killed_by("security/test_cross_site.py::test_the_cookie_itself_is_not_sent_along_by_other_sites")
def the_cookie_comes_along_from_other_sites(patch: Patch) -> None:
    setting_up(patch, lambda app: app.config.update(SESSION_COOKIE_SAMESITE="None"))


@killed_by("security/test_injection.py::test_a_forged_host_reaches_no_page_no_code_and_no_file")
def addresses_are_of_the_host_that_was_asked(patch: Patch) -> None:
    from flask import request

    def trusting(app: Any) -> None:
        said = app.config["SETTINGS"]
        told = _Told(said)
        app.config["SETTINGS"] = told
        app.jinja_env.globals["public_url"] = told.public_url

    class _Told:
        def __init__(self, settings: Any) -> None:
            self._settings = settings

        def __getattr__(self, name: str) -> Any:
            return getattr(self._settings, name)

        @property
        def public_url(self) -> str:
            return request.host_url.rstrip("/") if request else str(self._settings.public_url)

    setting_up(patch, trusting)


@killed_by("security/test_accounts.py::test_no_address_that_browsers_take_for_another_site_is_a_path", quick=True)
def any_address_is_gone_on_to(patch: Patch) -> None:
    everywhere(patch, "app.webkit.guards", "local_path", lambda given: given or None)


@killed_by("security/test_accounts.py::test_no_address_that_browsers_take_for_another_site_is_a_path", quick=True)
def a_tab_in_an_address_is_nothing(patch: Patch) -> None:
    from app.webkit import guards

    patch.setattr(guards, "UNSEEN", re.compile(r"(?!)"))


@killed_by("security/test_accounts.py::test_no_form_leads_to_another_site")
def forms_lead_anywhere(patch: Patch) -> None:
    everywhere(patch, "app.webkit.guards", "local_path", lambda given: given or None)


@killed_by("security/test_headers.py::test_an_error_that_nobody_expected_tells_nothing_of_itself")
def an_error_tells_what_went_wrong(patch: Patch) -> None:
    from app.web import errors

    patch.setattr(errors, "unexpected", lambda error: errors.answer(500, repr(error)))


# ── files that come in, and those that go out ──


@killed_by("security/test_formulas.py::test_each_sign_that_begins_a_formula_is_words", quick=True)
def formulas_go_out_in_csv(patch: Patch) -> None:
    from app.sheets import writing

    patch.setattr(writing, "_csv_cell", lambda value: value)


@killed_by("security/test_formulas.py::test_each_sign_that_begins_a_formula_is_words", quick=True)
def formulas_go_out_in_xlsx(patch: Patch) -> None:
    from xlsxwriter.worksheet import Worksheet

    patch.setattr(Worksheet, "write_string", lambda sheet, row, column, text, look=None: sheet.write_formula(row, column, text, look))


@killed_by("security/test_sheets.py::test_a_zip_bomb_is_refused_by_what_it_says_it_unpacks_to", quick=True)
def a_book_may_unpack_to_anything(patch: Patch) -> None:
    from app.sheets import reading

    patch.setattr(reading, "_xlsx", reading._calamine)


@killed_by("sheets/test_reading.py::test_what_is_read_is_what_was_looked_at", quick=True)
def a_book_is_read_as_it_was_sent(patch: Patch) -> None:
    from app.sheets import reading

    right = reading._inspect
    patch.setattr(reading, "_inspect", lambda data: (data, right(data)[1]))


@killed_by("sheets/test_reading.py::test_a_part_packed_in_a_way_that_no_workbook_is_takes_no_memory", quick=True)
def a_part_may_be_packed_in_any_way(patch: Patch) -> None:
    from app.sheets import reading

    patch.setattr(reading, "PACKED", frozenset(range(100)))


@killed_by("security/test_sheets.py::test_a_kilobyte_that_asks_for_all_memory_is_refused_however_it_is_written", quick=True)
def far_cells_are_only_looked_for_where_excel_writes_them(patch: Patch) -> None:
    """What does the reading then is taken away as well: it would end the process of the tests."""
    from app.sheets import reading

    patch.setattr(reading, "_try_apart", lambda _data: None)
    patch.setattr(reading, "_calamine", lambda _data: [])


@killed_by("security/test_sheets.py::test_forms_that_take_a_table_refuse_a_bomb_in_words")
def forms_take_any_table(patch: Patch) -> None:
    from app.sheets import reading

    patch.setattr(reading, "_try_apart", lambda _data: None)
    patch.setattr(reading, "_extent", lambda _xml: None)
    patch.setattr(reading, "_calamine", lambda _data: [])


@killed_by("security/test_sheets.py::test_entities_are_not_resolved", quick=True)
def entities_are_resolved(patch: Patch) -> None:
    """As a parser that was set up otherwise would."""
    from app.sheets import reading

    right = reading.read

    def resolving(data: bytes, name: str) -> Any:
        import zipfile

        with zipfile.ZipFile(BytesIO(data)) as parts:
            for one in parts.namelist():
                if found := re.search(rb'SYSTEM "file://([^"]+)"', parts.read(one)):
                    return [reading.Sheet("a", [[Path(found[1].decode()).read_text()]])]
        return right(data, name)

    patch.setattr(reading, "read", resolving)


@killed_by("security/test_pictures.py::test_a_small_file_that_claims_a_hundred_megapixels_is_refused_unopened", quick=True)
def pictures_may_have_any_size(patch: Patch) -> None:
    from PIL import Image

    from app.activities import photo_files

    patch.setattr(photo_files, "MAX_PIXELS", dict.fromkeys(photo_files.MAX_PIXELS, 1 << 60))
    patch.setattr(Image, "MAX_IMAGE_PIXELS", None)


@killed_by("activities/test_photos.py::TestReading::test_nothing_but_the_picture_stays", quick=True)
def where_a_photo_was_taken_is_kept(patch: Patch) -> None:
    from app.activities import photo_files

    def kept(sent: Any, *_size: int) -> Any:
        sent.load()
        return sent

    def written(picture: Any, quality: int) -> bytes:
        out = BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=quality, exif=picture.getexif(), comment=picture.info.get("comment", b""))
        return out.getvalue()

    patch.setattr(photo_files, "_upright", kept)
    patch.setattr(photo_files, "_jpeg", written)


@killed_by("security/test_pictures.py::test_of_a_file_that_is_two_things_only_the_picture_stays", quick=True)
def pictures_are_kept_as_they_were_sent(patch: Patch) -> None:
    from app.activities import photo_files

    right = photo_files.read
    patch.setattr(photo_files, "read", lambda raw: replace(right(raw), large=raw))


@killed_by("security/test_pictures.py::test_what_is_no_photo_is_refused_whatever_it_is_called", quick=True)
def a_file_is_what_its_name_says(patch: Patch) -> None:
    from app.activities import photo_files

    patch.setattr(photo_files, "read", lambda raw: photo_files.Picture(raw, raw, 1, 1))


@killed_by("security/test_injection.py::test_no_path_leads_out_of_the_folder")
def paths_are_joined_as_they_come(patch: Patch) -> None:
    from flask import Flask, make_response

    def joined(app: Any, filename: str) -> Any:
        found = Path(app.static_folder) / filename
        return make_response(found.read_bytes() if "\0" not in filename and found.is_file() else b"", 200 if found.is_file() else 404)

    patch.setattr(Flask, "send_static_file", joined)


# ── who may see what ──

# Taken away one after another in tests/security/test_scope.py, on one scene; the page that must open then stands beside each.
WALLS: dict[str, tuple[Callable[[Patch], None], str]] = {}


def opens(page: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def known(breaks: Callable[[Patch], None]) -> Callable[[Patch], None]:
        WALLS[breaks.__name__] = (breaks, page)
        return breaks

    return known


@opens("one member")
def members_of_other_branches_are_shown(patch: Patch) -> None:
    from app.pages.views import branch

    patch.setattr(branch, "people", Unscoped(branch.people))


@opens("their particulars")
def particulars_of_other_branches_are_shown(patch: Patch) -> None:
    from app.people.views import access

    patch.setattr(access, "queries", Unscoped(access.queries))


@opens("the roles of somebody")
def whom_one_helps_may_be_anybody(patch: Patch) -> None:
    from sqlalchemy import true

    from app.accounts import helping

    patch.setattr(helping, "_in_scope", lambda *_args: true())


@opens("a merge")
def merges_are_everybody_s(patch: Patch) -> None:
    from app.merges.views import common, pairs

    for module in (common, pairs):
        patch.setattr(module, "at_home", lambda *_args: None)


@opens("a request about one's data")
def requests_about_data_are_everybody_s(patch: Patch) -> None:
    from app.people import queries
    from app.rights.queries import requests

    patch.setattr(requests, "below", Unscoped(queries).below)


@opens("the file of a sealed day")
def seals_are_everybody_s(patch: Patch) -> None:
    from app.seals import views

    patch.setattr(views, "_whole_subdistrict", lambda: None)


@opens("how the machine is")
def the_machine_is_everybody_s(patch: Patch) -> None:
    from app.web import system

    patch.setattr(system, "people", Unscoped(system.people))


@opens("one line of the audit")
def the_audit_is_everybody_s(patch: Patch) -> None:
    from app.audit import views

    patch.setattr(views, "_whole_subdistrict", lambda: None)


@opens("a list of names")
def lists_of_names_are_everybody_s(patch: Patch) -> None:
    from app.claims.views import decisions

    patch.setattr(decisions, "is_below", lambda *_args: True)


@opens("that report as a table")
def reports_are_everybody_s(patch: Patch) -> None:
    from app.reports.views import snapshots

    patch.setattr(snapshots, "people", Unscoped(snapshots.people))


@opens("that batch as a file")
def certificates_are_everybody_s(patch: Patch) -> None:
    from app.certificates.views import batches

    patch.setattr(batches, "reads", lambda *_args: True)


@opens("the corrections of a roster")
def rosters_are_everybody_s(patch: Patch) -> None:
    from app.imports import status

    patch.setattr(status, "people", Unscoped(status.people))


@opens("a request of the fund")
def requests_of_the_fund_are_everybody_s(patch: Patch) -> None:
    from app.fund.views import shared

    patch.setattr(shared, "is_below", lambda *_args: True)


@killed_by("security/test_merges.py::test_a_merge_with_a_record_of_another_branch_is_for_who_sees_both")
def of_a_merge_one_record_is_enough(patch: Patch) -> None:
    from app.merges.views import common

    right = common.at_home
    asked: list[int] = []

    def first(person_id: int, *rest: Any) -> None:
        asked.append(person_id)
        if len(asked) % 2:
            right(person_id, *rest)

    patch.setattr(common, "at_home", first)


@killed_by("security/test_two_people.py::test_nobody_decides_what_they_wrote_down_themselves")
def one_decides_what_one_wrote_down(patch: Patch) -> None:
    from app.rights.service import deciding

    right = deciding._known
    patch.setattr(deciding, "_known", lambda request_id, _by_id: right(request_id, 0))


@killed_by("security/test_two_people.py::test_who_opened_the_account_does_not_decide_what_it_then_asks_for")
def who_opened_an_account_decides_what_it_asks_for(patch: Patch) -> None:
    from app.accounts import helping

    patch.setattr(helping, "opened_by_code", lambda *_args: False)


@killed_by(
    "security/test_two_people.py::test_who_was_given_the_role_by_who_wrote_it_down_waits_a_day",
    "security/test_two_people.py::test_the_same_of_a_merge",
)
def one_makes_oneself_a_second_person(patch: Patch) -> None:
    from app.accounts import helping

    patch.setattr(helping, "given_by", lambda *_args: False)


# ── what the database keeps ──


def _without(patch: Patch, triggers: str) -> None:
    """On SQLite, in each test's own copy."""
    from tests import engines

    right = engines.sqlite_copy

    def copied(template: Path, target: Path) -> None:
        right(template, target)
        with sqlite3.connect(target) as connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB ?", (triggers,)
            ).fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
        connection.close()

    patch.setattr(engines, "sqlite_copy", copied)


@killed_by("architecture/test_ledgers.py")
def the_audit_may_be_changed(patch: Patch) -> None:
    _without(patch, "audit_event*")


@killed_by("architecture/test_ledgers.py")
def hours_may_be_changed(patch: Patch) -> None:
    _without(patch, "hour_entry*")


@killed_by("seals/test_coverage.py")
def seals_may_be_changed(patch: Patch) -> None:
    _without(patch, "seal_*")


@killed_by("audit/test_keys.py::test_a_value_moved_to_another_row_does_not_open")
def a_value_opens_in_any_row(patch: Patch) -> None:
    everywhere(patch, "app.audit.personal", "bound_to", lambda person_id, *_rest: str(person_id))


@killed_by("security/test_keys.py::test_a_value_opens_at_its_own_moment_only")
def a_value_opens_at_any_moment(patch: Patch) -> None:
    everywhere(patch, "app.audit.personal", "bound_to", lambda person_id, action, field, _at: f"{person_id}|{action}|{field}")


@killed_by("security/test_keys.py::test_a_key_put_in_another_s_place_opens_nothing")
def a_key_fits_anybody(patch: Patch) -> None:
    from app.core import keyring

    for name in ("close", "open_"):
        right = getattr(keyring, name)
        patch.setattr(keyring, name, lambda key, value, about, right=right: right(key, value, "" if about.startswith("person ") else about))


@killed_by("accounts/test_second_factor.py::test_the_key_is_unreadable_in_the_database_and_bound_to_its_person")
def a_second_factor_fits_anybody(patch: Patch) -> None:
    from app.accounts import factors

    seal, unseal = factors.seal, factors.unseal
    patch.setattr(factors, "seal", lambda totp_key, _person_id, key: seal(totp_key, 0, key))
    patch.setattr(factors, "unseal", lambda sealed, _person_id, key: unseal(sealed, 0, key))


@killed_by("security/test_events.py")
def what_was_tried_is_not_logged(patch: Patch) -> None:
    everywhere(patch, "app.webkit.events", "noted", lambda *_args, **_named: None)


# ── running them ──


class Verdict:
    """Which tests failed while they ran, and which could not even begin."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.errors: list[str] = []
        self.passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            (self.failed if report.when == "call" else self.errors).append(report.nodeid)
        self.passed += report.passed and report.when == "call"


def under(name: str | None, tests: tuple[str, ...], template: Path) -> int:
    """In this process: break it, run the tests. KILLED, SURVIVED, or CONFUSED where they could not be run."""
    from app.core.db import db
    from tests import conftest

    seen = Verdict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conftest, "upgrade", lambda: shutil.copyfile(template, str(db.engine.url.database)))  # migrated once for all
        if name:
            MUTANTS[name].breaks(patch)
        end = pytest.main([*tests, "-q", "-x", "--no-header", "-p", "no:cacheprovider", "--tb=short"], plugins=[seen])
    if seen.failed:
        return KILLED
    return SURVIVED if end == 0 and seen.passed and not seen.errors else CONFUSED


def apart(work: Callable[[], int]) -> tuple[int, str]:
    """In a process of its own, a fork of this one: what it came to, and what it said."""
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if not child:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            end = CONFUSED
            try:
                end = work()
            finally:
                os._exit(end)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        return os.waitstatus_to_exitcode(status), out.read().decode(errors="replace")[-4000:]


def migrated(template: Path) -> int:
    from flask_migrate import upgrade

    from app import create_app
    from app.core.db import db
    from tests.conftest import settings_for

    with create_app(settings_for(f"sqlite:///{template}", template.parent)).app_context():
        upgrade()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return 0


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(names: list[str]) -> int:
    for found in walk_packages(app.__path__, "app."):  # so that everything can be replaced, and forks need not read it again
        import_module(found.name)
    os.environ["SHULIN_TEST_ENGINES"] = "sqlite"
    chosen = [MUTANTS[name] for name in names or MUTANTS]
    walls = () if names else ("tests/security/test_scope.py",)
    whole = tuple(sorted({test for one in chosen for test in one.tests} | set(walls)))
    survived = []
    with tempfile.TemporaryDirectory(prefix="mutants") as folder:
        template = Path(folder) / "template.db"
        end, told = (0, "") if all(one.quick for one in chosen) else apart(lambda: migrated(template))
        if end == 0:
            end, told = apart(lambda: under(None, whole, template))
        if end != SURVIVED:
            say(f"nothing is broken, and yet:\n{told}")
            return 1
        if walls:
            say(f"killed    {len(WALLS)} walls between branches, one after another in {walls[0]}")
        for one in chosen:
            end, told = apart(lambda one=one: under(one.name, one.tests, template))  # type: ignore[misc]
            say(f"{('killed', 'SURVIVED')[end] if end in {KILLED, SURVIVED} else 'CONFUSED':9} {one.name}")
            if end != KILLED:
                survived.append(one.name)
                say(told)
    say(f"{len(chosen) - len(survived)} of {len(chosen)} defences, taken away, were missed by a test")
    return 1 if survived else 0


def asked() -> int:
    said = argparse.ArgumentParser(prog="python -m tests.security.mutants", description=__doc__)
    said.add_argument("names", nargs="*", metavar="NAME")
    given = said.parse_args()
    if unknown := set(given.names) - set(MUTANTS):
        said.error(f"no such mutant: {', '.join(sorted(unknown))}")
    return main(given.names)


if __name__ == "__main__":
    from tests.security import mutants  # by its own name, as the tests import it

    sys.exit(mutants.asked())
