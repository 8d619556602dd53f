"""Hosts that only send files: Apache where it is installed, and a few lines that follow `.htaccess` as Apache does.

The second understands no more of the rules than a site of ours has, and says so when it meets something else.
"""

import contextlib
import email.utils
import http.server
import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import pytest

from tests.server import PATIENCE, free_port

APACHE: Final = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MODULES: Final = Path("/usr/lib/apache2/modules")
needs_apache = pytest.mark.skipif(
    APACHE is None or not MODULES.is_dir(), reason="Apache is not installed (Debian: apache2-bin)"
)

_CONFIGURATION: Final = """\
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {home}/pid
ErrorLog {home}/error.log
{modules}
TypesConfig /dev/null
DocumentRoot {home}/root
{alias}
<Directory {folder}>
AllowOverride All
Options FollowSymLinks
Require all granted
</Directory>
"""
_NEEDED: Final = ("mpm_event", "authz_core", "mime", "dir", "alias", "rewrite", "headers", "setenvif")


@contextlib.contextmanager
def apache(folder: Path, home: Path, port: int = 0, mount: str = "") -> Iterator[str]:
    """Serve a folder by Apache, below a path such as `/kg`; gives the address of the folder."""
    assert APACHE is not None
    port = port or free_port()
    (home / "root").mkdir(parents=True)
    lines = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _NEEDED]
    alias = f"Alias {mount} {folder}" if mount else f"DocumentRoot {folder}"
    (home / "httpd.conf").write_text(
        _CONFIGURATION.format(port=port, home=home, modules="\n".join(lines), alias=alias, folder=folder), "utf-8"
    )
    address = f"http://127.0.0.1:{port}{mount}/"
    with (home / "log").open("wb") as log:
        command = [APACHE, "-d", str(home), "-f", str(home / "httpd.conf"), "-DFOREGROUND"]
        with subprocess.Popen(command, stdout=log, stderr=log) as process:
            try:
                _wait(address, process, home)
                yield address
            finally:
                process.terminate()


def _wait(address: str, process: subprocess.Popen[bytes], home: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE):  # noqa: S310 # loopback
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
    told = "".join(path.read_text("utf-8") for path in (home / "log", home / "error.log") if path.exists())
    raise RuntimeError(f"Apache does not serve the site:\n{told}")


_IGNORED: Final = (
    "#",
    "Options",
    "DirectorySlash",
    "DirectoryIndex",
    "AddDefaultCharset",
    "RewriteEngine",
    "</FilesMatch>",
)

# A few lines that follow the rules -----------------------------------------------------------------


class Rules:
    """The `.htaccess` of a site, line by line."""

    def __init__(self, text: str) -> None:
        self.types: dict[str, str] = {}
        self.charsets: dict[str, str] = {}
        self.forced: list[tuple[str, str]] = []
        self.told: dict[int, str] = {}
        self.settings: list[tuple[str, list[str]]] = []
        self.headers: list[tuple[str, str, str, str]] = []
        self.rewriting: list[tuple[list[list[str]], str, str, dict[str, str], list[str]]] = []
        self._conditions: list[list[str]] = []
        self._files = ""
        for line in filter(None, (line.strip() for line in text.splitlines())):
            name, *words = _words(line)
            if name not in _IGNORED:
                self._read(name, words, line)

    def _read(self, name: str, words: list[str], line: str) -> None:
        match name:
            case "AddType":
                self.types |= dict.fromkeys(words[1:], words[0])
            case "AddCharset":
                self.charsets |= dict.fromkeys(words[1:], words[0])
            case "<FilesMatch":
                self._files = words[0].rstrip(">").strip('"')
            case "ForceType":
                self.forced.append((self._files, words[0]))
            case "ErrorDocument":
                self.told[int(words[0])] = words[1]
            case "SetEnvIf" if words[0] == "Request_URI":
                self.settings.append((words[1], words[2:]))
            case "Header":
                words = words[1:] if words[0] == "always" else words
                when = words.pop().removeprefix("env=") if words[-1].startswith("env=") else ""
                self.headers.append((words[0], words[1], words[2], when))
            case "RewriteCond" | "RewriteRule":
                self._read_rewriting(name, words)
            case _:
                raise AssertionError(f"no rule that is understood here: {line}")

    def _read_rewriting(self, name: str, words: list[str]) -> None:
        if name == "RewriteCond":
            self._conditions.append(words)
            return
        pattern, target, *flags = words
        given = flags[0].strip("[]").split(",") if flags else []
        setting = dict(flag[2:].split(":", 1) for flag in given if flag.startswith("E="))
        others = [flag for flag in given if not flag.startswith("E=")]
        self.rewriting.append((self._conditions, pattern, target, setting, others))
        self._conditions = []

    def rewrite(self, root: Path, mount: str, path: str, query: str, accept: str) -> tuple[int, str]:
        """Give status and path, or address, that a request is led to."""
        environment: dict[str, str] = {}
        for conditions, pattern, target, setting, flags in self.rewriting:
            found = re.search(pattern, path)
            if found is None:
                continue
            variables = {
                "%{REQUEST_URI}": mount + path,
                "%{REQUEST_FILENAME}": str(root / path),
                "%{QUERY_STRING}": query,
                "%{HTTP:Accept}": accept,
            }
            matched = _conditions(conditions, found, variables, environment)
            if matched is None:
                continue
            environment |= {
                name: _expand(value, found, matched, variables, environment) for name, value in setting.items()
            }
            if target != "-":
                led = _expand(target, found, matched, variables, environment)
                status = next((int(flag[2:]) for flag in flags if flag.startswith("R=")), 0)
                if status:
                    return status, led + (f"?{query}" if query and "QSD" not in flags else "")
                path = led
            if "G" in flags or any(flag.startswith("R=") for flag in flags):
                return 410 if "G" in flags else next(int(flag[2:]) for flag in flags if flag.startswith("R=")), ""
            if "END" in flags:
                break
        return 200, path

    def answer_headers(self, path: str) -> Iterator[tuple[str, str]]:
        """Give the headers of a file, by its path with the mount prefix."""
        environment: dict[str, str] = {}
        for pattern, given in self.settings:
            for found in re.finditer(pattern, path):
                for name, _, value in (one.partition("=") for one in given):
                    environment[name] = found[int(value[1:])] if value.startswith("$") else value
        for action, name, value, when in self.headers:
            assert action in ("set", "add", "merge")
            if not when or when in environment:
                yield name, re.sub(r"%\{(\w+)\}e|%%", lambda back: environment[back[1]] if back[1] else "%", value)

    def content_type(self, name: str) -> str:
        """Give the Content-Type of a file by its name."""
        suffix = Path(name).suffix
        for pattern, forced in self.forced:
            if re.search(pattern, name):
                return forced
        usual = {".css": "text/css", ".svg": "image/svg+xml"}
        media_type = self.types.get(suffix) or usual.get(suffix, "application/octet-stream")
        return f"{media_type}; charset={self.charsets[suffix]}" if suffix in self.charsets else media_type


def _words(line: str) -> list[str]:
    if line.startswith("#"):
        return ["#"]
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', line)
    return [re.sub(r'\\(["\\])', r"\1", quoted) if quoted or not plain else plain for quoted, plain in found]


def _conditions(
    conditions: list[list[str]], rule: re.Match[str], variables: dict[str, str], environment: dict[str, str]
) -> re.Match[str] | None:
    """Give the last match of the conditions, or None when one does not hold."""
    last: re.Match[str] = rule
    for tested, pattern, *flags in conditions:
        if tested == "expr":
            first, sign, second = pattern.split(" ")
            assert sign == ">"
            values = [environment.get(re.fullmatch(r"%\{reqenv:(\w+)\}", one)[1], "") for one in (first, second)]  # type: ignore[index]
            if not values[0] > values[1]:
                return None
            continue
        value = _expand(tested, rule, last, variables, environment)
        if pattern in ("-f", "!-f"):
            if Path(value).is_file() == pattern.startswith("!"):
                return None
            continue
        wanted = f"^{re.escape(pattern[1:])}$" if pattern.startswith("=") else pattern
        found = re.search(wanted, value, re.IGNORECASE if flags == ["[NC]"] else 0)
        if found is None:
            return None
        last = found
    return last


def _expand(
    text: str, rule: re.Match[str], condition: re.Match[str], variables: dict[str, str], environment: dict[str, str]
) -> str:
    def value(found: re.Match[str]) -> str:
        token = found[0]
        if token.startswith("\\"):
            return token[1:]
        if token.startswith("%{ENV:"):
            return environment.get(token[6:-1], "")
        if token.startswith("%{"):
            return variables[token]
        return (rule if token[0] == "$" else condition)[int(token[1])] or ""

    return re.sub(r"\\.|%\{[^}]*\}|[$%]\d", value, text)


class _Files(http.server.SimpleHTTPRequestHandler):
    """Sends files as `.htaccess` says."""

    rules: Rules
    root: Path
    mount: str
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        path = unquote(address.path)
        if not path.startswith(self.mount):
            self._end(404, {}, b"")
            return
        accept = ", ".join(self.headers.get_all("Accept", []))
        status, place = self.rules.rewrite(self.root, self.mount, path[len(self.mount) :], address.query, accept)
        always = dict(self.rules.answer_headers(""))
        if status in (301, 303, 307):
            self._end(status, {**always, "Location": place}, b"")
            return
        file = self.root / place / "index.html" if (self.root / place).is_dir() else self.root / place
        if status == 200 and not file.is_file():
            status = 404
        if status != 200:
            self._end(status, {**always, "Content-Type": "text/html"}, self.rules.told[status].encode())
            return
        headers: dict[str, Any] = {"Content-Type": self.rules.content_type(file.name)}
        for name, value in self.rules.answer_headers(self.mount + str(file.relative_to(self.root))):
            headers.setdefault(name, []).append(value)
        content, state = file.read_bytes(), file.stat()
        headers |= {"ETag": f'"{state.st_mtime_ns:x}-{state.st_size:x}"', "Accept-Ranges": "bytes"}
        headers["Last-Modified"] = email.utils.formatdate(state.st_mtime, usegmt=True)
        if self.headers.get("If-None-Match") == headers["ETag"]:
            self._end(304, headers, b"")
            return
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if part:
            first, last = int(part[1]), int(part[2])
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self._end(206, headers, content[first : last + 1])
            return
        self._end(200, headers, content)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _end(self, status: int, headers: dict[str, Any], content: bytes) -> None:
        self.send_response(HTTPStatus(status))
        for name, values in headers.items():
            for value in values if isinstance(values, list) else [values]:
                self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def few_lines(folder: Path, port: int = 0, mount: str = "") -> Iterator[str]:
    """Serve a folder by the rules of its `.htaccess`, as these lines understand them."""
    rules = Rules((folder / ".htaccess").read_text("utf-8"))
    handler = type("Files", (_Files,), {"rules": rules, "root": folder, "mount": f"{mount}/"})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{mount}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
