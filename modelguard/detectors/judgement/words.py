"""The words that judgement knows: parts of names, stand-ins, common passwords."""

from __future__ import annotations

PASSWORD = frozenset(("password passwd passphrase passcode pass pwd pw passin passout").split())
"""Words of names that say password."""

SECRET = frozenset(("secret secrets token tokens apikey accesskey credential credentials bearer").split())
"""Words of names that say secret or token."""

KEYS = frozenset(
    (
        "api access auth private secret account encryption signing client master app service shared consumer storage "
        "license admin root deploy webhook jwt session db aws"
    ).split()
)
"""Words before `key` that make it a secret one."""

ABOUT = frozenset(
    (
        "id ids name names type types url uri urls path paths file files filename dir field fields label length len "
        "size count counts min max limit expire expires expiry expiration expired ttl timeout regex pattern prefix "
        "suffix header headers param params parameter parameters policy algorithm alg provider providers class classes "
        "cls env var version format placeholder help text message msg error errors title description desc hint prompt "
        "input button selector index arn location endpoint scope scopes status state enabled disabled required reset "
        "change changed forgot forgotten strength confirm confirmation confirmed mode source target ref reference "
        "manager store storage group kind method issuer audience level row column list map set items item page cache "
        "number num pos position offset offsets start end template link route view form info usage budget per rate "
        "tokenizer handler factory generator validator service hash hashes hashed salt digest encoder policyid date at "
        "time age last valid invalid is has get check key keys"
    ).split()
)
"""Words behind a telling one that say: something about the secret, not the secret."""

OTHER = frozenset(
    (
        "public pub page next previous csrf xsrf foreign primary sort partition cache hash lookup i18n translation "
        "locale special eos bos pad unk cls sep mask bpe vocab decoder encoder stop start max min num n per "
        "idempotency "
        "dedup lock mutex keyboard hot shortcut react row column map dict json object query sub parent group registry "
        "config settings setting license copyright monkey donkey keyof keyframes author authors authority continuation "
        "syntax separator delimiter primarykey foreignkey publickey nonce image video event metric feature attr "
        "attribute state store route menu field form item tab node element label title bypass compass passed passing "
        "passive pass1 pass2 passthrough"
    ).split()
)
"""Words before a telling one that make it something else: a page token, a cache key."""

REAL = frozenset(
    (
        "db database mysql postgres postgresql redis mongo mongodb rabbit rabbitmq smtp mail email ldap ftp ssh admin "
        "root user client oauth api access aws azure gcp google github gitlab slack stripe twilio private master "
        "encryption jwt session signing server proxy keystore truststore ssl tls login account service bot webhook hub "
        "wandb hf openai anthropic docker registry jenkins elastic kafka sentry datadog auth refresh bearer app "
        "application consumer"
    ).split()
)
"""Words of names of what has a login."""

SOMEBODY = frozenset(("user username usr name myuser myname login user_name").split())
"""User names that stand for anybody."""

PUBLIC = frozenset(("public pub publishable site widget client_id").split())
"""Words of names of what is meant to be seen."""

DIGESTED = frozenset(
    ("hash hashed hashes digest checksum fingerprint sha sha1 sha256 md5 bcrypt encrypted crypt etag integrity").split()
)
"""Words of names of digests."""

COMMON = frozenset(
    (
        "password passwd pass pwd secret token changeme changeit admin root test test123 guest user username letmein "
        "letmein123 hunter2 foobar foo bar baz qwerty 123456 12345678 1234 12345 password1 password123 pass123 "
        "passw0rd "
        "p@ssw0rd admin123 welcome postgres mysql redis rabbitmq elastic default demo secret123 abc123 s3cr3t s3cret "
        "topsecret"
    ).split()
)
"""Passwords that everybody tries first."""

LAST = frozenset(
    (
        "password passwd pass pwd passphrase secret token key auth credential credentials apikey nonce salt seed code "
        "sid otp cookie"
    ).split()
)
"""Last words of names that are told apart."""

MADE_UP = frozenset(
    (
        "test testing mock fake dummy example sample wrong bad invalid expected foo bar old new original temp my "
        "some any another"
    ).split()
)
"""Words of names of what tests and examples make up."""
