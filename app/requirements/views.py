from flask import Blueprint

bp = Blueprint("requirements", __name__)
