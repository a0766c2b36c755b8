"""Files that come in with a form, and those that go out."""

from dataclasses import dataclass

from flask import Response, make_response
from werkzeug.datastructures import FileStorage, ImmutableMultiDict

from app.core.errors import Invalid
from app.core.identity import without_id_number
from app.webkit.forms import clean


@dataclass(frozen=True)
class Upload:
    data: bytes
    name: str


def upload(files: "ImmutableMultiDict[str, FileStorage]", largest: int, *, called: str, missing: str) -> Upload:
    """The field `file`; `called` so without a name of its own. Raises Invalid, with the words `missing`, when nothing was chosen.

    Reads one byte more than the largest, so that the reader can refuse.
    """
    file = files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": missing})
    with file.stream as stream:
        data = stream.read(largest + 1)
    return Upload(data, without_id_number(clean(file.filename), dated=True)[-120:] or called)


def attachment(data: bytes, content_type: str, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
