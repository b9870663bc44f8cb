"""How software checks its license offline: copy this file, ship public.pem with the software.

Needs the package `cryptography`. The format is described in docs/licenses.md; vectors.json beside this folder holds
licenses and what they must give. Run as a program, it checks them: python verify_license.py vectors.json
"""

import base64
import binascii
import hashlib
import json
import re
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

KEY = re.compile(r"key/([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
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
    keys = [load_pem_public_key(pem.encode()) for pem in public_keys]
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
        return AESGCM(aes_key).decrypt(iv, ciphertext + tag, None)
    except InvalidTag:
        raise Refused("malformed") from None  # another license key than the file was issued with


def require_signature(text, signature, keys):
    for key in keys:
        try:
            key.verify(signature, text.encode())
            return
        except InvalidSignature:
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
