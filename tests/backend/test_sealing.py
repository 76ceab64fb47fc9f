"""Secrets at rest: what is sealed opens only where it belongs, and with the key that sealed it."""

import pytest

from callbook.errors import Permanent
from callbook.sealing import Keyring, challenge_of, fingerprint, new_secret
from callbook.settings import SecretKey

OLD, NEW = SecretKey("old", b"o" * 32), SecretKey("new", b"n" * 32)
TOKEN = "na1-a-token-of-hubspots"


def refused(keyring: Keyring, sealed: str, owner: str = "1", field: str = "access_token") -> str:
    with pytest.raises(Permanent) as problem:
        keyring.open(sealed, owner, field)
    assert TOKEN not in str(problem.value)
    return problem.value.kind


def test_what_was_sealed_opens_and_does_not_show_what_it_holds() -> None:
    keyring = Keyring([NEW])
    sealed = keyring.seal(TOKEN, "1", "access_token")
    assert keyring.open(sealed, "1", "access_token") == TOKEN
    assert TOKEN not in sealed
    assert keyring.seal(TOKEN, "1", "access_token") != sealed


def test_a_sealed_text_moved_to_another_user_does_not_open() -> None:
    keyring = Keyring([NEW])
    assert refused(keyring, keyring.seal(TOKEN, "1", "access_token"), owner="2") == "server_misconfigured"


def test_a_sealed_text_moved_to_another_field_does_not_open() -> None:
    keyring = Keyring([NEW])
    assert refused(keyring, keyring.seal(TOKEN, "1", "access_token"), field="refresh_token") == "server_misconfigured"


def test_after_a_rotation_the_old_key_still_opens_and_the_new_one_seals() -> None:
    sealed = Keyring([OLD]).seal(TOKEN, "1", "access_token")
    rotated = Keyring([NEW, OLD])
    assert rotated.open(sealed, "1", "access_token") == TOKEN
    assert rotated.seal(TOKEN, "1", "access_token").startswith("new.")


def test_a_key_that_is_gone_is_named_and_nothing_opens() -> None:
    sealed = Keyring([OLD]).seal(TOKEN, "1", "access_token")
    assert refused(Keyring([NEW]), sealed) == "server_misconfigured"


def test_a_key_of_the_same_name_but_other_bytes_does_not_open() -> None:
    sealed = Keyring([OLD]).seal(TOKEN, "1", "access_token")
    assert refused(Keyring([SecretKey("old", b"x" * 32)]), sealed) == "server_misconfigured"


@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "unpadded", "not ascii"])
def test_a_damaged_text_does_not_open(damage: str) -> None:
    keyring = Keyring([NEW])
    sealed = keyring.seal(TOKEN, "1", "access_token")
    flipped = "B" if sealed[10] == "A" else "A"
    damaged = {
        "flipped": f"{sealed[:10]}{flipped}{sealed[11:]}",
        "cut": sealed[:12],
        "emptied": "new.",
        "unpadded": sealed[:-1],
        "not ascii": "new.ключ",
    }
    assert refused(keyring, damaged[damage]) == "server_misconfigured"


def test_a_secret_is_256_random_bits_and_its_fingerprint_does_not_hold_it() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {43}
    assert len(fingerprint("secret")) == 64
    assert fingerprint("secret") == fingerprint("secret") != fingerprint("Secret")


def test_the_challenge_is_that_of_rfc_7636() -> None:
    """Appendix B of the RFC."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
