"""The rules by which a host that only sends files answers as the server does: which form a request gets, and
what the headers say of it.

Apache reads `.htaccess`; all of RFC 9110's choice by Accept is in it, made from the same table of formats that
the server reads. `_headers` and `_redirects` are for hosts that know nothing of Accept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from lungkg.formats import DATASETS, DOCUMENTS, Format
from lungkg.linked.addresses import LOCAL, Thing
from lungkg.project import THING_TYPES, Project
from lungkg.web.variants import HTML, SCHEMA_TYPES

READABLE: Final = "Content-Location, Content-Range, Content-Type, ETag, Last-Modified, Link, Location, Vary"

_FILES: Final = (*DOCUMENTS, *DATASETS)
_TYPES: Final = "|".join(THING_TYPES)
_NAME: Final = f"(?:{_TYPES})/{LOCAL.pattern}"
_SUFFIXES: Final = "|".join(entry.suffix for entry in _FILES)

_PARAMETERS: Final = r"(?:\s*;(?!\s*q\s*=)[^,;]*)*"
_QUALITY: Final = r"\s*;\s*q\s*=\s*"
_NUMBER: Final = r"0*(?:(1)(?:\.0*)?|(\.\d*[1-9])0*|\.?0*)\s*(?:[,;]|$)"
"""A q, of which `%1%2` is 1, or the digits from the point on; nothing for 0, so that they can be compared as text."""

_HEAD: Final = """\
# {title}: a static copy of release {release}, written by lungkg {software}.
# For Apache 2.4 with mod_rewrite, mod_headers, mod_setenvif and mod_mime, and `AllowOverride All`.
# It works below any path of the host.

Options -MultiViews
DirectorySlash Off
DirectoryIndex index.html
AddDefaultCharset Off
{types}
AddType application/json .json
AddType application/rdf+xml .owl
AddType text/tab-separated-values .tsv
AddType text/plain .txt
AddCharset utf-8 {charsets}
<FilesMatch "\\.gz$">
ForceType application/gzip
</FilesMatch>
<FilesMatch "^SHA256SUMS$">
ForceType "text/plain; charset=utf-8"
</FilesMatch>
<FilesMatch "^(void|sparql-examples)$">
ForceType "text/turtle; charset=utf-8"
</FilesMatch>

Header always set Access-Control-Allow-Origin "*"
Header always set Access-Control-Expose-Headers "{readable}"
Header always set X-Content-Type-Options "nosniff"

ErrorDocument 404 "There is no such thing or document here."
ErrorDocument 406 "None of the forms of this document is acceptable. There are {offered}."
ErrorDocument 410 "This was withdrawn. The document about it says why: put .ttl or .html behind its name below /doc/."

# What the document about a thing says of itself (FAIR Signposting)
"""

_REWRITING: Final = """\

RewriteEngine On

# The path that this folder is served at
RewriteCond $0::%{{REQUEST_URI}} ^(.*)::(.*?)\\1$
RewriteRule ^.*$ - [E=MOUNT:%2]

{fates}
# A thing leads to the document about it; one that is not there leads nowhere
RewriteRule ^id/({name})$ doc/$1 [DPI,E=LED:1]
RewriteCond %{{ENV:LED}} =1
RewriteCond %{{REQUEST_FILENAME}}.ttl !-f
RewriteRule ^ - [R=404,L]
RewriteCond %{{ENV:LED}} =1
RewriteRule ^(.*)$ %{{ENV:MOUNT}}$1 [R=303,L]
RewriteRule ^\\.well-known/void$ %{{ENV:MOUNT}}dataset [R=303,L]

# What is no document with several forms is sent as it is, a page by its name
RewriteCond %{{REQUEST_FILENAME}}.ttl !-f
RewriteCond %{{REQUEST_FILENAME}}.html -f
RewriteRule ^(.*)$ $1.html [END]
RewriteCond %{{REQUEST_FILENAME}}.ttl !-f
RewriteRule ^ - [END]

# ?format= is another way to say the suffix; further pages of links are only on a server
{formats}RewriteCond %{{QUERY_STRING}} (?:^|&)(?:inverse|after|explain)=
RewriteRule ^ - [R=404,L]

# How much each form is wanted (RFC 9110, 12.5.1): the most specific range that covers it decides. After + stands
# whether it is named, which breaks ties.
{weights}
# The one that is wanted most
RewriteRule ^ - [E=BEST:%{{ENV:W_{first}}},E=FORM:{first}]
{choices}RewriteCond %{{ENV:BEST}} ^\\+
RewriteRule ^ - [R=406,L]
RewriteCond %{{REQUEST_FILENAME}}.%{{ENV:FORM}} !-f
RewriteRule ^ - [R=406,L]
RewriteRule ^(.*)$ $1.%{{ENV:FORM}} [END]
"""


def apache(project: Project, info: Mapping[str, object], fates: Iterable[tuple[Thing, Thing | None]]) -> str:
    """Write `.htaccess`; `fates` are the things that were withdrawn, or go by another name now."""
    ready = [entry for entry in _FILES if entry.suffix != "txt"]
    head = _HEAD.format(
        title=" ".join(project.title.split()),
        release=info["id"],
        software=info["software"],
        types="\n".join(f"AddType {entry.media_type} .{entry.suffix}" for entry in ready),
        charsets=" ".join(f".{e.suffix}" for e in ready if e.media_type.startswith("text/")) + " .txt .tsv",
        readable=READABLE,
        offered=", ".join(f"{entry.media_type} (.{entry.suffix})" for entry in DOCUMENTS),
    )
    rewriting = _REWRITING.format(
        name=_NAME,
        fates="".join(_fate(old, new) for old, new in fates),
        formats="".join(_format_rule(entry) for entry in _FILES),
        weights="".join(_weights()),
        first=DOCUMENTS[0].suffix,
        choices="".join(_choice(entry) for entry in DOCUMENTS[1:]),
    )
    return head + "".join(_link_rules(project)) + rewriting


def _fate(old: Thing, new: Thing | None) -> str:
    """Say that a thing was withdrawn, or where it went; the files of a withdrawn one still say what it was."""
    if new is None:
        return f"RewriteRule ^(?:id|doc)/{old.type}/{old.local}$ - [G,L]\n"
    there = f"%{{ENV:MOUNT}}$1/{new.type}/{new.local}$2"
    return f"RewriteRule ^(id|doc)/{old.type}/{old.local}(\\.[a-z]+)?$ {there} [R=301,L]\n"


def _format_rule(entry: Format) -> str:
    names = "|".join(re.escape(name) for name in dict.fromkeys((entry.name, entry.suffix, *entry.names)))
    return (
        f"RewriteCond %{{QUERY_STRING}} (?:^|&)format=(?:{names})(?:&|$)\n"
        f"RewriteRule ^(.*)$ %{{ENV:MOUNT}}$1.{entry.suffix} [R=307,QSD,L]\n"
    )


# Accept ------------------------------------------------------------------------------------------


def _weights() -> Iterator[str]:
    yield "RewriteRule ^ - [E=Q_ANY:]\n"
    yield "RewriteCond %{HTTP:Accept} ^\\s*$\nRewriteRule ^ - [E=Q_ANY:1]\n"
    yield from _range_rules([r"\*/\*"], "Q_ANY")
    for kind in dict.fromkeys(_kind(entry) for entry in DOCUMENTS):
        yield f"RewriteRule ^ - [E=Q_{kind}:%{{ENV:Q_ANY}}]\n"
        yield from _range_rules([rf"{kind}/\*"], f"Q_{kind}")
    for entry in DOCUMENTS:
        yield f"RewriteRule ^ - [E=W_{entry.suffix}:{'' if entry.named_only else f'%{{ENV:Q_{_kind(entry)}}}'}+0]\n"
        for names in (entry.aliases, (entry.media_type,)):
            if names:
                yield from _range_rules([re.escape(name) for name in names], f"W_{entry.suffix}", "+1")


def _kind(entry: Format) -> str:
    return entry.media_type.partition("/")[0]


def _range_rules(names: Sequence[str], variable: str, mark: str = "") -> Iterator[str]:
    """Read the q of a range: none means 1, one that is no number from 0 to 1 means 0."""
    start = rf"(?:^|,)\s*(?:{'|'.join(names)}){_PARAMETERS}"
    for pattern, value in (
        (f"{start}{_QUALITY}", ""),
        (f"{start}{_QUALITY}{_NUMBER}", "%1%2"),
        (rf"{start}\s*(?:,|$)", "1"),
    ):
        yield f"RewriteCond %{{HTTP:Accept}} {pattern} [NC]\nRewriteRule ^ - [E={variable}:{value}{mark}]\n"


def _choice(entry: Format) -> str:
    weight = f"%{{reqenv:W_{entry.suffix}}}"
    return (
        f'RewriteCond expr "{weight} > %{{reqenv:BEST}}"\n'
        f"RewriteRule ^ - [E=BEST:%{{ENV:W_{entry.suffix}}},E=FORM:{entry.suffix}]\n"
    )


# Headers -----------------------------------------------------------------------------------------


def _link_rules(project: Project) -> Iterator[str]:
    base, vocabulary, terms = map(_plain, (project.base, project.written_base, project.license))
    yield f'SetEnvIf Request_URI "/doc/({_NAME})\\.(?:{_SUFFIXES})$" THING=$1\n'
    yield f'SetEnvIf Request_URI "/doc/(?:{_TYPES})/({LOCAL.pattern})\\.({_SUFFIXES})$" LOCAL=$1 FORM=$2\n'
    yield f'SetEnvIf Request_URI "/(ont|shapes)\\.({_SUFFIXES})$" VOCABULARY=$1 LOCAL=$1 FORM=$2\n'
    yield f'SetEnvIf Request_URI "/(dataset)\\.({_SUFFIXES})$" DATASET=$1 LOCAL=$1 FORM=$2\n'
    yield _header(_link(f"{base}id/%{{THING}}e", "cite-as"), "THING")
    yield _header(_link(f"{base}%{{DATASET}}e", "cite-as"), "DATASET")
    yield _header(_link(f"{vocabulary}%{{VOCABULARY}}e", "cite-as"), "VOCABULARY")
    about = [_link(f"%{{LOCAL}}e.{entry.suffix}", "describedby", entry) for entry in DOCUMENTS if entry != HTML]
    about += [_link(terms, "license"), _link("https://schema.org/AboutPage", "type")]
    about += [_link(f"%{{LOCAL}}e.{HTML.suffix}", "alternate", HTML)]
    yield _header(", ".join(about), "LOCAL")
    for kind, types in groupby(sorted(THING_TYPES, key=SCHEMA_TYPES.__getitem__), SCHEMA_TYPES.__getitem__):
        yield f'SetEnvIf Request_URI "/doc/(?:{"|".join(types)})/{LOCAL.pattern}\\.(?:{_SUFFIXES})$" KIND={kind}\n'
    yield _header(_link("https://schema.org/%{KIND}e", "type"), "KIND")
    yield 'Header merge Vary "Accept" env=LOCAL\n'
    yield 'Header set Content-Location "%{LOCAL}e.%{FORM}e" env=LOCAL\n'


def _plain(iri: str) -> str:
    """Write an IRI so that nothing in it means anything to Apache."""
    return iri.replace("%", "%%").replace('"', "%%22").replace("\\", "%%5C")


def _link(target: str, relation: str, form: Format | None = None) -> str:
    media_type = f'; type=\\"{form.media_type}\\"' if form else ""
    return f'<{target}>; rel=\\"{relation}\\"{media_type}'


def _header(value: str, when: str) -> str:
    return f'Header add Link "{value}" env={when}\n'


# Other hosts -------------------------------------------------------------------------------------


def w3id(project: Project, address: str) -> str:
    """Write the `.htaccess` with which w3id.org leads from the IRIs of the project to where the site is.

    Everything below the base is passed on as it is, and the client sends its Accept header there again.
    """
    target = re.sub(r"([%$\\])", r"\\\1", address)  # where it has no back-references
    return (
        f"# {' '.join(project.title.split())}: {project.base}\n"
        "RewriteEngine On\n"
        'Header always set Access-Control-Allow-Origin "*"\n'
        f"RewriteRule ^(.*)$ {target}$1 [R=303,NE,L]\n"
    )


def plain_headers(project: Project) -> str:
    """Write `_headers`, which some hosts read: media types, and who may read the files."""
    blocks = ["/*\n  Access-Control-Allow-Origin: *\n  X-Content-Type-Options: nosniff\n"]
    blocks[0] += f'  Link: <{project.license}>; rel="license"\n'
    blocks += [f"/*.{entry.suffix}\n  Content-Type: {entry.content_type}\n" for entry in _FILES]
    blocks += [
        f"/.well-known/{name}\n  Content-Type: text/turtle; charset=utf-8\n" for name in ("void", "sparql-examples")
    ]
    return "\n".join(blocks)


def plain_redirects(fates: Iterable[tuple[Thing, Thing | None]]) -> str:
    """Write `_redirects`, which some hosts read. They cannot see what a client accepts: a page links all forms."""
    lines = [
        f"/{old.id} /{new.id} 301\n/{old.document} /{new.document} 301"
        if new
        else f"/{old.id} /{old.document}.html 410"
        for old, new in fates
    ]
    lines += ["/id/:type/:name /doc/:type/:name.html 303"]
    return "\n".join(lines) + "\n"
