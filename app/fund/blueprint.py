from flask import Blueprint

bp = Blueprint("fund", __name__)
