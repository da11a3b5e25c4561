"""Broken texts and logs: each gives one clear message with its place, never a traceback, a wait or a full memory."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.errors import WorkloadError
from tests.stimuli import build_stimulus
from workloads.formats import csvlog, jsonl, sshd
from workloads.formats.log import LogEvent, log_stimulus
from workloads.formats.text import read_text
from workloads.kinds.log import LogWorkload, read_log
from workloads.kinds.text import TextWorkload

HEAD = b"Mar 27 13:08:09 box sshd[77]: "
SSHD = HEAD + b"Accepted password for al from 192.0.2.1 port 22 ssh2\n"
CSV = b"time,user\n"
JSONL = b'{"time": 1, "user": "al"}\n'

BROKEN: dict[str, tuple[str, bytes, str]] = {
    # name: (format, content, what the message says behind the file's name)
    "empty": ("sshd", b"", r": the file is empty"),
    "csv empty": ("csv", b"", r": the file is empty"),
    "jsonl empty": ("jsonl", b"", r": the file is empty"),
    "no sshd line": ("sshd", b"hello\nworld\n", r": none of the 2 lines is a syslog line of sshd; .*sshd\[1361\]: Accepted"),
    "binary": ("sshd", SSHD + b"\x7fELF\x00\x00\n", r":2: NUL byte at byte offset 87: the file is binary"),
    "binary without a line end": ("csv", b"\x00" * 3_000_000, r":1: NUL byte at byte offset 0"),
    "not utf-8": ("sshd", SSHD + SSHD[:-1] + b"\xff\n", r":2: byte 0xff at byte offset 165 is not UTF-8"),
    "bom and not utf-8": ("csv", b"\xef\xbb\xbf" + CSV + b"1,\xe9\n", r":2: byte 0xe9 at byte offset 15 is not UTF-8"),
    "utf-16": ("csv", "time,user\n1,al\n".encode("utf-16"), r": the file is not plain text: it is UTF-16"),
    "gzip": ("sshd", gzip.compress(SSHD), r": the file is not plain text: it is gzip-compressed"),
    "10 MB on one line": ("sshd", HEAD + b"x" * 10_000_000, r":1: the line is longer than 1,048,576 bytes"),
    "10 MB on a later csv line": ("csv", CSV + b"1," + b"x" * 10_000_000, r":2: the line is longer"),
    "10 MB on one jsonl line": ("jsonl", JSONL + b'{"a": "' + b"x" * 10_000_000 + b'"}', r":2: the line is longer"),
    "sshd month": ("sshd", SSHD.replace(b"Mar", b"Mrz"), r":1:1: 'Mrz 27 13:08:09' is not a possible time"),
    "sshd day": ("sshd", SSHD + SSHD.replace(b"27", b"32"), r":2:1: 'Mar 32 13:08:09' is not a possible time"),
    "sshd hour": ("sshd", b"<38>" + SSHD.replace(b"13:", b"24:"), r":1:5: 'Mar 27 24:08:09' is not a possible time"),
    "sshd backwards": (
        "sshd",
        SSHD + SSHD.replace(b"13:08:09", b"12:08:08"),
        r":2:1: the time 'Mar 27 12:08:08' is earlier than the latest before it, by 3601 s; allowed: less than 3,000 s",
    ),
    "sshd two kinds of time": (
        "sshd",
        SSHD + b"2024-03-27T13:08:09Z box sshd[1]: x\n",
        r":2:1: the time .* is of another kind \(iso\)",
    ),
    "sshd repeated for ever": (
        "sshd",
        HEAD + b"message repeated 999999999 times: [ x]\n",
        r":1:31: a message repeated 999,999,999 times",
    ),
    "csv only a blank line": ("csv", b"\n\n", r": there is no header row"),
    "csv without time": ("csv", b"when,user\n1,al\n", r":1:1: no column 'time' .*'when', 'user'; name it in workload.time"),
    "csv with semicolons": ("csv", b"time;user\n1;al\n", r":1:1: no column 'time' .*is the separator not a comma"),
    "csv column twice": ("csv", b'time,"a,b",c,"a,b"\n', r":1:14: the header names the column 'a,b' twice"),
    "csv column unnamed": ("csv", b"time,user,\n", r":1:11: column 3 of the header has no name"),
    "csv 300,000 columns": ("csv", b"a," * 300_000 + b"time\n", r":1:3: the header names the column 'a' twice"),
    "csv row too long": (
        "csv",
        CSV + b"1,al\n2,al,x\n",
        r":3: the row has 3 values, the header names 2 columns \(time, user\)",
    ),
    "csv row too short": ("csv", CSV + b"1\n", r":2: the row has 1 values, the header names 2 columns"),
    "csv bad time": (
        "csv",
        b"user,time\n" + b'"a,""b",noon\n',
        r":2:9: column 'time': 'noon' is not a time; allowed: .*ISO 8601",
    ),
    "csv bad time behind a line end": ("csv", b"user,time\n" + b'"a\nb",noon\n', r":3:4: column 'time': 'noon' is not a time"),
    "csv empty time": ("csv", CSV + b",al\n", r":2:1: column 'time': '' is not a time"),
    "csv negative time": ("csv", CSV + b"-5,al\n", r":2:1: column 'time': '-5' is not a time"),
    "csv time nan": ("csv", CSV + b"nan,al\n", r":2:1: column 'time': 'nan' is not a time"),
    "csv time too large": ("csv", CSV + b"1e99,al\n", r":2:1: column 'time': the time '1e99' is out of range"),
    "csv time before 1970": ("csv", CSV + b"1969-12-31T23:59:59,al\n", r":2:1: .* is out of range"),
    "csv February 30": (
        "csv",
        CSV + b"2024-02-30T00:00:00,al\n",
        r":2:1: .*'2024-02-30T00:00:00' is not a possible time: day is",
    ),
    "csv year 0": ("csv", CSV + b"0000-01-01T00:00:00,al\n", r":2:1: .* is not a possible time"),
    "csv backwards": ("csv", CSV + b"3001,al\n1,al\n", r":3:1: column 'time': the time '1' is earlier than the latest"),
    "csv number between units": (
        "csv",
        CSV + b"5e13,al\n",
        r":2:1: column 'time': the time '5e13' is out of range; allowed: seconds below",
    ),
    "csv seconds and ms": ("csv", CSV + b"1711544889,al\n1711544889123,al\n", r":3:1: .* is of another kind \(epoch-ms\)"),
    "csv two kinds of time": ("csv", CSV + b"2,al\n2024-01-01T00:00:00,al\n", r":3:1: .* is of another kind \(iso-local\)"),
    "csv quote not closed": ("csv", CSV + b'1,"al\n2,al\n', r":2: this row is not CSV: unexpected end of data"),
    "csv text behind a quote": ("csv", CSV + b'1,"al"x\n', r":2: this row is not CSV: ',' expected after '\"'"),
    "csv lone carriage returns": ("csv", b"time,user\r1,al\r2,al\r", r":1: this row is not CSV: new-line character"),
    "csv huge value": ("csv", CSV + b"1," + b"x" * 200_000 + b"\n", r":2: this row is not CSV: field larger than field limit"),
    "csv long value": ("csv", CSV + b"1," + b"x" * 5000 + b"\n", r":2: field 'user' has 5,000 characters, at most 4,096"),
    "csv header alone": ("csv", CSV, r": the log holds no event"),
    "csv without the field": ("csv", b"time,name\n1,al\n", r": no event has the field 'user'; fields found: 'name', 'time'"),
    "jsonl not json": ("jsonl", JSONL + b'{"time": 2, "user": }\n', r":2:21: this is not JSON: Expecting value"),
    "jsonl two objects": ("jsonl", b'{"time": 1} {"time": 2}\n', r":1:13: this is not JSON: Extra data"),
    "jsonl pretty-printed": (
        "jsonl",
        b'{\n  "time": 1\n}\n',
        r":1:2: this is not JSON: Expecting property name.*every line must be one",
    ),
    "jsonl list": ("jsonl", b'[{"time": 1}]\n', r":1:1: found a list, every line must be one JSON object"),
    "jsonl number": ("jsonl", b"7\n", r":1:1: found a text or number"),
    "jsonl null": ("jsonl", b"null\n", r":1:1: found a null"),
    "jsonl truth": ("jsonl", b"true\n", r":1:1: found a true or false"),
    "jsonl key twice": ("jsonl", b'{"time": 1, "time": 2}\n', r":1:1: the key 'time' is there twice"),
    "jsonl dotted twice": ("jsonl", b'{"time": 1, "a.b": 1, "a": {"b": 2}}\n', r":1:1: two fields have the name 'a.b'"),
    "jsonl without time": ("jsonl", b'{"user": "al"}\n', r":1:1: the event has no 'time' .*keys found: 'user'"),
    "jsonl null time": ("jsonl", b'{"time": null}\n', r":1:1: the event has no 'time'"),
    "jsonl bad time": ("jsonl", JSONL + b'{"user": "x", "time": "soon"}\n', r":2:15: key 'time': 'soon' is not a time"),
    "jsonl time true": ("jsonl", b'{"time": true}\n', r":1:2: key 'time': 'true' is not a time"),
    "jsonl backwards": ("jsonl", b'{"time": 3000.5}\n{"time": 0.5}\n', r":2:2: key 'time': the time '0.5' is earlier"),
    "jsonl NaN": ("jsonl", b'{"time": NaN}\n', r":1:1: NaN is not JSON"),
    "jsonl Infinity": ("jsonl", b'{"time": 1, "x": -Infinity}\n', r":1:1: -Infinity is not JSON"),
    "jsonl lone surrogate": ("jsonl", b'{"time": 1, "user": "\\ud800"}\n', r":1:1: field 'user' holds a lone surrogate"),
    "jsonl surrogate in a list": ("jsonl", b'{"time": 1, "user": ["\\udfff"]}\n', r":1:1: field 'user' holds a lone surrogate"),
    "jsonl deep lists": ("jsonl", b'{"time": 1, "x": ' + b"[" * 100_000 + b"\n", r":1:1: objects or lists are nested too deep"),
    "jsonl deep objects": (
        "jsonl",
        b'{"time": 1, "x": ' + b'{"a":' * 200 + b"1" + b"}" * 201,
        r":1:1: objects are nested too deep",
    ),
    "jsonl long key times many": (
        "jsonl",
        json.dumps({"time": 1, "k" * 500_000: {str(number): 1 for number in range(40_000)}}).encode(),
        r":1:1: a key has 500,000 characters, at most 1,024",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_log(tmp_path: Path, name: str) -> None:
    """Through the public entry: one message that starts with the file and the place, soon."""
    kind, content, told = BROKEN[name]
    path = tmp_path / "broken.log"
    path.write_bytes(content)
    workload = LogWorkload.model_validate({"kind": "log", "format": kind, "path": str(path), "fields": ("user",)})
    with pytest.raises(WorkloadError) as caught:
        build_stimulus(workload)
    assert re.match(re.escape(str(path)) + told, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700
    assert caught.value.exit_code == 3


BROKEN_TEXT: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r": the file is empty"),
    "byte order mark alone": (b"\xef\xbb\xbf", r": the file holds a byte order mark and no text"),
    "binary": (b"abc\x00def", r": NUL byte at byte offset 3: the file is binary"),
    "latin-1": ("naïve".encode("latin-1"), r": byte 0xef at byte offset 2 is not UTF-8"),
    "cut in a character": ("привет".encode()[:-1], r": byte 0xd1 at byte offset 10 is not UTF-8"),
    "surrogate": (b"ab\xed\xa0\x80", r": byte 0xed at byte offset 2 is not UTF-8"),
    "bom and bad byte": (b"\xef\xbb\xbfab\xff", r": byte 0xff at byte offset 5 is not UTF-8"),
    "utf-16": ("hello".encode("utf-16"), r": the file is not plain text: it is UTF-16"),
    "zip": (b"PK\x03\x04abc", r": the file is not plain text: it is a zip archive"),
    "too short": (b"hello", r": the text has 5 characters, workload.learned \+ workload.symbols ask for 10; .* at most 5"),
}


@pytest.mark.parametrize("name", BROKEN_TEXT)
def test_broken_text(tmp_path: Path, name: str) -> None:
    content, told = BROKEN_TEXT[name]
    path = tmp_path / "broken.txt"
    path.write_bytes(content)
    with pytest.raises(WorkloadError) as caught:
        build_stimulus(TextWorkload(kind="text", path=str(path), learned=4, symbols=6))
    assert re.match(re.escape(str(path)) + told, str(caught.value)), str(caught.value)


def read_as(kind: str) -> Callable[[Path], object]:
    return lambda path: list(read_log(kind, path, "time", 1.0))


READERS: dict[str, Callable[[Path], object]] = {
    "text": read_text,
    "sshd": read_as("sshd"),
    "csv": read_as("csv"),
    "jsonl": read_as("jsonl"),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_is_not_a_file(tmp_path: Path, reader: str) -> None:
    """Missing, a folder, a pipe that nobody writes to, a device without end, an impossible name."""
    os.mkfifo(tmp_path / "pipe")
    for path, told in (
        (tmp_path / "none.txt", "there is no such"),
        (tmp_path, "this is a folder"),
        (tmp_path / "pipe", "a pipe or a device"),
        (Path("/dev/zero"), "a pipe or a device"),
        (tmp_path / ("n" * 300), "cannot be read: File name too long"),
        (tmp_path / "a\0b", "cannot be read: embedded null"),
    ):
        with pytest.raises(WorkloadError, match=told) as caught:
            READERS[reader](path)
        assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("reader", READERS)
def test_file_without_permission(tmp_path: Path, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own reason is passed on (root may read everything, hence the refusal is played)."""
    path = tmp_path / "secret"
    path.write_bytes(SSHD)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WorkloadError, match="cannot be read: Permission denied; check its name and its permissions"):
        READERS[reader](path)


def test_selection_that_leaves_nothing_says_what_there_is() -> None:
    events = [LogEvent(0, {"event": "accepted", "user": "al"}, "0", 1), LogEvent(1, {"event": "failed", "user": "bo"}, "1", 2)]
    with pytest.raises(WorkloadError, match=r"a\.log: none of the 2 events .*event is 'accepted', 'failed'"):
        log_stimulus(events, ("user",), {"event": "acepted"}, 512, None, None, "a.log")
    with pytest.raises(WorkloadError, match=r"a\.log: no event has the field 'evnt'; fields found: 'event', 'user'"):
        log_stimulus(events, ("user",), {"evnt": "accepted"}, 512, None, None, "a.log")
    with pytest.raises(WorkloadError, match=r"names 'user' more than once"):
        log_stimulus(events, ("user", "user"), {}, 512, None, None, "a.log")
    with pytest.raises(WorkloadError, match=r"must name at least one field"):
        log_stimulus(events, (), {}, 512, None, None, "a.log")
    with pytest.raises(WorkloadError, match=r"has 1 events that workload.only lets through, .* ask for 2; .* at most 1,"):
        log_stimulus(events, ("user",), {"event": "failed"}, 512, None, 2, "a.log")


# Messages that make a careless pattern try everything: each must be read in time that grows with its length alone.
SLOW = {
    "blanks": HEAD + b"Invalid user " + b" " * 900_000 + b"x\n",
    "froms": HEAD + b"Failed password for " + b" from a port 1" * 70_000 + b"!\n",
    "users": HEAD + b"Connection closed by invalid user " + b"a " * 450_000 + b"\n",
    "one word": HEAD + b"Received disconnect from " + b"a:" * 450_000 + b"\n",
    "digits": HEAD + b"PAM " + b"1" * 900_000 + b"\n",
    "pam": HEAD + b"authentication failure; logname=" + b" uid= euid= tty= ruser= rhost=" * 30_000 + b"\n",
    "heads": b"Mar 27 13:08:09 " + b"sshd" * 200_000 + b"\n" + HEAD + b"x\n",
    "brackets": HEAD + b"reverse mapping checking getaddrinfo for " + b" [a]" * 200_000 + b"\n",
    "colons": HEAD + b"Disconnecting" + b" : Too many" * 80_000 + b"\n",
}


@pytest.mark.parametrize("name", SLOW)
def test_hostile_lines_are_read_at_all(tmp_path: Path, name: str) -> None:
    """A pattern that tries every division of such a line would not end today."""
    path = tmp_path / "slow.log"
    path.write_bytes(SLOW[name])
    assert len(list(sshd.read_sshd(path))) == 1


PIECES = st.sampled_from(
    [
        SSHD,
        HEAD,
        CSV,
        JSONL,
        b"\n",
        b"\r",
        b",",
        b'"',
        b"\x00",
        b"\xff",
        b"1e5,",
        b"03-27T13:08:09,",
        b'{"time":',
        b"2024-01-01T00:00:00",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    content=st.one_of(st.binary(max_size=200), st.lists(st.one_of(PIECES, st.binary(max_size=6)), max_size=12).map(b"".join))
)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever is in a file, a reader yields events in order of time or raises WorkloadError with the file's name."""
    path = tmp_path_factory.mktemp("fuzz") / "any"
    path.write_bytes(content)
    for read in (sshd.read_sshd, csvlog.read_csv, jsonl.read_jsonl):
        last = 0
        try:
            for event in islice(read(path), 1000):
                assert event.time >= last
                last = event.time
                assert all(isinstance(value, str) for value in event.fields.values())
        except WorkloadError as error:
            assert str(error).startswith(f"{path}:")
    try:
        assert "\r" not in read_text(path)
    except WorkloadError as error:
        assert str(error).startswith(f"{path}:")


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(["sshd", "csv", "jsonl"]), data=st.data())
def test_a_damaged_log_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject) -> None:
    """A good log with some bytes cut out, doubled or overwritten."""
    good = {
        "sshd": SSHD
        + SSHD.replace(b"13:08:09", b"14:00:00")
        + HEAD.replace(b"13:", b"15:")
        + b"message repeated 2 times: [ x]\n",
        "csv": CSV + b'1,al\n2,"b,o"\n3.5,\n',
        "jsonl": JSONL + b'{"time": 2.5, "user": {"name": "\xd0\xb6", "ids": [1, 2]}}\n',
    }[kind]
    start = data.draw(st.integers(0, len(good)))
    stop = data.draw(st.integers(start, min(len(good), start + 8)))
    content = good[:start] + data.draw(st.one_of(st.binary(max_size=4), st.just(good[start:stop] * 2))) + good[stop:]
    path = tmp_path_factory.mktemp("fuzz") / "damaged"
    path.write_bytes(content)
    try:
        events = list(read_log(kind, path, "time", 1.0))
    except WorkloadError as error:
        assert str(error).startswith(f"{path}:")
    else:
        assert [event.time for event in events] == sorted(event.time for event in events)
