"""Signs nanopublications with an RSA key, by the `nanopub` library: the only module that needs it.

A signed nanopublication is named by the hash of what it says, so nobody can change it unnoticed. The
library gives it an IRI in the network's own space; it says of which claim it is a version.
"""

import tempfile
import warnings
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from lungkg.errors import InputError, Place, SystemProblem
from lungkg.namespaces import DCTERMS
from lungkg.stores import written

if TYPE_CHECKING:
    from nanopub.profile import Profile

_TEMPORARY: Final = "http://purl.org/nanopub/temp/np#"
_PARTS: Final = ("head", "assertion", "provenance", "pubinfo")
_VERSION_OF: Final = ox.NamedNode(DCTERMS + "isVersionOf")
_SIGNED_BY: Final = ox.NamedNode("http://purl.org/nanopub/x/signedBy")


def signed(publications: Iterable[bytes], key: Path, signer: str) -> Iterator[ox.Quad]:
    """Yield the quads of nanopublications, given in TriG, once they are signed: always the same for one key.

    `signer` is the IRI of the key's owner. Raises InputError when the key is none, and SystemProblem
    when the library is missing.
    """
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="lungkg-sign-") as folder:
        warnings.simplefilter("ignore", DeprecationWarning)  # the library uses what rdflib gives up
        profile = _profile(key, signer)
        for publication in publications:
            yield from _sign(list(ox.parse(publication, format=ox.RdfFormat.TRIG)), profile, signer, Path(folder))


def _profile(key: Path, signer: str) -> "Profile":
    try:
        from Crypto.PublicKey import RSA  # noqa: PLC0415
        from nanopub.profile import Profile  # noqa: PLC0415
    except ImportError:
        raise SystemProblem(
            "signing needs the nanopub library: pip install 'lungkg[nanopub]'; without --key nothing is signed"
        ) from None
    try:
        content = key.read_bytes()
        bare = b"-----BEGIN PRIVATE KEY-----\n%b\n-----END PRIVATE KEY-----" % content.strip()
        private = RSA.import_key(content if b"-----" in content else bare)
    except OSError as error:
        raise SystemProblem(f"cannot read {key}: {error.strerror}") from None
    except (ValueError, IndexError, TypeError):
        raise _no_key(key) from None
    if not private.has_private():
        raise _no_key(key)
    return Profile(orcid_id=signer, name="", private_key=b64encode(private.export_key("DER", pkcs=8)).decode())


def _no_key(key: Path) -> InputError:
    hint = "Give an RSA private key in PEM without a passphrase, or the id_rsa that `np setup` makes."
    return InputError.at(Place(key), "this is no RSA private key", hint)


def _sign(publication: list[ox.Quad], profile: "Profile", signer: str, folder: Path) -> list[ox.Quad]:
    """Sign one nanopublication, under an IRI that the library replaces by that of the result.

    A file is what every version of the library takes: their graphs are of different classes of rdflib.
    """
    from nanopub.nanopub import Nanopub  # noqa: PLC0415
    from nanopub.nanopub_conf import NanopubConf  # noqa: PLC0415

    this = ox.NamedNode(str(publication[0].subject)[1:-1])
    names = {f"{this.value}-{part}": _TEMPORARY + part for part in _PARTS} | {this.value: _TEMPORARY}
    info = ox.NamedNode(_TEMPORARY + "pubinfo")
    quads = [_renamed(quad, names) for quad in publication]
    quads.append(ox.Quad(ox.NamedNode(_TEMPORARY), _VERSION_OF, this, info))
    quads.append(ox.Quad(ox.NamedNode(_TEMPORARY + "sig"), _SIGNED_BY, ox.NamedNode(signer), info))
    path = folder / "nanopub.trig"
    path.write_bytes(written(quads, ox.RdfFormat.TRIG))
    nanopub = Nanopub(rdf=path, conf=NanopubConf(profile=profile))
    nanopub.sign()
    return _in_order(nanopub.rdf.serialize(format="nquads").encode())


def _renamed(quad: ox.Quad, names: dict[str, str]) -> ox.Quad:
    def renamed(term: Any) -> Any:
        return ox.NamedNode(names.get(term.value, term.value)) if isinstance(term, ox.NamedNode) else term

    return ox.Quad(*(renamed(term) for term in quad))


def _in_order(lines: bytes) -> list[ox.Quad]:
    """Read what the library wrote in the order of a hash table, and put it into that of the other exports."""

    def place(quad: ox.Quad) -> tuple[int, str]:
        graph = str(quad.graph_name)[1:-1]
        return next(number for number, part in enumerate(_PARTS) if graph.endswith(part)), str(quad)

    return sorted(ox.parse(lines, format=ox.RdfFormat.N_QUADS), key=place)
