"""The names of files in an archive or on a disk, whose bytes may be in any encoding.

What cannot be told stays as surrogates (see PEP 383): whose name holds one is not guessed.
"""

import os
import re
import struct
import unicodedata
import zipfile
import zlib

# Of those who write no UTF-8: DOS and Windows in the West, Windows' own, Windows in Japan.
_ENCODINGS = ("cp437", "cp850", "cp1252", "cp932")
UTF8 = 0x800  # APPNOTE.TXT 4.4.4, bit 11: the name is in UTF-8
_UNICODE_PATH = 0x7075  # APPNOTE.TXT 4.6.9: the name in UTF-8, beside the other


def is_told(name: str) -> bool:
    """Whether every byte of the name could be read."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """The path in an archive, with "/"; macOS's Finder writes UTF-8 and does not say so."""
    if info.flag_bits & UTF8:
        name = info.orig_filename
    else:
        raw = info.orig_filename.encode("cp437")
        name = _unicode_path(info.extra, raw) or read_name(raw)
    return name.replace("\\", "/")


def of_disk(path: str) -> str:
    return read_name(os.fsencode(path))


def read_name(raw: bytes) -> str:
    """The name in UTF-8, or in another encoding if one alone makes words of it.

    >>> read_name("José".encode("cp437")), is_told(read_name(b"Jos\\xe9"))
    ('José', False)
    """
    return "/".join(map(_read_part, raw.split(b"/")))


def _read_part(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        found = {text for text in map(lambda code: _decoded(raw, code), _ENCODINGS) if text}
        return found.pop() if len(found) == 1 else raw.decode("utf-8", "surrogateescape")
    try:  # UTF-8 that was once read as code page 437 and written down so: ├ begins no name
        return name if name.isascii() else name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _decoded(raw: bytes, encoding: str) -> str | None:
    """The name in this encoding, composed, if it makes words of letters of one script."""
    try:
        name = unicodedata.normalize("NFC", raw.decode(encoding))
    except UnicodeDecodeError:
        return None
    if not all(char.isascii() or char.isalpha() for char in name):
        return None
    for word in re.findall(r"[^\W\d_]+", name):
        foreign = [char for char in word if not char.isascii()]
        latin = [char for char in foreign if unicodedata.name(char, "").startswith("LATIN ")]
        if len(foreign) < len(word) and latin != foreign:
            return None
    return name


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:
            (checksum,) = struct.unpack("<I", field[1:5])
            if checksum == zlib.crc32(raw):
                return field[5:].decode("utf-8", "surrogateescape")
    return None
