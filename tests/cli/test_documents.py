"""Whole documents that hold credentials by their nature: of each, one that is made up when the test runs is found."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.cli.program import Program
from tests.detectors import made_keys

DOCUMENTS: dict[str, tuple[str, ...]] = {
    ".npmrc": (
        '//npm.company.net/:username=ci\n//npm.company.net/:_password="<b64:<alnum:18>>"\n',
        "_auth=<b64:builder:<alnum:16>>\n",
        "//npm.company.net/:_authToken=<uuid>\n",
        "//npm.company.net/:_password=<b64:<lower:6>-<digit:4>!<lower:5>>\n",
    ),
    ".yarnrc.yml": (
        'npmAuthToken: "<alnum:40>"\n',
        'npmAuthIdent: "ci:<alnum:20>"\n',
    ),
    ".pypirc": (
        "[distutils]\nindex-servers = internal\n\n[internal]\nrepository = https://pypi.company.net/\nusername = bob\npassword = <alnum:14>\n",
        "[internal]\nusername: bob\npassword: <lower:6>-<digit:4>-<lower:5>\n",
    ),
    ".netrc": (
        "machine git.company.net\n  login bob\n  password <alnum:16>\n",
        "machine h.company.net login bob password <lower:5>!<digit:3><lower:4>\n",
    ),
    "_netrc": ("machine git.company.net\n  login bob\n  password <alnum:16>\n",),
    ".pgpass": (
        "db.company.net:5432:train:etl:<alnum:16>\n",
        "db.company.net:5432:train:etl:<lower:5>-<lower:6>\n",
    ),
    "pgpass.conf": ("db.company.net:5432:train:etl:<alnum:16>\n",),
    ".htpasswd": (
        "bob:$apr1$<alnum:8>$<alnum:22>\n",
        "bob:$2y$05$<alnum:53>\n",
        "bob:{SHA}<base64:27>=\n",
        "bob:$6$<alnum:8>$<alnum:86>\n",
        "bob:$5$<alnum:8>$<alnum:43>\n",
    ),
    "wp-config.php": (
        "define( 'DB_USER', 'wp' );\ndefine( 'DB_PASSWORD', '<alnum:14>' );\n",
        "define('DB_PASSWORD', '<lower:5>-<lower:6>!');\n",
        "define('DB_PASSWORD', '<lower:9>');\n",
        "define('AUTH_KEY',         '<base64:30>*<base64:33>');\n",
    ),
    "sitemanager.xml": (
        '<Server><Host>ftp.company.net</Host><User>web</User><Pass encoding="base64"><b64:<alnum:12>></Pass></Server>',
    ),
    "recentservers.xml": ("<Server><Host>ftp.company.net</Host><User>web</User><Pass><lower:9></Pass></Server>",),
    "filezilla.xml": ("<Server><Pass><lower:9></Pass></Server>",),
    "WinSCP.ini": ("[Sessions\\web]\nHostName=ftp.company.net\nUserName=web\nPassword=<upperhex:56>\n",),
    "ws_ftp.ini": ("[web]\nHOST=ftp.company.net\nUID=web\nPWD=V<upperhex:48>\n",),
    "sftp-config.json": (
        '{\n  "host": "ftp.company.net",\n  "user": "web",\n  "password": "<alnum:12>",\n  "port": "22"}',
    ),
    ".vscode/sftp.json": (
        '{\n  "name": "x",\n  "host": "ftp.company.net",\n  "username": "web",\n  "password": "<lower:9>"}',
    ),
    ".ftpconfig": (
        '{\n  "protocol": "ftp",\n  "host": "ftp.company.net",\n  "port": 21,\n  "user": "web",\n  "pass": "<lower:9>",\n "remote": "/"}',
    ),
    ".remote-sync.json": ('{\n  "hostname": "ftp.company.net",\n  "username": "web",\n  "password": "<lower:9>"}',),
    "deployment-config.json": (
        '{"connection": {"host": "ftp.company.net", "username": "web", "password": "<lower:9>"}}',
    ),
    ".ftppass": ('{\n  "keyMain": {\n    "username": "web",\n    "password": "<lower:9>"\n  }\n}',),
    ".idea/WebServers.xml": (
        '<webServer id="x" name="x"><fileTransfer host="ftp.company.net" port="22" password="<hex:32>" username="web" /></webServer>',
    ),
    ".idea/dataSources.xml": (
        "<jdbc-url>jdbc:postgresql://db.company.net:5432/x?user=app&amp;password=<alnum:14></jdbc-url>",
    ),
    ".my.cnf": (
        "[client]\nuser=root\npassword=<alnum:14>\n",
        '[client]\nuser=root\npassword="<lower:9>"\n',
    ),
    "my.cnf": ("[client]\nuser=root\npassword = <alnum:14>\n",),
    "dbeaver/data-sources.xml": (
        '<connection host="db.company.net" user="app" password="<base64:24>" url="jdbc:mysql://db"/>',
    ),
    "dbeaver-data-sources.xml": (
        '<connection host="db.company.net" port="3306" user="app" password="<base64:15>=" url="jdbc:mysql://db"/>',
    ),
    "connections.ncx": (
        '<Connection ConnectionName="x" ConnType="MYSQL" Host="db.company.net" UserName="app" Password="<upperhex:32>"/>',
    ),
    "robomongo.json": (
        '{"connections": [{"credentials": [{"databaseName": "x", "userName": "app", "userPassword": "<lower:9>"}]}]}',
    ),
    "robo3t.json": (
        '{"userName": "app", "userPasswordEncrypted": "<base64:40>"}',
        '"sshPassphrase" : "<lower:9>"',
        '"sshUserPassword" : "<alnum:12>"',
    ),
    "mongoid.yml": (
        "production:\n  sessions:\n    default:\n      database: x\n      username: app\n      password: <alnum:12>\n",
    ),
    ".dockercfg": ('{"https://index.docker.io/v1/": {"auth": "<b64:builder:<alnum:14>>", "email": "a@b.co"}}',),
    ".docker/config.json": (
        '{\n\t"auths": {\n\t\t"registry.company.net": {\n\t\t\t"auth": "<b64:builder:<lower:9>>"\n\t\t}\n\t}\n}',
        '{"auths": {"x": {"identitytoken": "<base64url:200>"}}}',
        '{"auths": {"x": {"username": "ci", "password": "<alnum:20>"}}}',
    ),
    "kubeconfig": (
        "users:\n- name: admin\n  user:\n    token: <alnum:32>\n",
        "users:\n- name: admin\n  user:\n    username: admin\n    password: <alnum:16>\n",
    ),
    ".kube/config": (
        "users:\n- name: admin\n  user:\n    token: <alnum:32>\n",
        "- name: x\n  user:\n    password: <alnum:16>\n    username: admin\n",
        "- name: x\n  user:\n    client-key-data: <b64:-----BEGIN EC PRIVATE KEY-----\n<base64:64>\n<base64:64>\n>\n",
        "    auth-provider:\n      config:\n        access-token: ya29.<alnum:80>\n        id-token: <jwt>\n        refresh-token: <alnum:60>\n",
    ),
    "terraform.tfstate": (
        '{"resources": [{"type": "aws_db_instance", "instances": [{"attributes": {\n            "password": "<alnum:16>",\n            "username": "app"}}]}]}',
        '{"attributes": {\n   "private_key_pem": "-----BEGIN RSA PRIVATE KEY-----\\n<base64:64>\\n<base64:64>\\n-----END RSA PRIVATE KEY-----\\n"}}',
        '{"attributes": {\n "secret": "<base64:40>",\n "ses_smtp_password_v4": "B<base64:43>"}}',
        '"master_password": "<lower:6>-<lower:7>",',
        '"result": "<alnum:16>",\n            "special": true',
        '"primary_access_key": "<base64:86>==",',
    ),
    "terraform.tfvars": (
        'db_password = "<alnum:16>"\n',
        'db_password = "<lower:6>-<lower:7>"\n',
    ),
    ".terraformrc": ('credentials "app.terraform.io" {\n  token = "<alnum:14>.atlasv1.<alnum:67>"\n}\n',),
    "credentials.tfrc.json": ('{"credentials": {"app.terraform.io": {"token": "<alnum:14>.atlasv1.<alnum:67>"}}}',),
    ".aws/credentials": ("[default]\naws_access_key_id = AKIA<base32:16>\naws_secret_access_key = <base64:40>\n",),
    "application_default_credentials.json": (
        '{\n  "client_id": "<digit:12>-<loweralnum:32>.apps.googleusercontent.com",\n  "client_secret": "d-<base64url:22>",\n  "refresh_token": "1//0<base64url:90>",\n  "type": "authorized_user"\n}',
    ),
    "gcloud/legacy_credentials/a/adc.json": ('{\n  "client_secret": "<base64url:24>"}',),
    ".boto": (
        "[Credentials]\ngs_access_key_id = GOOG<upperalnum:20>\ngs_secret_access_key = <base64:40>\n",
        "[Credentials]\ngs_oauth2_refresh_token = 1/<base64url:43>\n",
    ),
    ".s3cfg": (
        "[default]\naccess_key = AKIA<base32:16>\nsecret_key = <base64:40>\n",
        "access_key = <upperalnum:20>\nsecret_key = <alnum:40>\n",
        "gpg_passphrase = <lower:9>\n",
    ),
    ".passwd-s3fs": ("AKIA<base32:16>:<base64:40>\n",),
    "rclone.conf": (
        "[s3]\ntype = s3\nsecret_access_key = <base64:40>\n",
        "[x]\ntype = sftp\nhost = h\nuser = u\npass = <base64url:30>\n",
    ),
    ".azure/accessTokens.json": (
        '[{"accessToken": "<jwt>", "refreshToken": "0.A<base64url:120>.Ag<base64url:600>"}]',
        '[{"refreshToken": "<base64url:400>"}]',
    ),
    ".git-credentials": (
        "https://bob:<alnum:20>@git.company.net\n",
        "https://bob:<lower:9>@git.company.net\n",
        "https://ghp_<base62crc:30>@github.com\n",
    ),
    ".config/gh/hosts.yml": (
        "github.com:\n    user: bob\n    oauth_token: gho_<base62crc:30>\n",
        "github.company.net:\n    oauth_token: <hex:40>\n",
    ),
    ".config/hub": ("github.com:\n- user: bob\n  oauth_token: <hex:40>\n",),
    ".cargo/credentials.toml": (
        '[registry]\ntoken = "cio<alnum:32>"\n',
        '[registries.company]\ntoken = "<alnum:32>"\n',
    ),
    ".gem/credentials": (
        "---\n:rubygems_api_key: rubygems_<hex:48>\n",
        "---\n:rubygems_api_key: <hex:32>\n",
    ),
    ".tugboat": (
        "authentication:\n  access_token: <hex:64>\n",
        "authentication:\n  api_key: <hex:32>\n  client_key: <alnum:20>\n",
    ),
    "heroku.json": ('{"HEROKU_API_KEY": "<uuid>"}',),
    ".esmtprc": ('hostname = smtp.company.net:587\nusername = "bob"\npassword = "<lower:9>"\n',),
    ".msmtprc": ("account x\nhost smtp.company.net\nuser bob\npassword <lower:9>\n",),
    ".fetchmailrc": ('poll imap.company.net proto imap user "bob" password "<lower:9>"\n',),
    ".muttrc": ('set imap_pass = "<lower:9>"\n',),
    "proftpdpasswd": ("web:$1$<alnum:8>$<alnum:22>:1000:1000::/srv:/bin/false\n",),
    "etc/shadow": ("root:$6$<alnum:8>$<alnum:86>:18000:0:99999:7:::\n",),
    "ventrilo_srv.ini": ("[Server]\nName=x\nPassword=<lower:9>\nAdminPassword=<alnum:10>\n",),
    "config/secrets.yml": ("production:\n  secret_key_base: <hex:128>\n",),
    "settings.py": (
        "SECRET_KEY = '<alnum:50>'\n",
        "    'PASSWORD': '<alnum:12>',\n",
    ),
    "configuration.php": (
        "<?php\nclass JConfig {\n\tpublic $password = '<alnum:14>';\n\tpublic $secret = '<alnum:16>';\n}",
        "\tpublic $password = '<lower:9>';\n",
    ),
    "settings.php": (
        "$databases['default']['default'] = array (\n  'database' => 'x',\n  'username' => 'app',\n  'password' => '<alnum:12>',\n);\n",
        "$settings['hash_salt'] = '<base64url:74>';\n",
    ),
    "LocalSettings.php": ('$wgDBpassword = "<alnum:12>";\n$wgSecretKey = "<hex:64>";\n',),
    "config.php": (
        "$cfg['blowfish_secret'] = '<alnum:32>';\n",
        '<?php $dbpass = "<lower:8><digit:2>"; ?>\n',
    ),
    "auth.json": ('{"http-basic": {"repo.company.net": {"username": "bob", "password": "<alnum:16>"}}}',),
    "settings.xml": ("<server><id>nexus</id><username>ci</username><password><alnum:12></password></server>",),
    "nuget.config": ('<add key="ClearTextPassword" value="<alnum:16>" />',),
    "gradle.properties": ("nexusPassword=<alnum:12>\n",),
    "pip.conf": ("[global]\nindex-url = https://bob:<alnum:12>@pypi.company.net/simple\n",),
    "client.ovpn": (
        "<key>\n-----BEGIN PRIVATE KEY-----\n<pem:20>\n-----END PRIVATE KEY-----\n</key>\n",
        "<tls-auth>\n-----BEGIN OpenVPN Static key V1-----\n<hex:32>\n<hex:32>\n<hex:32>\n<hex:32>\n-----END OpenVPN Static key V1-----\n</tls-auth>\n",
    ),
    "logins.json": (
        '{"logins":[{"hostname":"https://a.co","encryptedUsername":"MDIEEPgA<base64:60>==","encryptedPassword":"MDoEEPgA<base64:60>=="}]}',
    ),
    "dump.sql": ("INSERT INTO `users` VALUES (1,'bob','$2y$10$<alnum:53>');\n",),
    ".bash_history": (
        "sshpass -p '<alnum:12>' ssh bob@h\n",
        "curl -u bob:<alnum:12> https://h.company.net\n",
        "export DB_PASSWORD=<alnum:12>\n",
    ),
    ".bashrc": ('export AWS_SECRET_ACCESS_KEY=<base64:40>\nexport MAIL_PASSWORD="<alnum:10>"\n',),
    ".env": (
        "DB_PASSWORD=<lower:9>\n",
        "DB_PASSWORD=<alnum:12>\n",
    ),
    ".smbcredentials": ("username=bob\npassword=<lower:9>\ndomain=X\n",),
    "kaggle.json": ('{"username":"bob","key":"<hex:32>"}',),
    "sqldeveloper/connections.xml": (
        '<StringRefAddr addrType="password"><Contents><upperhex:34></Contents></StringRefAddr>',
        '<StringRefAddr addrType="password"><Contents><base64:43>=</Contents></StringRefAddr>',
    ),
    "unattend.xml": (
        "<AdministratorPassword><Value><b64:<alnum:14>></Value><PlainText>false</PlainText></AdministratorPassword>",
    ),
    "Groups.xml": ('<Properties userName="admin" cpassword="<base64:43>"/>',),
    "web.config": ('<add name="x" connectionString="Server=db1;User ID=svc;Password=<alnum:12>;" />',),
    "application.properties": ("spring.datasource.password=<lower:9>\n",),
    "application.yml": ("spring:\n  datasource:\n    password: <alnum:12>\n",),
    "filebeat.yml": ('output.elasticsearch:\n  username: elastic\n  password: "<alnum:16>"\n',),
    "heidisql.txt": ("Servers\\x\\Password<|||>1<|||><hex:24>\n",),
    "wpa_supplicant.conf": ('network={\n  ssid="x"\n  psk="<lower:9>"\n}\n',),
    "pgadmin4/servers.json": ('{"Servers": {"1": {"Host": "db", "Password": "<alnum:12>"}}}',),
    ".lftprc": ("open -u bob,<alnum:12> ftp.company.net\n",),
    ".condarc": (
        "channels:\n  - https://bob:<alnum:12>@conda.company.net/x\n",
        "channels:\n  - https://conda.anaconda.org/t/bo-<uuid>/x\n",
    ),
    ".dvc/config.local": (
        "['remote \"s3\"']\n    secret_access_key = <base64:40>\n",
        "    password = <lower:9>\n",
    ),
    "huggingface/token": ("hf_<alpha:34>",),
    ".streamlit/secrets.toml": ('db_password = "<alnum:12>"\n',),
}
CASES = [(name, number) for name, texts in DOCUMENTS.items() for number in range(len(texts))]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> set[str]:
    """The files of one tree in which a scan finds something."""
    home = tmp_path_factory.mktemp("documents")
    for name, number in CASES:
        file = home / str(number) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(expand(DOCUMENTS[name][number], seed=1))
    result = Program(home, shared_cache).result(".", "--no-default-exclusions")
    return {finding["path"] for finding in result["findings"]}


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_document_that_holds_a_credential_is_found(found: set[str], name: str, number: int) -> None:
    assert f"{number}/{name}" in found


KEY = made_keys.pem("RSA PRIVATE KEY", made_keys.rsa(1024))
LINES = KEY.split("\n")
WRITTEN = {
    "key.pem": KEY,
    "Key.java": "String key =\n" + " +\n".join(f'    "{line}\\n"' for line in LINES) + ";\n",
    "key.py": "KEY = (\n" + "\n".join(f"    '{line}\\n'" for line in LINES) + "\n)\n",
    "key.json": json.dumps({"type": "service_account", "private_key_id": "ab" * 20, "private_key": KEY + "\n"}),
    "values.yaml": "tls:\n  key: |\n" + "\n".join(f"    {line}" for line in LINES) + "\n",
    ".env": 'KEY="' + KEY.replace("\n", "\\n") + '"\n',
    "config.yml": "client-key-data: " + base64.b64encode(KEY.encode()).decode() + "\n",
}


def test_a_key_is_told_by_its_kind_wherever_it_is_written(program: Program) -> None:
    for name, text in WRITTEN.items():
        (program.home / name).write_text(text)
    result = program.result(".")
    said = {finding["path"]: (finding["check"], finding["detail"]) for finding in result["findings"]}
    assert said == dict.fromkeys(WRITTEN, ("passed", "RSA, 1024 bits, not encrypted"))
    assert "check passed · RSA, 1024 bits, not encrypted" in program("scan", "key.pem").stdout


def test_what_is_no_key_and_what_has_expired_is_told_and_does_not_block(program: Program) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "7", "exp": 1_600_000_000}).encode()).decode().rstrip("=")
    head, _, signature = expand("<jwt>").split(".")
    (program.home / "guide.md").write_text(
        "\n".join([*LINES[:3], "...", LINES[-1], "", f"{head}.{claims}.{signature}"])
    )
    done = program("scan", ".", "--format", "json")
    findings = {finding["rule"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert done.returncode == 0
    assert {rule: found["detail"] for rule, found in findings.items()} == {
        "private-key-pem": "not a whole key",
        "jwt-token": "expired on 2020-09-13",
    }
    assert findings["jwt-token"]["severity"] == "low" and findings["private-key-pem"]["check"] == "failed"
