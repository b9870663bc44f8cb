"""How software checks its license offline: copy this file, ship public.pem with the software.

Needs the package `PyNaCl`. The page for it is docs/check-licenses.md; vectors.json beside this folder holds
licenses and what they must give. Run as a program, it checks them: python verify_license.py vectors.json
"""

import base64
import binascii
import hashlib
import json
import re
import sys

from nacl.bindings import crypto_aead_aes256gcm_decrypt
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import VerifyKey

KEY = re.compile(r"key/([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
LIST = re.compile(
    r"\s*-----BEGIN REVOCATION LIST-----([A-Za-z0-9+/=\s]+)-----END REVOCATION LIST-----\s*"
)
FILE = re.compile(
    r"\s*-----BEGIN LICENSE FILE-----([A-Za-z0-9+/=\s]+)-----END LICENSE FILE-----\s*"
)


class Refused(Exception):
    """The license does not hold; the message is bad-signature or malformed."""


def check_license(text, public_keys, today, license_key=None):
    """Returns (code, license): valid, expired or not-yet-valid with the license, else the reason with None.

    text: the key (key/...), or the content of a license file; public_keys: public.pem, and during a key rotation the
    previous one too; today: YYYY-MM-DD, first and last day are within a license; license_key: opens an encrypted file.
    """
    keys = [read_public_key(pem) for pem in public_keys]
    try:
        if text.strip().startswith("key/"):
            content = open_key(text, keys)
        else:
            content = open_file(text, keys, license_key)
        license = json.loads(content)
    except Refused as refusal:
        return str(refusal), None
    except ValueError:
        return "malformed", None
    if today < license["validFrom"]:
        return "not-yet-valid", license
    return ("expired" if today > license["validThrough"] else "valid"), license


def is_revoked(text, list_text, public_keys, today):
    """Whether a key is on a signed revocation list (GET .../public/licenses/revocations) by today.

    Raises Refused where the list was changed, cut, or signed by somebody else.
    """
    match = LIST.fullmatch(list_text)
    if match is None:
        raise Refused("malformed")
    envelope = json.loads(base64.b64decode("".join(match.group(1).split()), validate=True))
    signature = base64.b64decode(envelope["sig"], validate=True)
    keys = [read_public_key(pem) for pem in public_keys]
    require_signature("revocations/" + envelope["enc"], signature, keys)
    content = from_base64url("".join(text.split())[len("key/") :].split(".")[0])
    fingerprint = hashlib.sha256(content).hexdigest()
    entries = json.loads(base64.b64decode(envelope["enc"], validate=True))["revocations"]
    return any(e["fingerprint"] == fingerprint and e["on"] <= today for e in entries)


def trusted_day(today, remembered):
    """The day to check for where a clock may have been set back: never before the latest day seen.

    Keep the answer beside the key, and pass it as `remembered` (None at first) the next time.
    """
    return max(today, remembered or today)


def read_public_key(pem):
    der = base64.b64decode("".join(pem.strip().splitlines()[1:-1]), validate=True)
    if not der.startswith(ED25519_SPKI) or len(der) != len(ED25519_SPKI) + 32:
        raise ValueError("not an Ed25519 public key (SPKI, PEM)")
    return VerifyKey(der[-32:])


def open_key(text, keys):
    match = KEY.fullmatch("".join(text.split()))
    if match is None:
        raise Refused("malformed")
    content, signature = match.groups()
    try:
        raw = from_base64url(signature)
    except ValueError:
        raise Refused("bad-signature") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != signature:
        raise Refused("bad-signature")  # one signature has one spelling
    require_signature("key/" + content, raw, keys)
    return from_base64url(content)


def open_file(text, keys, license_key):
    match = FILE.fullmatch(text)
    if match is None:
        raise Refused("malformed")
    envelope = json.loads(base64.b64decode("".join(match.group(1).split()), validate=True))
    enc, sig, alg = (envelope.get(name) for name in ("enc", "sig", "alg"))
    if not isinstance(enc, str) or not isinstance(sig, str):
        raise Refused("malformed")
    require_signature("license/" + enc, base64.b64decode(sig, validate=True), keys)
    if alg == "base64+ed25519":
        return base64.b64decode(enc, validate=True)
    if alg != "aes-256-gcm+ed25519" or license_key is None:
        raise Refused("malformed")
    ciphertext, iv, tag = (base64.b64decode(part, validate=True) for part in enc.split("."))
    aes_key = hashlib.sha256(license_key.strip().encode()).digest()
    try:
        return crypto_aead_aes256gcm_decrypt(ciphertext + tag, None, iv, aes_key)
    except CryptoError:
        raise Refused("malformed") from None  # another license key than the file was issued with


def require_signature(text, signature, keys):
    for key in keys:
        try:
            key.verify(text.encode(), signature)
            return
        except (BadSignatureError, ValueError):  # ValueError: not 64 bytes
            continue
    raise Refused("bad-signature")


def from_base64url(text):
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def main(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    answers = {}
    for case in vectors["cases"]:
        code, license = check_license(
            case["license"], [vectors["publicKey"]], case["on"], case.get("licenseKey")
        )
        answers[case["name"]] = {"code": code, "claims": license}
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1])
