"""What OpenSSH and PAM say in a message of ``sshd``: event, method, user, source and port.

A message is read by a small grammar. Before it may stand what a daemon puts there (``error: ``, ``[ID 800047 auth.info] ``,
``pam_unix(sshd:auth): ``), behind it `` [preauth]``. What is left is a form of ``FORMS``: the words of sshd as a regular expression, and
in braces the parts that it fills in (``PARTS``; with a question mark those that may be missing).

User names are chosen by the attacker and may themselves read like the rest of a line (``root from 192.0.2.1 port 22 ssh2``). A form
therefore covers the whole message, and the user takes as much of it as possible: source and port, which sshd adds itself, are found from
the end. Forms are tried in order; where other words of the attacker may follow the source, forms with a narrower end come first.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

PARTS = {
    "any": r".*",
    "number": r"[0-9]{1,10}",
    "method": r"(?P<method>\S+)",
    "account": r"(?P<user>\S+)",  # the machine has it, so that it holds no blank
    "name": r"(?P<user>.*)",
    "user": r"(?:(?:invalid|illegal) user )?(?P<user>.*)",
    "source": r"(?P<source>\S{1,255})",
    "from": r" (?:from|FROM) (?P<source>\S{1,255})",
    "peer": r"(?:(?:(?:invalid|authenticating) user(?: (?P<user>.*))?|user (?P<account>\S+)) )?(?P<source>\S{1,255})",
    "port": r" port (?P<port>[0-9]{1,5})",
    "ssh": r" ssh[0-9]",
    "via": r" via \S+",
    # type and fingerprint; behind those of hostbased keys, words of the other side
    "key": r" [A-Z][A-Z0-9-]* \S+(?:, client user \".*)?",
}

FORMS = (
    # the comment of a key, behind it, can hold anything
    ("accepted", "Accepted {method} for {account}{from}{port}{ssh?}(?:: {any})?"),
    # The source at the very end, unless the user's name would have to end with "ssh2:", which is sshd's own; then before a key; then
    # before whatever old servers let the other side add, the first source; then without port or protocol.
    ("failed", "Failed {method} for {user}(?<! ssh[0-9]:){from}{port}{ssh}"),
    ("failed", "Failed {method} for {user}{from}{port}{ssh?}:{key}"),
    ("failed", "Failed {method} for (?:(?:invalid|illegal) user )?(?P<user>.*?){from}{port}{ssh?}:{any}"),
    ("failed", "Failed {method} for {user}{from}{port?}{ssh?}"),
    ("postponed", "(?:Postponed|Partial) {method} for {user}{from}{port}{ssh?}"),
    ("invalid_user", "(?:Invalid|Illegal) user(?: {name})?{from}{port?}"),
    ("too_many_failures", "maximum authentication attempts exceeded for {user}{from}{port?}{ssh?}"),
    ("too_many_failures", "Disconnecting {peer}{port}: Too many authentication failures{any}"),
    ("too_many_failures", "Disconnecting(?: {any})?: Too many authentication failures{any}"),
    # the reason tells the name once more, and so where it ends
    (
        "disconnecting",
        r"Disconnecting (?:invalid|authenticating) user {name} {source}{port}: Change of username or service not allowed: \((?P=user),{any}",
    ),
    ("disconnecting", "Disconnecting {peer}{port}: {any}"),
    ("auth_failure", "PAM: [A-Za-z ]{3,100}? for {user}{from}{via?}"),
    ("not_allowed", "User {name}{from} not allowed because {any}"),
    ("not_allowed", "User {account} not allowed because {any}"),
    ("not_allowed", "ROOT LOGIN REFUSED{from}{port?}"),
    (
        "not_allowed",
        r"Authentication tried for {account} with [a-z ]+ but not from a permitted host \(host=[^\s,]*, ip=(?P<source>[^\s,)]+){any}",
    ),
    ("refused", r"refused connect from {any} \({source}\)"),
    ("refused", "refused connect{from}"),
    ("refused", r"drop connection #{number} from \[{source}\]:(?P<port>[0-9]{1,5}) on {any}"),
    ("refused", r"srclimit_penalise: ipv[46]: \S+ (?P<source>[^\s/]{1,255})/{number} {any}"),
    ("break_in", r"reverse mapping checking getaddrinfo for {any} \[{source}\] failed{any}"),
    ("break_in", "Address {source} maps to {any}"),
    ("break_in", "Nasty PTR record {any} is set up for {source}, ignoring"),
    ("more_failures", "(?:PAM:? )?{number} more authentication failures?;(?P<pam>{any})"),
    ("auth_failure", "authentication failure;(?P<pam>{any})"),
    ("check_pass", "check pass; user unknown"),
    ("userauth_request", "input_userauth_request: (?:invalid|illegal) user {name}"),
    ("session_opened", r"session opened for user (?P<user>\S+?)(?:\(uid={number}\))? by {any}"),
    ("session_closed", "session closed for user {account}"),
    ("shell_closed", "Close session: user {account}{from}{port} id {number}"),
    ("received_disconnect", "Received disconnect{from}{port}:{number}: {any}"),
    ("received_disconnect", "Received disconnect{from}: {number}: {any}"),
    ("disconnected", "Disconnected from {peer}{port}"),
    ("disconnected", "Disconnected from {source}"),
    ("closed", "Connection (?:closed|reset) by {peer}{port}"),
    ("closed", "Connection (?:closed|reset) by {source}"),
    ("timeout", r"Timeout before authentication for connection from {source} to \S+, pid = {number}"),
    ("timeout", "Timeout before authentication for {source}{port?}"),
    ("timeout", "Timeout, client not responding from {peer}{port}"),
    ("no_identification", "Did not receive identification string{from}{port?}"),
    ("bad_protocol", "Bad protocol version identification {any}{from}{port?}"),
    ("bad_protocol", "Protocol major versions differ for {source}{port?}: {any}"),
    ("negotiation", "Unable to negotiate with {peer}{port}: {any}"),
    ("negotiation", "[a-z_ ]{1,40}: Connection from {peer}{port}: {any}"),
    ("connection", "Connection{from}{port} on {any}"),
    ("connection", "Connection{from}{port?}"),
    ("shell", "Starting session: {any} for {account}{from}{port} id {number}"),
    ("forwarding", "Received request{from}{port?} to connect to host {any}"),
)
"""Events and their forms."""

_PATTERNS = tuple(
    (
        event,
        re.compile(
            re.sub(r"\{([a-z]+)(\??)\}", lambda part: f"(?:{PARTS[part[1]]}){part[2]}", form),
            re.ASCII | re.DOTALL,
        ),
    )
    for event, form in FORMS
)

_BEFORE = re.compile(
    r"(?:\[ID [0-9]{1,10} [a-z0-9.]+\] )?(?:(?:error|fatal|info): )?(?:pam_[a-z0-9_]{1,32}\(sshd:[a-z]+\): )?", re.ASCII
)
_PREAUTH = " [preauth]"
_MAPPED = "::ffff:"

_ANYWHERE = re.compile(r" from ([0-9a-fA-F.:]{3,60})(?: port ([0-9]{1,5}))?(?![^\s:,;])", re.ASCII)
"""An address in a message of no known form."""

_PAM = re.compile(
    r" logname=\S* uid=\S* euid=\S* tty=\S* ruser=\S* rhost=(?P<source>\S*)(?: {1,2}user=(?P<user>.*))?", re.ASCII | re.DOTALL
)
_PAM_FIELD = re.compile(r"(?:^|\s)(rhost|user)=(\S*)", re.ASCII)


def read_message(message: str) -> dict[str, str]:
    """What a message tells: ``event``, and of ``method user source port`` what is in it; event ``other`` where no form fits."""
    message = message.rstrip()
    before = _BEFORE.match(message)
    message = message[before.end() if before else 0 :].removesuffix(_PREAUTH)
    found = next(((event, matched) for event, pattern in _PATTERNS if (matched := pattern.fullmatch(message))), None)
    if found is None:
        return {"event": "other"} | _anywhere(message)
    event, matched = found
    told = _groups(matched)
    if "pam" in told:
        told |= _pam(told.pop("pam"))
    if "account" in told:
        told["user"] = told.pop("account")
    if "source" in told:
        told["source"] = _plain(told["source"])
    return {"event": event} | told


def _groups(matched: re.Match[str]) -> dict[str, str]:
    """The groups that took part, by name."""
    return {name: value for name, value in matched.groupdict().items() if value is not None}


def _pam(fields: str) -> dict[str, str]:
    """Source and user of PAM's fields: in PAM's own order, else in any, as long as no field is told in two ways."""
    if matched := _PAM.fullmatch(fields):
        return _groups(matched)
    told: dict[str, set[str]] = {}
    for name, value in _PAM_FIELD.findall(fields):
        told.setdefault(name, set()).add(value)
    return {field: told[name].pop() for name, field in (("rhost", "source"), ("user", "user")) if len(told.get(name, ())) == 1}


def _anywhere(message: str) -> dict[str, str]:
    """The last address that a message of another form names as where something comes from."""
    for address, port in reversed(_ANYWHERE.findall(message)):
        try:
            ip_address(address)
        except ValueError:
            continue
        return {"source": address} | ({"port": port} if port else {})
    return {}


def _plain(source: str) -> str:
    """A source without the user before it (tcp wrappers), an IPv4 address without the prefix that makes an IPv6 one of it."""
    source = source.rpartition("@")[2]
    mapped = source[len(_MAPPED) :]
    return mapped if source.lower().startswith(_MAPPED) and "." in mapped else source
