"""Names of columns that say what the bare values below them are: numbers of cards and people, passwords, keys."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_WORDS = frozenset(
    """
    aadhaar bsn card cards cc ccn ccnum cell cnpj cpf credential credentials cvc cvv dni dob fax iban imei msisdn mobile
    nhs nie nin nino passphrase passport passwd password passwords passwort pesel phone phones pin pwd secret secrets
    sin ssn tax telephone tin token tokens vat
    """.split()
)
_PHRASES = (
    "accesskey",
    "accountnumber",
    "apikey",
    "authkey",
    "cardno",
    "cardnumber",
    "connectionstring",
    "creditcard",
    "driverlicen",
    "nationalid",
    "privatekey",
    "secretkey",
    "socialsecurity",
    "taxid",
)


def is_telling(name: str) -> bool:
    """Whether a value may be something to hide that nothing but this name beside it tells."""
    parts = [part.lower() for part in _PARTS.findall(name[:200])]
    if not _WORDS.isdisjoint(parts):
        return True
    whole = "".join(parts)
    return any(phrase in whole for phrase in _PHRASES)
