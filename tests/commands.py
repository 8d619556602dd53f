"""The command line as tests run it: in this process, or on a terminal of its own."""

import errno
import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple
from unittest.mock import patch

import pytest

from lungkg.cli import main
from tests.server import environment

COMMAND: Final = [sys.executable, "-c", "from lungkg.cli import main; main()"]


class Run(NamedTuple):
    """How a command ended and what it wrote."""

    returncode: int
    stdout: bytes
    stderr: bytes

    @property
    def told(self) -> str:
        """What it wrote on standard error, with the breaks of long lines undone."""
        return " ".join(self.stderr.decode().split())


def lungkg(*words: str | Path, stdin: bytes = b"") -> Run:
    """Run a command in this process, with its input and outputs in memory."""
    given, told, errors = (io.TextIOWrapper(io.BytesIO(content), "utf-8") for content in (stdin, b"", b""))
    with (
        patch.object(sys, "argv", ["lungkg", *map(str, words)]),
        patch.multiple(sys, stdin=given, stdout=told, stderr=errors),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    told.flush()
    errors.flush()
    return Run(int(ended.value.code or 0), told.buffer.getvalue(), errors.buffer.getvalue())


def on_terminal(*words: str | Path, width: int = 100) -> tuple[int, str]:
    """Run a command on a terminal of this width; gives its exit code and what is seen, without colours."""
    ours, theirs = pty.openpty()
    setting = {**environment(), "COLUMNS": str(width), "TERM": "xterm-256color"}
    command = [*COMMAND, *map(str, words)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=setting) as process:
        os.close(theirs)
        seen = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    return process.returncode, plain.replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError as error:
        if error.errno == errno.EIO:  # Linux says so when the other side is closed
            return b""
        raise
