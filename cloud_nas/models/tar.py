"""The members of a `.tar.gz`, read with a reader of our own that knows what an honest archive needs and nothing more.

Python's `tarfile` follows every extension that the format has grown (sparse files, hard links into what was unpacked before,
headers as large as they say they are), and each was a hole once (CVE-2025-4517, -4330, -4138, -8194). Here a member is a plain
file or a folder with a name and a size; a longer name may come before it in the way of GNU or of POSIX; all else is refused.
What decides about a member is the same reading that its bytes come from.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cloud_nas.errors import RefusedError

BLOCK = 512
_PIECE = 1 << 20
_MOST_HEADER = 1 << 20
"""Bytes that a longer name's own entry may have."""
_FILES, _FOLDER = {b"0", b"\0", b"7"}, b"5"
_GNU_NAME, _POSIX, _POSIX_FOR_ALL = b"L", b"x", b"g"
_OTHER = {
    b"1": "a hard link",
    b"2": "a link",
    b"K": "a link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"S": "a file with holes",
    b"M": "a part of another archive",
    b"V": "a volume's label",
    b"D": "a list of files",
}


@dataclass(frozen=True)
class Member:
    """A member: its name as it stands there, whether it is a folder, and its bytes."""

    name: str
    is_folder: bool
    size: int


class Tar:
    """A `.tar.gz`, read from its beginning to its end and once.

    Args:
        path: the file.
        most: the bytes that it may unpack to, headers included.
        ratio: how often larger than the file read so far that may be, beyond `most_before_ratio` bytes.
        most_before_ratio: what it may unpack to whatever the ratio.

    Raises:
        RefusedError: by every method; the archive is damaged, or not one that this reader takes.
    """

    def __init__(self, path: Path, *, most: int, ratio: int, most_before_ratio: int) -> None:
        self._path, self._most, self._ratio, self._free = path, most, ratio, most_before_ratio
        self._raw: IO[bytes] = path.open("rb")
        self._file = gzip.GzipFile(fileobj=self._raw, mode="rb")
        self._unpacked = 0
        self._left = 0  # bytes of the present member's content, padding included, that are still to be read
        self._content = 0

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        self._raw.close()

    def members(self) -> Iterator[Member]:
        """Each member in turn; `content` gives the bytes of the last one."""
        longer: str | None = None
        size: int | None = None
        while (header := self._header()) is not None:
            kind = header[156:157]
            length = _number(header[124:136], self)
            if kind in (_GNU_NAME, _POSIX, _POSIX_FOR_ALL):
                entry = self._entry(length)
                if kind == _GNU_NAME:
                    longer = _text(entry.rstrip(b"\0"), self)
                else:
                    named, sized = _posix(entry, self)
                    if kind == _POSIX_FOR_ALL and (named is not None or sized is not None):
                        raise self.refused("it names all members at once")
                    longer, size = named or longer, size if sized is None else sized
                continue
            name = longer if longer is not None else _short_name(header, self)
            length = length if size is None else size
            if kind not in _FILES and kind != _FOLDER:
                raise self.refused(f"{name!r} is {_OTHER.get(kind, f'of an unknown kind {kind!r}')}")
            longer, size = None, None
            is_folder = kind == _FOLDER or name.endswith("/")
            self._content = 0 if is_folder else length
            self._left = _padded(self._content)
            yield Member(name, is_folder, self._content)
            self._skip()
        if longer is not None or size is not None:
            raise self.refused("it ends after a name")
        self._require_end()

    def content(self) -> Iterator[bytes]:
        """The bytes of the present member, piece by piece; to be read before the next member is asked for."""
        while self._content:
            piece = self._read(min(_PIECE, self._content))
            self._content -= len(piece)
            self._left -= len(piece)
            yield piece

    def refused(self, problem: str) -> RefusedError:
        """The error that says what is wrong with this archive."""
        return RefusedError(
            f"{self._path.name} is refused: {problem}", hint="get it again from whoever made it", where=str(self._path)
        )

    def _header(self) -> bytes | None:
        """The next header; None at the archive's end."""
        block = self._read(BLOCK)
        if not block.strip(b"\0"):
            return None
        if block[257:262] != b"ustar" or _sum(block) != _number(block[148:156], self):
            raise self.refused("it is no tar archive, or damaged")
        return block

    def _entry(self, length: int) -> bytes:
        """The content of an entry that is about the next member."""
        if length > _MOST_HEADER:
            raise self.refused(f"a name in it takes {length} bytes")
        return self._read(_padded(length))[:length]

    def _skip(self) -> None:
        while self._left:
            self._left -= len(self._read(min(_PIECE, self._left)))
        self._content = 0

    def _require_end(self) -> None:
        """After the first block of zeros there are only more of them."""
        while piece := self._some(_PIECE):
            if piece.strip(b"\0"):
                raise self.refused("it goes on after its end")

    def _read(self, size: int) -> bytes:
        piece = self._some(size)
        if len(piece) != size:
            raise self.refused("it is cut short")
        return piece

    def _some(self, size: int) -> bytes:
        """Up to `size` bytes, counted."""
        try:
            piece = self._file.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise self.refused(f"it is no gzip file, or damaged ({error})") from error
        self._unpacked += len(piece)
        if self._unpacked > self._most:
            raise self.refused(f"unpacked it is larger than {self._most} bytes")
        if self._unpacked > self._free and self._unpacked > self._ratio * max(1, self._raw.tell()):
            raise self.refused(f"it unpacks to more than {self._ratio} times its size")
        return piece


def _short_name(header: bytes, archive: Tar) -> str:
    """The name in the header itself; POSIX keeps the beginning of a longer one apart."""
    name = _text(header[:100].split(b"\0", 1)[0], archive)
    if header[257:263] != b"ustar\0":  # GNU keeps other things there
        return name
    before = _text(header[345:500].split(b"\0", 1)[0], archive)
    return f"{before}/{name}" if before else name


def _posix(entry: bytes, archive: Tar) -> tuple[str | None, int | None]:
    """Name and size in records `LENGTH KEY=VALUE`, each on a line; times and owners are read over."""
    name: str | None = None
    size: int | None = None
    while entry:
        digits, space, _ = entry[:20].partition(b" ")
        length = int(digits) if space and digits.isdigit() else 0
        record = entry[len(digits) + 1 : length]
        if not (len(digits) + 3 < length <= len(entry)) or not record.endswith(b"\n"):
            raise archive.refused("a record in it is damaged")
        key, _, value = record[:-1].partition(b"=")
        if key == b"path":
            name = _text(value, archive)
        elif key == b"size":
            if not value.isdigit() or len(value) > 18:
                raise archive.refused("a size in it is no number")
            size = int(value)
        elif key == b"linkpath" or key.startswith((b"GNU.sparse", b"SCHILY.realsize")):
            raise archive.refused(f"it holds {'a link' if key == b'linkpath' else 'a file with holes'}")
        entry = entry[length:]
    return name, size


def _number(field: bytes, archive: Tar) -> int:
    """An octal number, or GNU's binary one."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    if field[0] > 127 or not all(byte in b"01234567" for byte in text):
        raise archive.refused("a number in it is none")
    return int(text or b"0", 8)


def _text(name: bytes, archive: Tar) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise archive.refused("a name in it is not UTF-8") from error


def _sum(header: bytes) -> int:
    return sum(header[:148]) + 8 * ord(" ") + sum(header[156:])


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
