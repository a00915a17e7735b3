"""What each piece of evidence says, in plain words: `explain` shows these, and never the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_PLAIN: Mapping[str, str] = {
    "prior": "most of what stands behind such a name is no secret",
    "name:password": "the name says password",
    "name:secret": "the name says secret, token or API key",
    "name:key": "the name says key, salt, cookie or the like, which may be harmless",
    "name:other": "the name says nothing of a secret",
    "name:empty": "there is no name before the value",
    "name:ends-telling": "the name ends with the word that tells",
    "name:goes-on": "the name goes on behind the word that tells",
    "name:about-it": "the name is about the secret (its length, file, prompt …), not the secret",
    "name:goes-on-otherwise": "the name goes on with words that say nothing",
    "name:other-thing": "the name is of something else: a page token, a cache key, a sort key",
    "name:public": "the name says that the value is public",
    "name:digest": "the name says that the value is a digest",
    "name:real-service": "the name is of something that has a login",
    "name:made-up": "the name is what tests and examples use",
    "name:alone": "the name is a single word",
    "name:capitals": "the name is in capitals",
    "name:dotted": "the name has a dot in it",
    "name:last:else": "the last word of the name is none that tells",
    "value:one-symbol": "it holds a single symbol",
    "value:uuid": "it is a UUID",
    "value:hex-long": "it is a long run of hexadecimal digits",
    "value:hex": "it is a short run of hexadecimal digits",
    "value:base64": "it looks like base64",
    "value:token-like": "it looks like a generated token",
    "value:dotted-token": "it looks like a generated token with dots",
    "value:common-password": "it is one of the passwords that everybody tries first",
    "value:stand-in": "it reads like a stand-in that documentation and tests use",
    "value:placeholder": "it is a placeholder",
    "value:reference": "it refers to a value that is kept elsewhere",
    "value:type-or-word": "it is a type or a word that settings use",
    "value:code": "it reads like code",
    "value:dotted-name": "it is a dotted name of code",
    "value:constant-name": "it is the name of a constant",
    "value:camel-name": "it is a name in camel case",
    "value:pascal-name": "it is a name in Pascal case",
    "value:snake-name": "it is a name in snake case",
    "value:kebab-name": "it is a name with hyphens",
    "value:path": "it is a path or the name of a file",
    "value:url": "it is an address",
    "value:date": "it is a date or a time",
    "value:version": "it is a version or a size",
    "value:header-name": "it is the name of a header",
    "value:crypt": "it is a password hash",
    "value:leet": "it writes letters as digits or symbols",
    "value:is-its-name": "it repeats its name",
    "value:is-a-part-of-its-name": "it repeats a word of its name",
    "value:walk": "it walks along the keyboard, the alphabet or the digits",
    "value:identifier": "it reads like words joined into a name",
    "value:names-itself": "it holds a word such as password, token or key",
    "value:sentence": "it is a sentence",
    "value:blanks": "it holds blanks",
    "value:few-characters": "it is made of few different characters",
    "value:not-ascii": "it holds characters beyond ASCII",
    "value:number": "it is a number",
    "value:odd-symbol": "it holds symbols that are rare in secrets",
    "value:password-symbol": "it holds a symbol that people put into passwords",
    "place:somebody": "the user name beside it stands for anybody",
    "place:wrapper": "it is handed to a function",
    "place:wrapper:reads": "it is handed to a function that looks something up by name",
    "place:goes-on": "the text goes on behind it: it is only a piece",
    "place:is-code": "what follows it makes it code",
    "place:then:end": "the line ends behind it",
    "place:comment": "it stands in a comment",
    "place:inside-text": "it stands inside a quoted text",
    "place:login-beside": "a user, host or account stands on the same line",
    "place:first-on-line": "nothing stands before the name on its line",
    "place:operator:": "nothing joins name and value but a blank",
}


def _made_of(letters: str) -> str:
    kinds = {"a": "small letters", "A": "capitals", "0": "digits", "#": "symbols"}
    named = [kinds[letter] for letter in letters if letter in kinds]
    return "it is made of " + (" and ".join([", ".join(named[:-1]), named[-1]]) if named[1:] else "".join(named))


def _below(what: str, more: str) -> Callable[[str], str]:
    return lambda bucket: more if bucket == "more" else what.format(bucket.removeprefix("<"))


def _file(about: str) -> str:
    kind, _, quoting = about.partition(":")
    kinds = {"unknown": "a file of an unknown kind", "other": "a file of another kind", "data": "a data file"}
    return f"it stands {'in quotes' if quoting == 'quoted' else 'bare'} in {kinds.get(kind, f'a {kind} file')}"


_FAMILIES: Mapping[str, Callable[[str], str]] = {
    "value:size:": _below("it has fewer than {} characters", "it is longer than secrets usually are"),
    "value:mix:": _made_of,
    "value:surprise:": _below(
        "its letters follow each other as in words or nearly so (below {} bits a letter)",
        "its letters follow each other as in no word",
    ),
    "value:entropy:": _below("its characters vary little or somewhat (below {} bits each)", "its characters vary much"),
    "value:digits:": lambda share: (
        "it is all digits" if share == "more" else f"of its characters, less than {float(share[1:]):.0%} are digits"
    ),
    "value:ends:": lambda char: f"it ends with {char}",
    "name:last:": lambda word: f"the last word of the name is {word}",
    "place:file:": _file,
    "place:folder:": lambda folder: {
        "test": "the file is a test's",
        "example": "the file is documentation or an example",
        "foreign": "the file is somebody else's: vendored, built or translated",
    }.get(folder, f"the folder is {folder}"),
    "place:operator:": lambda operator: f"name and value are joined by {operator}",
    "place:rule:": lambda rule: f"{rule} found it",
    "place:then:": lambda char: f"{char} follows it",
    "place:after:": lambda char: f"{char} stands before the name",
}


def sentence(name: str) -> str:
    """A short sentence for a piece of evidence, given by its name in `evidence.py` without what stands before a slash.

    Raises:
        KeyError: there is no such evidence.
    """
    if name in _PLAIN:
        return _PLAIN[name]
    for family, say in _FAMILIES.items():
        if name.startswith(family):
            return say(name.removeprefix(family))
    raise KeyError(name)
