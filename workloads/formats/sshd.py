"""Raw syslog lines of an OpenSSH server as events.

Both heads of a line are read, ``Mar 27 13:08:09 host sshd[1361]: ...`` (RFC 3164, no year) and
``2017-03-27T13:08:09.250+00:00 host sshd[1361]: ...`` (RFC 5424 time, as rsyslog writes it by now); a leading ``<38>``
is allowed.

User names are chosen by the attacker and may themselves read like the rest of a line (``root from 192.0.2.1 port 22 ssh2``).
Every pattern therefore covers the whole message, and what sshd adds itself, source and port, is taken from its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from chipsim.errors import WorkloadError
from workloads.formats.clock import Clock, tick
from workloads.formats.files import read_lines
from workloads.formats.log import LogEvent
from workloads.formats.reading import Reading

FIELDS = ("host", "event", "method", "user", "source", "port", "pid")
"""Fields of every event; one that the message does not tell is ``""``."""

EXAMPLE = "Mar 27 13:08:09 myhost sshd[1361]: Accepted publickey for alice from 192.0.2.7 port 54259 ssh2"
"""What a line looks like, for messages."""

MAX_REPEATED = 100_000
"""Largest count believed in ``message repeated N times``; syslog daemons write one at least every few minutes."""

_HEAD = re.compile(
    r"(?:<[0-9]{1,3}>)?"
    r"([A-Z][a-z]{2} {1,2}[0-9]{1,2} [0-9:.,]{5,18}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,]{5,24}(?:Z|[+-][0-9:]{4,5})?) "
    r"(\S{1,255}) sshd(?:-session|-auth)?(?:\([^()\s]{1,64}\))?(?:\[([0-9]{1,10})\])?: (.*)",
    re.ASCII | re.DOTALL,
)
_REPEATED = re.compile(r"message repeated ([0-9]{1,10}) times: \[ (.*)\]", re.ASCII | re.DOTALL)

_FROM = r" from (?P<source>\S{1,255})"
_PORT = r" port (?P<port>[0-9]{1,5})"
_PEER = r"(?:(?:invalid|authenticating) user (?P<user>.*) )?(?P<source>\S{1,255})"
_BY = r" logname=\S* uid=\S* euid=\S* tty=\S* ruser=\S* rhost=(?P<source>\S*)(?: {1,2}user=(?P<user>.*))?"
_USER = r"(?:invalid user )?(?P<user>.*)"
_SSH = r"(?: ssh[0-9])?"
_ALARM = "POSSIBLE BREAK-IN ATTEMPT!"
_PREAUTH = r"(?: \[preauth\])?"

_PATTERNS = tuple(
    (event, re.compile(pattern, re.ASCII | re.DOTALL))
    for event, pattern in (
        # an accepted user has an account, whose name holds no blank; the key's comment behind it can hold anything
        ("accepted", r"Accepted (?P<method>\S+) for (?P<user>\S+)" + _FROM + _PORT + _SSH + r"(?:: .*)?"),
        ("failed", r"Failed (?P<method>\S+) for " + _USER + _FROM + _PORT + _SSH + r"(?:: \S+ \S+)?" + _PREAUTH),
        ("invalid_user", r"(?:Invalid|Illegal) user (?P<user>.*)" + _FROM + r"(?:" + _PORT + r")?" + _PREAUTH),
        ("break_in", r"reverse mapping checking getaddrinfo for .* \[(?P<source>\S{1,255})\] failed - " + _ALARM),
        ("break_in", r"Address (?P<source>\S{1,255}) maps to .*" + _ALARM),
        ("auth_failure", r"(?:pam_unix\(sshd:auth\): )?authentication failure;" + _BY),
        ("more_failures", r"PAM [0-9]+ more authentication failures?;" + _BY),
        ("check_pass", r"(?:pam_unix\(sshd:auth\): )?check pass; user unknown"),
        ("userauth_request", r"input_userauth_request: (?:invalid|illegal) user (?P<user>.*?)" + _PREAUTH),
        ("session_opened", r"(?:pam_unix\(sshd:session\): )?session opened for user (?P<user>\S+?)(?:\(uid=[0-9]+\))? by .*"),
        ("session_closed", r"(?:pam_unix\(sshd:session\): )?session closed for user (?P<user>\S+)"),
        (
            "too_many_failures",
            r"error: maximum authentication attempts exceeded for " + _USER + _FROM + _PORT + _SSH + _PREAUTH,
        ),
        ("too_many_failures", r"Disconnecting(?: .*)?: Too many authentication failures.*"),
        ("received_disconnect", r"(?:error: )?Received disconnect" + _FROM + _PORT + r":[0-9]+: .*"),
        ("received_disconnect", r"(?:error: )?Received disconnect" + _FROM + r": [0-9]+: .*"),
        ("disconnected", r"Disconnected from (?:user (?P<account>\S+) )?" + _PEER + _PORT + _PREAUTH),
        ("closed", r"Connection (?:closed|reset) by " + _PEER + _PORT + _PREAUTH),
        ("closed", r"Connection (?:closed|reset) by (?P<source>\S{1,255})" + _PREAUTH),
        ("no_identification", r"(?:error: )?Did not receive identification string" + _FROM + r"(?:" + _PORT + r")?"),
        ("bad_protocol", r"(?:error: )?Bad protocol version identification .*" + _FROM + _PORT),
        ("connection", r"Connection" + _FROM + _PORT + r" on .*"),
        ("shell", r"Starting session: .* for (?P<user>\S+)" + _FROM + _PORT + r" id [0-9]+"),
    )
)


def read_sshd(path: Path, time_scale: float = 1.0, reading: Reading | None = None) -> Iterator[LogEvent]:
    """Read the events that an OpenSSH server wrote to a syslog file.

    Args:
        path: The file; lines of other programs are skipped.
        time_scale: Units of event time in a second; fractions of a unit are cut off.
        reading: Where skipped lines, repetitions, late events and the like are counted.

    Yields:
        An event per sshd line with the fields ``FIELDS``; ``event`` is ``accepted``, ``failed``, ... or ``other``.
        ``message repeated N times`` yields the message N times, at the time of that line (its own times are lost).

    Raises:
        WorkloadError: what ``read_lines`` refuses, no sshd line in the whole file, an impossible time, times too far out
            of order, a repetition above ``MAX_REPEATED``.
    """
    clock = Clock(scale=Decimal(str(time_scale)))
    reading = reading or Reading()
    found = 0
    for line in read_lines(path):
        head = _HEAD.fullmatch(line.text)
        if head is None:
            reading.skipped += 1
            continue
        text_time, host, pid, message = head.groups()
        found += 1
        try:
            clock = tick(clock, text_time, reading, line.number)
        except ValueError as error:
            raise WorkloadError(f"{path}:{line.number}:{head.start(1) + 1}: {error}") from None
        times = 1
        if repeated := _REPEATED.fullmatch(message):
            times, message = int(repeated[1]), repeated[2]
            if times > MAX_REPEATED:
                raise WorkloadError(
                    f"{path}:{line.number}:{head.start(4) + 1}: a message repeated {times:,} times, at most "
                    f"{MAX_REPEATED:,} are allowed; remove the line or write a smaller number"
                )
        told = _read_message(message) | {"host": host, "pid": pid or ""}
        reading.repeated += times - 1
        event = LogEvent(clock.last, {name: told.get(name, "") for name in FIELDS}, text_time, line.number)
        for _ in range(times):
            yield event
    if not found:
        raise WorkloadError(
            f"{path}: none of the {reading.skipped:,} lines is a syslog line of sshd; such a line looks like: {EXAMPLE}"
        )


def _read_message(message: str) -> dict[str, str]:
    """Event, method, user, source and port, as far as a message tells them."""
    message = message.rstrip()
    for event, pattern in _PATTERNS:
        if matched := pattern.fullmatch(message):
            told = {name: value for name, value in matched.groupdict().items() if value is not None}
            account = told.pop("account", None)
            return {"event": event} | ({"user": account} if account else {}) | told
    return {"event": "other"}
