"""The floor of every page: a Flask view that says hello."""

from flask import Flask


def create_app() -> Flask:
    app = Flask("hello")

    @app.get("/")
    def hello() -> str:
        return "hello"

    return app
