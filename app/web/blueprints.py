"""Which features the site has. Adding one is a line here."""

from importlib import import_module

from flask import Flask
from flask_login import LoginManager

from app.webkit.guards import public

FEATURES = (
    "accounts",
    "people",
    "worklist",
    "activities",
    "audit",
    "cards",
    "proxies",
    "publicity",
    "duties",
    "pledges",
    "checkin",
    "claims",
    "hours",
    "requirements",
    "honours",
    "leaderboards",
    "fund",
    "imports",
    "registers",
    "reports",
    "assessments",
    "certificates",
    "schemes",
    "wishes",
    "results",
    "bank",
    "merges",
    "panels",
    "rights",
    "spotchecks",
    "seals",
    "pages",
)


def install(app: Flask) -> None:
    from app.accounts import login

    manager = LoginManager()
    manager.session_protection = None  # a session is a random token that can be revoked; phones change their address
    manager.user_loader(login.load_user)
    manager.init_app(app, add_context_processor=False)
    for feature in FEATURES:
        app.register_blueprint(import_module(f"app.{feature}.views").bp)
    app.register_blueprint(import_module("app.pages.setup_views").bp)
    public(app.view_functions["static"])
