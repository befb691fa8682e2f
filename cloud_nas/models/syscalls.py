"""Linux's own ways to take rights away from a process, called directly; the standard library has no words for them.

Neither needs a privilege, and neither can be undone by the process or its children.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_NO_NEW_PRIVILEGES, _SECCOMP, _DIE_WITH_PARENT = 38, 22, 1
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 13  # SECCOMP_RET_ERRNO with EACCES

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_DENIED = {
    # socket, connect, bind, execve, execveat, ptrace, process_vm_readv, process_vm_writev, io_uring_setup (it opens sockets too),
    # bpf, add_key, request_key, keyctl, userfaultfd, pidfd_getfd
    "x86_64": (41, 42, 49, 59, 322, 101, 310, 311, 425, 321, 248, 249, 250, 323, 438),
    "aarch64": (198, 203, 200, 221, 281, 117, 270, 271, 425, 280, 217, 218, 219, 282, 438),
}
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_WRITE, _TRUNCATE = 1 << 1, 1 << 14
_CHANGES = {1: 0x1FF2, 2: 0x3FF2}  # by version: write, remove, make; then move between folders, and from the third on truncate


def die_with_parent() -> None:
    """Ends this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, 9, 0, 0, 0)


def forbid_network() -> bool:
    """Takes sockets, new programs and other processes' memory away from this process; whether that was possible here."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES:
        return False
    denied = _DENIED[machine]
    last = len(denied) + 4  # how far the last line is from the second
    program = [
        (0x20, 0, 0, 4),  # the architecture
        (0x15, 0, last - 1, _ARCHITECTURES[machine]),
        (0x20, 0, 0, 0),  # the call's number
        (0x35, last - 3, 0, 0x40000000),  # x32's numbers
        *((0x15, last - 4 - place, 0, number) for place, number in enumerate(denied)),
        (0x06, 0, 0, _ALLOW),
        (0x06, 0, 0, _DENY),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    filters = ctypes.create_string_buffer(struct.pack("HP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None)
    return bool(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and libc.prctl(_SECCOMP, 2, filters, 0, 0) == 0)


def forbid_writing(but: Iterable[Path]) -> bool:
    """Lets this process change nothing on the disk but below these folders, and these files; whether that was possible here."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    changes = _CHANGES[min(version, 2)] | (_TRUNCATE if version >= 3 else 0)
    ruleset = libc.syscall(_CREATE_RULESET, struct.pack("Q", changes), 8, 0)
    if ruleset < 0:
        return False
    try:
        for path in but:
            allowed = changes if path.is_dir() else changes & (_WRITE | _TRUNCATE)
            place = os.open(path, os.O_RDONLY)
            try:
                if libc.syscall(_ADD_RULE, ruleset, 1, struct.pack("=Qi", allowed, place), 0) != 0:
                    return False
            finally:
                os.close(place)
        return bool(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)
