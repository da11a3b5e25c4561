"""Raw syslog lines of an OpenSSH server as events.

Heads that are read, with a leading ``<38>`` or without:

- ``Mar 27 13:08:09 host sshd[1361]: ...`` (RFC 3164, no year);
- ``2017-03-27T13:08:09.250+00:00 host sshd[1361]: ...`` (as rsyslog writes it by now);
- both without host, and ``[sshd]`` with or without a colon;
- ``<38>1 2017-03-27T13:08:09.250+00:00 host sshd 1361 - - ...`` (RFC 5424).

What the message says is read by ``workloads.formats.sshd_messages``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from chipsim.errors import WorkloadError
from workloads.formats.clock import Clock, tick
from workloads.formats.files import read_lines
from workloads.formats.log import LogEvent
from workloads.formats.reading import Reading
from workloads.formats.sshd_messages import read_message

FIELDS = ("host", "event", "method", "user", "source", "port", "pid")
"""Fields of every event; one that the message does not tell is ``""``."""

EXAMPLE = "Mar 27 13:08:09 myhost sshd[1361]: Accepted publickey for alice from 192.0.2.7 port 54259 ssh2"
"""What a line looks like, for messages."""

MAX_REPEATED = 100_000
"""Largest count believed in ``message repeated N times``; syslog daemons write one at least every few minutes."""

MAX_HOSTS = 256
"""Hosts whose last message is remembered, for "last message repeated N times"."""

_TIME = (
    r"(?P<time>[A-Z][a-z]{2} {1,2}[0-9]{1,2} [0-9:.,]{5,18}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,]{5,24}(?:Z|[+-][0-9:]{4,5})?) "
)
_PROGRAM = r"sshd(?:-session|-auth)?"
_HEADS = tuple(
    re.compile(pattern, re.ASCII | re.DOTALL)
    for pattern in (
        r"(?:<[0-9]{1,3}>)?" + _TIME + r"(?:(?P<host>\S{1,255}) )?"
        r"(?:" + _PROGRAM + r"(?:\([^()\s]{1,64}\))?(?:\[(?P<pid>[0-9]{1,10})\])?:|\[" + _PROGRAM + r"\]:?) (?P<message>.*)",
        r"<[0-9]{1,3}>1 " + _TIME + r"(?P<host>\S{1,255}) " + _PROGRAM + r" (?P<pid>[0-9]{1,10}|-) \S{1,64} "
        r"(?:-|(?:\[(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*\])+) (?P<message>.*)",
    )
)
_OTHER = re.compile(r"(?:<[0-9]{1,3}>(?:1 )?)?" + _TIME + r"(?P<host>\S{1,255}) .*", re.ASCII | re.DOTALL)
_REPEATED = re.compile(r"message repeated ([0-9]{1,10}) times: \[ (.*)\]", re.ASCII | re.DOTALL)
_LAST = r"(?:-{1,3} )?last message repeated (?P<times>[0-9]{1,10}) times?(?: -{1,3})?"
_LAST_MESSAGE = re.compile(_LAST, re.ASCII)
_LAST_LINE = re.compile(
    r"(?:<[0-9]{1,3}>)?" + _TIME + r"(?:(?P<host>\S{1,255}) )??(?:syslogd[^\s:]{0,64}: )?" + _LAST, re.ASCII
)


def read_sshd(path: Path, time_scale: float = 1.0, reading: Reading | None = None) -> Iterator[LogEvent]:
    """Read the events that an OpenSSH server wrote to a syslog file.

    Args:
        path: The file; lines of other programs are skipped.
        time_scale: Units of event time in a second; fractions of a unit are cut off.
        reading: Where skipped lines, repetitions, late events and the like are counted.

    Yields:
        An event per sshd line with the fields ``FIELDS``; ``event`` is ``accepted``, ``failed``, ... or ``other``.
        ``message repeated N times: [ ... ]`` yields the message N times, ``last message repeated N times`` the last of that
        host (and program, where the line names one) N times more, at the time of that line (their own times are lost).

    Raises:
        WorkloadError: what ``read_lines`` refuses, no sshd line in the whole file, an impossible time, times too far out
            of order, a repetition above ``MAX_REPEATED``.
    """
    clock = Clock(scale=Decimal(str(time_scale)))
    reading = reading or Reading()
    latest = _Latest()
    found = 0
    for line in read_lines(path):
        said = _said(line.text, latest)
        if said is None:
            reading.skipped += 1
            continue
        found += 1
        try:
            clock = tick(clock, said.time, reading, line.number)
        except ValueError as error:
            raise WorkloadError(f"{path}:{line.number}:{said.place}: {error}") from None
        if said.times > MAX_REPEATED:
            raise WorkloadError(
                f"{path}:{line.number}:{said.count_place}: a message repeated {said.times:,} times, at most {MAX_REPEATED:,} are "
                "allowed; remove the line or write a smaller number"
            )
        reading.repeated += said.added
        event = LogEvent(clock.last, said.fields, said.time, line.number)
        for _ in range(said.times):
            yield event
    if not found:
        raise WorkloadError(
            f"{path}: none of the {reading.skipped:,} lines is a syslog line of sshd; such a line looks like: {EXAMPLE}"
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What a line says.

    Attributes:
        time: as written, from column ``place`` on; a count of repetitions stands behind column ``count_place``.
        fields: of the event.
        times: how often it happened; added: how many of these have no line of their own.
    """

    time: str
    place: int
    count_place: int
    fields: dict[str, str]
    times: int = 1
    added: int = 0


@dataclass(frozen=True, slots=True)
class _Latest:
    """The last message by host, for lines that say that it was repeated; hosts that were silent for longest are forgotten.

    Attributes:
        of_host: Fields of the last message of a host, None where another program wrote it; ``""`` is the host of the whole file.
        of_sshd: Fields of the last message of sshd.
    """

    of_host: dict[str, dict[str, str] | None] = field(default_factory=dict)
    of_sshd: dict[str, dict[str, str] | None] = field(default_factory=dict)


def _said(text: str, latest: _Latest) -> _Said | None:
    """What a line says; None for one of another program, and for a repetition of what was not sshd's or is not known any more."""
    if matched := _LAST_LINE.fullmatch(text):
        return _again(
            latest.of_host.get(matched["host"] or ""),
            matched["time"],
            matched,
            matched.start("time") + 1,
            matched.start("times") + 1,
        )
    head = next((found for pattern in _HEADS if (found := pattern.fullmatch(text))), None)
    if head is None:
        if other := _OTHER.fullmatch(text):
            _remember(latest.of_host, other["host"], None)
        _remember(latest.of_host, "", None)
        return None
    host, message, place = head["host"] or "", head["message"], head.start("time") + 1
    if matched := _LAST_MESSAGE.fullmatch(message.strip()):
        return _again(latest.of_sshd.get(host), head["time"], matched, place, head.start("message") + 1)
    times = 1
    if matched := _REPEATED.fullmatch(message):
        times, message = int(matched[1]), matched[2]
    told = read_message(message) | {"host": host, "pid": (head["pid"] or "").replace("-", "")}
    fields = {name: told.get(name, "") for name in FIELDS}
    for latest_of in (latest.of_host, latest.of_sshd):
        _remember(latest_of, host, fields)
    _remember(latest.of_host, "", fields)
    return _Said(head["time"], place, head.start("message") + 1, fields, times, max(0, times - 1))


def _again(fields: dict[str, str] | None, time: str, matched: re.Match[str], place: int, count_place: int) -> _Said | None:
    """A message once more, as often as a line says that it was repeated; it has a line already, so all of these are added."""
    times = int(matched["times"])
    return None if fields is None else _Said(time, place, count_place, fields, times, times)


def _remember(latest: dict[str, dict[str, str] | None], host: str, fields: dict[str, str] | None) -> None:
    latest.pop(host, None)
    latest[host] = fields
    if len(latest) > MAX_HOSTS:
        del latest[next(iter(latest))]
