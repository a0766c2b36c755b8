"""The uploaded file as bytes and a name."""

from dataclasses import dataclass

from werkzeug.datastructures import FileStorage, ImmutableMultiDict

from app.core.errors import Invalid
from app.sheets import reading
from app.webkit.forms import clean


@dataclass(frozen=True)
class Upload:
    data: bytes
    name: str


def upload(files: "ImmutableMultiDict[str, FileStorage]") -> Upload:
    """Raises Invalid (field `file`) when nothing was chosen. Reads one byte more than allowed, so that the reader can refuse."""
    file = files.get("file")
    if file is None or not file.filename:
        raise Invalid({"file": "请选一个文件"})
    with file.stream as stream:
        data = stream.read(reading.LARGEST_FILE + 1)
    return Upload(data, clean(file.filename)[-120:] or "表")
