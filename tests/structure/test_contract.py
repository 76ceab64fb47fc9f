"""The extension's types are the server's: `./scripts/contract` makes them so."""

from contract import DOCUMENT, TYPES, digest, offered, written


def test_the_document_is_what_the_server_offers() -> None:
    assert DOCUMENT.read_text("utf-8") == written(offered())


def test_the_types_are_of_the_document() -> None:
    assert TYPES.read_text("utf-8").startswith(f"// {digest()}\n")
