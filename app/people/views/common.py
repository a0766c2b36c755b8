"""The blueprint that the pages of people, units and places share."""

from flask import Blueprint

bp = Blueprint("people", __name__)
