"""Event logs as stimuli: what the readers find in real and in small logs, and what becomes of it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import WorkloadError
from chipsim.network import END_EPISODE, END_SEGMENT
from tests.stimuli import build_stimulus
from workloads.formats.csvlog import read_csv
from workloads.formats.jsonl import read_jsonl
from workloads.formats.log import LogEvent, log_stimulus
from workloads.formats.reading import Reading
from workloads.formats.sshd import read_sshd
from workloads.kinds.log import LogWorkload

HEAD = "Mar 27 13:08:09 box sshd[77]: "


def write(folder: Path, content: str, name: str = "some.log") -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


def event(time: int = 0, /, **fields: str) -> LogEvent:
    return LogEvent(time, fields, f"t{time}", 1)


# --- real logs


def test_accepted_logins_of_the_elastic_log(shared: Path) -> None:
    """The raw log yields exactly the accepted logins of the table beside it, row by row."""
    with (shared / "data/auth/elastic_accepted_0327-0330.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = [e for e in read_sshd(shared / "data/auth/elastic_auth_0327-0330.log") if e.fields["event"] == "accepted"]
    assert len(rows) == len(found) == 160
    for row, accepted in zip(rows, found, strict=True):
        moment = datetime.strptime(f"2017-{row['time']}", "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        assert accepted.time == moment.timestamp() - datetime(2017, 1, 1, tzinfo=UTC).timestamp()
        assert datetime.strptime(f"2017 {accepted.text_time}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC) == moment
        assert (accepted.fields["user"], accepted.fields["source"], accepted.fields["method"]) == (
            row["user"],
            row["src"],
            row["method"],
        )


def test_raw_log_and_table_give_the_same_stimulus(shared: Path) -> None:
    """Through the public entry: sshd and csv differ in the names of the fields alone."""
    folder = shared / "data/auth"
    raw, _ = build_stimulus(
        LogWorkload(
            kind="log",
            format="sshd",
            path=str(folder / "elastic_auth_0327-0330.log"),
            fields=("user", "source"),
            only={"event": ("accepted",)},
        )
    )
    table, _ = build_stimulus(
        LogWorkload(kind="log", format="csv", path=str(folder / "elastic_accepted_0327-0330.csv"), fields=("user", "src"))
    )
    assert raw.events == table.events == 160
    for name in ("code", "time", "flags", "event"):
        assert np.array_equal(getattr(raw, name), getattr(table, name)), name
    assert [name.replace("source=", "src=") for name in raw.names] == list(table.names)
    assert raw.extra["source"] == table.extra["src"]


def test_first_seen_pairs_are_those_of_the_table(shared: Path) -> None:
    """A pair of codes that was not there before is what the table calls the first time of this user from this source."""
    path = shared / "data/auth/elastic_accepted_0327-0330.csv"
    fields = ("user", "src", "first_src_for_user")
    stimulus, _ = build_stimulus(LogWorkload(kind="log", format="csv", path=str(path), fields=fields))
    pairs = [tuple(codes[:2]) for codes in stimulus.code.reshape(-1, 3).tolist()]
    assert [str(int(pair not in pairs[:number])) for number, pair in enumerate(pairs)] == stimulus.extra["first_src_for_user"]


def test_counts_of_the_openssh_log(shared: Path) -> None:
    """One accepted login, 524 lines of failures from 24 sources (two stand for five each), 113 invalid users, 85 alarms."""
    events = list(read_sshd(shared / "data/auth/loghub_OpenSSH_2k.log"))
    counts = Counter(e.fields["event"] for e in events)
    assert (counts["accepted"], counts["invalid_user"], counts["break_in"]) == (1, 113, 85)
    failed = [e for e in events if e.fields["event"] == "failed"]
    assert len({e.line for e in failed}) == 524
    assert len(failed) == 524 - 2 + 2 * 5
    assert len({e.fields["source"] for e in failed}) == 24
    accepted = next(e for e in events if e.fields["event"] == "accepted")
    assert (accepted.fields["user"], accepted.fields["source"]) == ("fztu", "119.137.62.142")


def test_lines_of_other_programs_are_skipped(shared: Path) -> None:
    """A system log of ftpd, su and sshd yields the lines of sshd, in the order of time over 44 days."""
    path = shared / "data/auth/loghub_Linux_2k.log"
    events = list(read_sshd(path))
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [e.line for e in events] == [number for number, line in enumerate(lines, 1) if " sshd(pam_unix)[" in line]
    assert 30 * 86_400 < events[-1].time - events[0].time < 44 * 86_400
    assert {e.fields["host"] for e in events} == {"combo"}


# --- sshd


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Accepted publickey for al from 192.0.2.1 port 22 ssh2: RSA SHA256:x",
            ("accepted", "publickey", "al", "192.0.2.1", "22"),
        ),
        ("Accepted password for al from 2001:db8::1 port 5 ssh2", ("accepted", "password", "al", "2001:db8::1", "5")),
        ("Failed password for root from 192.0.2.1 port 22 ssh2", ("failed", "password", "root", "192.0.2.1", "22")),
        ("Failed password for invalid user  x from 192.0.2.1 port 22 ssh2", ("failed", "password", " x", "192.0.2.1", "22")),
        ("Failed none for invalid user  from 192.0.2.1 port 22 ssh2", ("failed", "none", "", "192.0.2.1", "22")),
        ("Invalid user a b from 192.0.2.1", ("invalid_user", "", "a b", "192.0.2.1", "")),
        ("Invalid user ab from 192.0.2.1 port 7", ("invalid_user", "", "ab", "192.0.2.1", "7")),
        ("Disconnected from 192.0.2.1 port 7 [preauth]", ("disconnected", "", "", "192.0.2.1", "7")),
        ("Disconnected from user al 192.0.2.1 port 7", ("disconnected", "", "al", "192.0.2.1", "7")),
        ("Disconnected from invalid user a b 192.0.2.1 port 7 [preauth]", ("disconnected", "", "a b", "192.0.2.1", "7")),
        ("Connection closed by 192.0.2.1 [preauth]", ("closed", "", "", "192.0.2.1", "")),
        ("Connection reset by authenticating user al 192.0.2.1 port 7 [preauth]", ("closed", "", "al", "192.0.2.1", "7")),
        (
            "Received disconnect from 192.0.2.1 port 7:11: disconnected by user",
            ("received_disconnect", "", "", "192.0.2.1", "7"),
        ),
        ("Received disconnect from 2001:db8::1: 11: Bye Bye [preauth]", ("received_disconnect", "", "", "2001:db8::1", "")),
        ("pam_unix(sshd:session): session opened for user al by (uid=0)", ("session_opened", "", "al", "", "")),
        ("pam_unix(sshd:session): session opened for user al(uid=7) by (uid=0)", ("session_opened", "", "al", "", "")),
        ("pam_unix(sshd:session): session closed for user al", ("session_closed", "", "al", "", "")),
        (
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=al",
            ("auth_failure", "", "al", "192.0.2.1", ""),
        ),
        (
            "reverse mapping checking getaddrinfo for h [192.0.2.1] failed - POSSIBLE BREAK-IN ATTEMPT!",
            ("break_in", "", "", "192.0.2.1", ""),
        ),
        ("Server listening on :: port 22.", ("other", "", "", "", "")),
        # a name that reads like the rest of a line must not become the source
        (
            "Failed password for invalid user root from 203.0.113.9 port 1 ssh2 from 192.0.2.1 port 22 ssh2",
            ("failed", "password", "root from 203.0.113.9 port 1 ssh2", "192.0.2.1", "22"),
        ),
        (
            "Invalid user x from 203.0.113.9 port 1 from 192.0.2.1 port 7",
            ("invalid_user", "", "x from 203.0.113.9 port 1", "192.0.2.1", "7"),
        ),
        (
            "PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1 user=a rhost=203.0.113.9",
            ("more_failures", "", "a rhost=203.0.113.9", "192.0.2.1", ""),
        ),
        (
            "Accepted publickey for al from 192.0.2.1 port 22 ssh2: RSA-CERT ID x from 203.0.113.9 port 1 ssh2",
            ("accepted", "publickey", "al", "192.0.2.1", "22"),
        ),
    ],
)
def test_sshd_messages(tmp_path: Path, message: str, told: tuple[str, ...]) -> None:
    (found,) = read_sshd(write(tmp_path, HEAD + message + "\r\n"))
    names = ("event", "method", "user", "source", "port")
    assert found.fields == dict(zip(names, told, strict=True)) | {"host": "box", "pid": "77"}
    assert (found.text_time, found.line) == ("Mar 27 13:08:09", 1)


def test_repeated_message_counts_as_often_as_it_says(tmp_path: Path) -> None:
    events = list(
        read_sshd(write(tmp_path, HEAD + "message repeated 3 times: [ Failed password for a from 192.0.2.1 port 2 ssh2]"))
    )
    assert [(e.fields["event"], e.fields["user"]) for e in events] == [("failed", "a")] * 3


@pytest.mark.parametrize(
    ("stamps", "days"),
    [
        (["Feb 28 00:00:00", "Mar  1 00:00:00"], [58, 59]),
        (["Feb 28 00:00:00", "Feb 29 00:00:00", "Mar  1 00:00:00"], [58, 59, 60]),
        (["Dec 31 00:00:00", "Jan  1 00:00:00", "Mar  1 00:00:00"], [364, 365, 424]),
        (["Feb 29 00:00:00", "Dec 31 00:00:00", "Jan  1 00:00:00", "Mar  1 00:00:00"], [59, 365, 366, 425]),
    ],
)
def test_yearless_times_count_days(tmp_path: Path, stamps: list[str], days: list[int]) -> None:
    """A leap day counts when it was seen; a month that falls back by more than half a year is the next year."""
    path = write(tmp_path, "".join(f"{stamp} box sshd[1]: x\n" for stamp in stamps))
    assert [e.time for e in read_sshd(path)] == [day * 86_400 for day in days]


def test_iso_times_of_sshd_lines(tmp_path: Path) -> None:
    lines = "2024-02-29T23:59:59.9+02:00 box sshd-session[1]: x\n2024-02-29T22:00:00Z box sshd[1]: y\n"
    start = int(datetime(2024, 2, 29, 21, 59, 59, tzinfo=UTC).timestamp())
    assert [e.time for e in read_sshd(write(tmp_path, lines))] == [start, start + 1]
    assert [e.time for e in read_sshd(write(tmp_path, lines), time_scale=10.0)] == [start * 10 + 9, start * 10 + 10]


# --- csv and jsonl


@pytest.mark.parametrize(
    ("texts", "scale", "times"),
    [
        (["0", "7", "7", "1e2"], 1.0, [0, 7, 7, 100]),
        (["0.1", "0.3", "0.35"], 10.0, [1, 3, 3]),
        (["1970-01-02", "1970-01-02T00:00:01"], 1.0, None),
        (["1970-01-02T00:00", "1970-01-02 00:00:01,5"], 2.0, [172_800, 172_803]),
        (["1970-01-01T02:00:00+02:00", "1970-01-01T00:00:01Z"], 1.0, [0, 1]),
        (["01-02T00:00:00", "12-31T00:00:00", "01-01T00:00:00"], 1.0, [86_400, 364 * 86_400, 365 * 86_400]),
    ],
)
def test_times_of_csv_and_jsonl(tmp_path: Path, texts: list[str], scale: float, times: list[int] | None) -> None:
    """Whole units, fractions cut off, decimals exact; both formats read a time alike."""
    table = write(tmp_path, "at,x\n" + "".join(f'"{text}",1\n' for text in texts), "a.csv")
    lines = write(tmp_path, "".join(json.dumps({"at": text}) + "\n" for text in texts), "a.jsonl")
    for found in (read_csv(table, "at", scale), read_jsonl(lines, "at", scale)):
        if times is None:
            with pytest.raises(WorkloadError, match="'1970-01-02' is not a time"):
                list(found)
        else:
            assert [e.time for e in found] == times


def test_csv_quotes_and_line_ends(tmp_path: Path) -> None:
    """Quoted commas, quotes and line ends belong to the value; empty lines do not count; lines are those of the file."""
    path = write(tmp_path, '\ufefftime,a\r\n1,"x,""y""\nz"\r\n\r\n2,\r\n')
    assert [(e.time, e.fields["a"], e.line) for e in read_csv(path)] == [(1, 'x,"y"\nz', 2), (2, "", 5)]


def test_jsonl_values(tmp_path: Path) -> None:
    """Numbers as they are written, nested objects by dotted names, null absent, lists as JSON text."""
    path = write(
        tmp_path, '\n{"time": 1.50, "a": {"b": 1.0, "c": {"d": true}}, "e": null, "f": ["ж", {}], "g": 1' + "0" * 5000 + "}\n"
    )
    (found,) = read_jsonl(path)
    assert (found.time, found.text_time, found.line) == (1, "1.50", 2)
    assert found.fields == {"time": "1.50", "a.b": "1.0", "a.c.d": "true", "f": '["ж",{}]', "g": "1" + "0" * 5000}


# --- stimulus


def test_items_of_events() -> None:
    """A code per field value, in order of first appearance; the last field ends the segment."""
    stimulus = log_stimulus(
        [event(3, user="al", source="x"), event(3, user="al", source="y"), event(9, user="x", source="x")],
        ("source", "user"),
        {},
        episode=2,
        max_gap=None,
        total=None,
    )
    assert stimulus.names == ("source=x", "user=al", "source=y", "user=x")
    assert stimulus.code.tolist() == [0, 1, 2, 1, 0, 3]
    assert stimulus.time.tolist() == [3, 3, 3, 3, 9, 9]
    assert stimulus.event.tolist() == [0, 0, 1, 1, 2, 2]
    both = END_SEGMENT | END_EPISODE
    assert stimulus.flags.tolist() == [0, END_SEGMENT, 0, both, 0, both]
    assert stimulus.extra == {"time": ["t3", "t3", "t9"], "source": ["x", "y", "x"], "user": ["al", "al", "x"]}
    assert (stimulus.unit, stimulus.fields) == ("second", ("source", "user"))


@pytest.mark.parametrize("width", [1, 7, 8, 9, 16, 17])
def test_more_than_eight_fields_make_several_neurons(width: int) -> None:
    names = [f"f{number}" for number in range(width)]
    stimulus = log_stimulus([event(0, **dict.fromkeys(names, "v"))] * 2, names, {}, 512, None, None)
    ends = np.flatnonzero(stimulus.flags[:width] & END_SEGMENT).tolist()
    assert ends == sorted({*range(7, width, 8), width - 1})
    assert stimulus.flags[:width].tolist()[:-1] == stimulus.flags[width:].tolist()[:-1]
    assert np.flatnonzero(stimulus.flags & END_EPISODE).tolist() == [2 * width - 1]


def test_episode_ends_before_a_gap() -> None:
    """A gap of exactly ``max_gap`` does not end an episode, a larger one does, and the count starts anew behind it."""
    times = [0, 5, 10, 16, 17, 18, 19]
    stimulus = log_stimulus([event(time, a="v") for time in times], ("a",), {}, episode=3, max_gap=5, total=None)
    assert np.flatnonzero(stimulus.flags & END_EPISODE).tolist() == [2, 5, 6]
    stimulus = log_stimulus([event(time, a="v") for time in times], ("a",), {}, episode=4, max_gap=5, total=None)
    assert np.flatnonzero(stimulus.flags & END_EPISODE).tolist() == [2, 6]


def test_only_takes_a_value_or_several() -> None:
    events = [event(number, a=value, b=str(number)) for number, value in enumerate("xyzx")]
    for only, kept in (({"a": "x"}, ["0", "3"]), ({"a": ("x", "z")}, ["0", "2", "3"]), ({"a": "x", "b": ["3"]}, ["3"])):
        reading = Reading()
        assert log_stimulus(events, ("b",), only, 512, None, None, reading=reading).extra["b"] == kept
        assert reading.left_out == len(events) - len(kept)


def test_pairs_that_read_alike_stay_apart() -> None:
    """``a=b`` with value ``c`` is not ``a`` with value ``b=c``."""
    stimulus = log_stimulus([LogEvent(0, {"a": "b=c", "a=b": "c"}, "0", 1)], ("a", "a=b"), {}, 512, None, None)
    assert stimulus.code.tolist() == [0, 1]


def test_absent_field_and_field_called_time() -> None:
    """A field that an event lacks is an empty value; the column of the time stays the log's own."""
    stimulus = log_stimulus([event(0, time="noon"), event(1, other="x")], ("time",), {}, 512, None, None)
    assert stimulus.names == ("time=noon", "time=")
    assert stimulus.extra == {"time": ["t0", "t1"], "field.time": ["noon", ""]}


def test_reading_stops_at_total() -> None:
    """No event behind ``total`` is asked for, so a broken tail of a log does not matter."""

    def endless() -> object:
        yield event(0, a="v")
        yield event(1, a="v")
        raise AssertionError("read too far")

    assert log_stimulus(endless(), ("a",), {}, 512, None, 2).events == 2  # type: ignore[arg-type]
    assert len(log_stimulus(endless(), ("a",), {}, 512, None, 0)) == 0  # type: ignore[arg-type]


def test_learned_items_are_those_of_the_learned_events(tmp_path: Path) -> None:
    path = write(tmp_path, "time,a,b\n" + "".join(f"{number},{number % 3},v\n" for number in range(10)))

    def workload(learned: int, symbols: int | None) -> LogWorkload:
        return LogWorkload(kind="log", format="csv", path=str(path), fields=("a", "b"), learned=learned, symbols=symbols)

    stimulus, learned = build_stimulus(workload(4, 3))
    assert (stimulus.events, len(stimulus), learned) == (7, 14, 8)
    stimulus, learned = build_stimulus(workload(10, None))
    assert (stimulus.events, learned) == (10, 20)
    with pytest.raises(WorkloadError, match=r"has 10 events, .* ask for 11; .* at most 10"):
        build_stimulus(workload(4, 7))
    with pytest.raises(WorkloadError, match=r"workload.learned asks for 11; set workload.learned to at most 10"):
        build_stimulus(workload(11, None))


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(rows=st.lists(st.tuples(st.integers(0, 50), VALUES, VALUES), min_size=1, max_size=20))
def test_csv_and_jsonl_agree_on_any_values(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, str]]) -> None:
    """Whatever is written by Python's own writers comes back, from both formats alike."""
    folder = tmp_path_factory.mktemp("logs")
    rows = sorted((time, a.replace("\r", ""), b.replace("\r", "")) for time, a, b in rows)
    with (folder / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["time", "a", "b"])
        writer.writerows(rows)
    with (folder / "a.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(
            json.dumps({"time": time, "a": a, "b": b}, ensure_ascii=len(a) % 2 == 0) + "\n" for time, a, b in rows
        )
    for found in (read_csv(folder / "a.csv"), read_jsonl(folder / "a.jsonl")):
        assert [(e.time, e.fields["a"], e.fields["b"]) for e in found] == rows
