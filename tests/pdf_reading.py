"""Reads back what a PDF of ours says: its words in their order, and the fonts it carries. Enough for WeasyPrint's files, no more."""

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)endobj", re.S)
STREAM = re.compile(rb"^(.*?)stream\r?\n(.*)endstream", re.S)
PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
FONT_USE = re.compile(rb"/(\S+) [\d.]+ Tf|<([0-9a-fA-F]+)>|(?<=[\s\]])(ET)\b")


def objects(pdf: bytes) -> dict[int, bytes]:
    """Every object by its number, streams unpacked, those inside object streams too."""
    found: dict[int, bytes] = {}
    for number, body in OBJECT.findall(pdf):
        stream = STREAM.match(body)
        if stream and b"FlateDecode" in stream[1]:
            body = stream[1] + b"stream\n" + zlib.decompressobj().decompress(stream[2])
        found[int(number)] = body
    for body in list(found.values()):
        if b"/ObjStm" in body[:200]:
            head, inner = body.split(b"stream\n", 1)
            first = int(re.search(rb"/First (\d+)", head)[1])  # type: ignore[index]
            pairs = [int(one) for one in inner[:first].split()]
            places = [(pairs[n], pairs[n + 1]) for n in range(0, len(pairs), 2)]
            for n, (number, at) in enumerate(places):
                until = places[n + 1][1] if n + 1 < len(places) else len(inner) - first
                found[number] = inner[first + at : first + until]
    return found


def fonts(pdf: bytes) -> set[str]:
    """The names of the fonts whose shapes are in the file: Noto-Sans-CJK-SC …"""
    described = [body for body in objects(pdf).values() if b"/FontFile" in body]
    return {re.search(rb"/FontName /(?:[A-Z]{6}\+)?([^\s/]+)", body)[1].decode() for body in described}  # type: ignore[index]


def text(pdf: bytes) -> str:
    """The words as a reader would copy them, one line for each run."""
    found = objects(pdf)
    maps = {name: _letters(found, int(font)) for body in found.values() for name, font in re.findall(rb"/(\S+) (\d+) 0 R", body)}
    lines, letters = [], dict[int, str]()
    for body in found.values():
        if b" Tf" not in body or b"stream\n" not in body:
            continue
        line = ""
        for font, codes, ended in FONT_USE.findall(body.split(b"stream\n", 1)[1]):
            if font:
                letters = maps.get(font, {})
            elif codes:
                line += "".join(letters.get(int(codes[at : at + 4], 16), "") for at in range(0, len(codes), 4))
            elif ended:
                lines.append(line)
                line = ""
    return "\n".join(lines)


def _letters(found: dict[int, bytes], font: int) -> dict[int, str]:
    """What each glyph of a font stands for, from its ToUnicode map."""
    meant = re.search(rb"/ToUnicode (\d+) 0 R", found.get(font, b""))
    pairs = PAIR.findall(found[int(meant[1])]) if meant else []
    return {int(code, 16): bytes.fromhex(said.decode()).decode("utf-16-be") for code, said in pairs if len(said) % 4 == 0}
