"""The blueprint that the view modules of this feature share."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
