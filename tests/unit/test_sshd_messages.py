"""Messages of OpenSSH and PAM: the source is the host in the line, whatever the user is called."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import WorkloadError
from workloads.formats.reading import Reading
from workloads.formats.sshd import MAX_HOSTS, read_sshd
from workloads.formats.sshd_messages import FORMS, read_message

HOSTS = ("192.0.2.1", "2001:db8::1:1", "fe80::1%eth0", "gate.example.com", "UNKNOWN", "192.030.0.6")

ODD_USERS = (
    "root", "", " ", "from", "from from", "a b", " a  b ", "жук", "ünï codé", "\u00a0", "port", "ssh2", "invalid user x", "user",
    "root from 203.0.113.9", "root from 203.0.113.9 port 1", "root from 203.0.113.9 port 1 ssh2", "x from 203.0.113.9 port 1 ssh2: y",
    "203.0.113.9", "203.0.113.9 port 1", "x 203.0.113.9 port 1", "authenticating user root 203.0.113.9 port 1", "x [preauth]",
    "x from 203.0.113.9 not allowed because not listed in AllowUsers", "x via 203.0.113.9", "x: RSA SHA256:abc", "x, client user \"y\"",
)  # fmt: skip

BY_USER = (
    "Failed password for invalid user {user} from {host} port 22 ssh2",
    "Failed keyboard-interactive/pam for invalid user {user} from {host} port 22 ssh2",
    "Failed none for {user} from {host} port 22 ssh2 [preauth]",
    "Failed publickey for invalid user {user} from {host} port 22 ssh2: ED25519 SHA256:v3dpapGleDaUKf/4V1vKyR9ZyUgjaJAmoCTcb2PLljI",
    "Postponed keyboard-interactive for invalid user {user} from {host} port 22 ssh2 [preauth]",
    "Invalid user {user} from {host}",
    "Invalid user {user} from {host} port 22",
    "error: maximum authentication attempts exceeded for invalid user {user} from {host} port 22 ssh2 [preauth]",
    "error: PAM: Authentication failure for {user} from {host}",
    "error: PAM: User not known to the underlying authentication module for illegal user {user} from {host}",
    "User {user} from {host} not allowed because not listed in AllowUsers",
    "User {user} from {host} not allowed because a group is listed in DenyGroups",
    "Connection closed by invalid user {user} {host} port 22 [preauth]",
    "Connection reset by authenticating user {user} {host} port 22 [preauth]",
    "Disconnected from invalid user {user} {host} port 22 [preauth]",
    "Disconnecting invalid user {user} {host} port 22: Too many authentication failures [preauth]",
    "Disconnecting authenticating user {user} {host} port 22: Change of username or service not allowed: "
    "({user},ssh-connection) -> (x from 203.0.113.9 port 1,ssh-connection) [preauth]",
    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={host}  user={user}",
    "PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={host}  user={user}",
    "Bad protocol version identification '{user}' from {host} port 22",
)  # fmt: skip

OF_HOST = (
    "Accepted password for al from {host} port 22 ssh2",
    "Accepted publickey for al from {host} port 22 ssh2: RSA-CERT ID from 203.0.113.9 port 1 ssh2 (serial 0) CA RSA SHA256:x",
    "Failed password for al from {host} port 22",
    "Failed password for al from {host}",
    "Failed password for al from {host} port 22 ssh1: ruser of from 203.0.113.9",
    "Failed password for invalid user al from {host} port 22 ssh2: from 203.0.113.9 port 1 ssh2",
    "Failed hostbased for al from {host} port 22 ssh2: DSA 01:c0:79, client user \"from 203.0.113.9\", client host \"h\"",
    "[ID 800047 auth.info] Failed keyboard-interactive for <invalid username> from {host} port 22 ssh2",
    "error: PAM: authentication error for al from {host} via 198.51.100.201",
    "ROOT LOGIN REFUSED FROM {host}",
    "ROOT LOGIN REFUSED FROM {host} port 22 [preauth]",
    "refused connect from al@h ({host})",
    "refused connect from {host}",
    "reverse mapping checking getaddrinfo for h [{host}] failed - POSSIBLE BREAK-IN ATTEMPT!",
    "reverse mapping checking getaddrinfo for h [{host}] failed.",
    "Address {host} maps to h, but this does not map back to the address.",
    "Nasty PTR record \"203.0.113.9\" is set up for {host}, ignoring",
    "Received disconnect from {host}: 11: Bye from 203.0.113.9 port 1",
    "error: Received disconnect from {host} port 22:3: com.jcraft.jsch.JSchException: Auth fail [preauth]",
    "Disconnected from {host} port 22 [preauth]",
    "Disconnected from user al {host} port 22",
    "Connection closed by {host}",
    "Connection reset by {host} port 22 [preauth]",
    "Timeout before authentication for {host} port 22",
    "fatal: Timeout before authentication for {host}",
    "Timeout before authentication for connection from {host} to 198.51.100.2, pid = 77",
    "Timeout, client not responding from user al {host} port 22",
    "Did not receive identification string from {host}",
    "error: Did not receive identification string from {host} port 22",
    "Protocol major versions differ for {host} port 22: SSH-2.0-x vs. SSH-1.5-y",
    "fatal: Unable to negotiate with {host} port 22: no matching cipher found. Their offer: aes from 203.0.113.9 port 1 [preauth]",
    "banner exchange: Connection from {host} port 22: invalid format",
    "ssh_dispatch_run_fatal: Connection from authenticating user al {host} port 22: message authentication code incorrect [preauth]",
    "Connection from {host} port 22 on 198.51.100.2 port 22 rdomain \"\"",
    "Connection from {host}",
    "Starting session: shell on pts/0 for al from {host} port 22 id 0",
    "Close session: user al from {host} port 22 id 0",
    "Received request from {host} port 22 to connect to host 203.0.113.9 port 80, but the request was denied.",
    "drop connection #10 from [{host}]:22 on [198.51.100.2]:22 past MaxStartups",
    "drop connection #0 from [{host}]:22 on [198.51.100.2]:22 penalty: failed authentication",
    "srclimit_penalise: ipv4: new {host}/32 deferred penalty of 5 seconds for penalty: failed authentication",
    "error: PAM: 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={host}  user=al",
    "pam_sss(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=root rhost={host} user=al",
    "pam_unix(sshd:auth): authentication failure; rhost={host} user=al logname= uid=0 ruser= euid=0 tty=ssh",
)  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("form", BY_USER)
def test_source_is_the_host_whatever_the_user_is_called(form: str, host: str) -> None:
    for user in ODD_USERS:
        found = read_message(form.format(user=user, host=host))
        assert found.get("source") == host, (user, found)
        assert found["event"] != "other"


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("form", OF_HOST)
def test_source_is_the_host(form: str, host: str) -> None:
    found = read_message(form.format(host=host))
    assert (found["event"] != "other", found["source"]) == (True, host)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.sampled_from(BY_USER[:-1]))
def test_any_name_leaves_the_source_alone(user: str, form: str) -> None:
    assert read_message(form.format(user=user, host="192.0.2.1"))["source"] == "192.0.2.1"


@pytest.mark.parametrize("user", ["al", "a b", "жук", "from", ""])
def test_the_user_is_told_as_it_is(user: str) -> None:
    for form in BY_USER[:18]:
        found = read_message(form.format(user=user, host="192.0.2.1"))
        assert found.get("user") == user, form


def test_every_event_has_a_form_of_its_own() -> None:
    """No form is shadowed by those before it: each event is the answer to one of the lines here."""
    lines = [form.format(user="al", host="192.0.2.1") for form in (*BY_USER, *OF_HOST)]
    lines += [
        "check pass; user unknown", "input_userauth_request: invalid user x [preauth]", "session closed for user al",
        "pam_unix(sshd:session): session opened for user al(uid=7) by (uid=0)",
    ]  # fmt: skip
    assert {read_message(line)["event"] for line in lines} == {event for event, _ in FORMS}


def test_a_blank_that_a_daemon_swallowed() -> None:
    """An empty name leaves two blanks, of which some daemons write one."""
    assert read_message("Invalid user from 192.0.2.1 port 22")["source"] == "192.0.2.1"
    assert read_message("Connection closed by invalid user 192.0.2.1 port 22 [preauth]")["source"] == "192.0.2.1"


def test_addresses_within_ipv6() -> None:
    assert read_message("ROOT LOGIN REFUSED FROM ::ffff:192.0.2.1")["source"] == "192.0.2.1"
    assert read_message("refused connect from x@::ffff:192.0.2.1 (::FFFF:192.0.2.1)")["source"] == "192.0.2.1"


def test_messages_of_no_known_form() -> None:
    """The last address told after "from" is the source; none where there is none."""
    assert read_message("something new from a to b from 192.0.2.1 port 7 [preauth]") == {
        "event": "other", "source": "192.0.2.1", "port": "7",
    }  # fmt: skip
    assert read_message("Read from socket failed: Connection reset by peer") == {"event": "other"}
    assert read_message("Server listening on 0.0.0.0 port 22.") == {"event": "other"}


def test_fields_of_pam_told_in_two_ways_are_not_believed() -> None:
    found = read_message("authentication failure; user=x rhost=203.0.113.9 rhost=192.0.2.1 tty=ssh")
    assert "source" not in found


# --- heads, and messages that were repeated


def read(folder: Path, *lines: str) -> tuple[list[dict[str, str]], Reading]:
    path, reading = folder / "some.log", Reading()
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return [event.fields for event in read_sshd(path, reading=reading)], reading


MESSAGE = "Invalid user x from 192.0.2.1 port 22"


@pytest.mark.parametrize(
    ("head", "host", "pid"),
    [
        ("Mar 27 13:08:09 box sshd[77]: ", "box", "77"),
        ("Mar  7 13:08:09 box sshd: ", "box", ""),
        ("Mar 7 13:08:09 box sshd[77]: ", "box", "77"),
        ("<38>Mar 27 13:08:09 box sshd(pam_unix)[77]: ", "box", "77"),
        ("Mar 27 13:08:09 sshd[77]: ", "", "77"),
        ("Mar 27 13:08:09 [sshd]: ", "", ""),
        ("Mar 27 13:08:09 [sshd] ", "", ""),
        ("Mar 27 13:08:09 box [sshd] ", "box", ""),
        ("2024-03-27T13:08:09.123456+01:00 box sshd-session[77]: ", "box", "77"),
        ("<38>1 2024-03-27T13:08:09.123456+01:00 box sshd 77 - - ", "box", "77"),
        ("<38>1 2024-03-27T13:08:09Z box sshd - ID47 - ", "box", ""),
        ('<38>1 2024-03-27T13:08:09Z box sshd 77 - [a b="x \\" ] y"][c@1 d="[e]"] ', "box", "77"),
    ],
)  # fmt: skip
def test_heads(head: str, host: str, pid: str, tmp_path: Path) -> None:
    (found,), _ = read(tmp_path, head + MESSAGE)
    assert (found["host"], found["pid"], found["event"], found["source"]) == (host, pid, "invalid_user", "192.0.2.1")


def at(second: int, text: str) -> str:
    return f"Mar 27 13:08:{second:02} {text}"


def line(user: str, host: str = "box") -> str:
    return f"{host} sshd[7]: Invalid user {user} from 192.0.2.1"


def test_last_message_repeated_counts_the_last_of_its_host(tmp_path: Path) -> None:
    """At the time of that line; a line that names sshd repeats the last of sshd."""
    path = tmp_path / "some.log"
    texts = [
        at(1, line("a")), at(2, line("b", "other")), at(3, "box last message repeated 2 times"),
        at(4, "other last message repeated 1 time"), at(5, "box cron[1]: x"), at(6, "box sshd[7]: last message repeated 3 times"),
        at(7, "--- last message repeated 1 time ---"),
    ]  # fmt: skip
    path.write_text("\n".join(texts), encoding="utf-8")
    reading = Reading()
    events = list(read_sshd(path, reading=reading))
    assert [(e.fields["user"], e.text_time[-1]) for e in events] == [
        ("a", "1"), ("b", "2"), ("a", "3"), ("a", "3"), ("b", "4"), ("a", "6"), ("a", "6"), ("a", "6"),
    ]  # fmt: skip
    assert (reading.repeated, reading.skipped) == (6, 2)  # skipped: cron, and what repeats it


def test_what_is_not_known_is_not_repeated(tmp_path: Path) -> None:
    """Of another program, of another host, or before any message."""
    events, reading = read(
        tmp_path, at(0, "box last message repeated 9 times"), at(1, line("a")), at(2, "box su: x"),
        at(3, "box last message repeated 9 times"), at(4, "far last message repeated 9 times"),
    )  # fmt: skip
    assert [event["user"] for event in events] == ["a"]
    assert (reading.repeated, reading.skipped) == (0, 4)


def test_only_so_many_hosts_are_remembered(tmp_path: Path) -> None:
    lines = [at(0, line("a", f"h{number}")) for number in range(MAX_HOSTS + 1)]
    again = [at(1, "h0 last message repeated 2 times"), at(1, f"h{MAX_HOSTS} last message repeated 2 times")]
    events, reading = read(tmp_path, *lines, *again)
    assert (len(events), reading.repeated, reading.skipped) == (MAX_HOSTS + 1 + 2, 2, 1)


def test_too_many_repetitions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError, match=r":2:43: a message repeated 100,001 times, at most 100,000"):
        read(tmp_path, at(0, line("a")), at(1, "box last message repeated 100001 times"))


# --- the lines of fail2ban's own tests, read where that is installed (it is under the GPL and does not ship here)

FAIL2BAN = "CHIPSIM_FAIL2BAN_SSHD"
PLACES = (
    os.environ.get(FAIL2BAN, ""),
    "/usr/lib/python3/dist-packages/fail2ban/tests/files/logs/sshd",
    "/usr/share/fail2ban/tests/files/logs/sshd",
)


@pytest.fixture(scope="module")
def fail2ban() -> list[str]:
    place = next((place for place in PLACES if place and Path(place).is_file()), None)
    if place is None:
        pytest.skip(f"fail2ban is not installed; {FAIL2BAN} can name its tests/files/logs/sshd")
    return Path(place).read_text(encoding="utf-8").removesuffix("\n").split("\n")


def marked(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Host and line of what is marked as a match and has its host in the message."""
    mark: dict[str, object] = {}
    for text in lines:
        if text.startswith("# failJSON:"):
            mark = json.loads(text.removeprefix("# failJSON:"))
        elif text and not text.startswith("#"):
            host = str(mark.get("host", ""))
            if mark.get("match") and host and host in text.split("sshd", 1)[1]:
                yield host, text
            mark = {}


def test_sources_of_the_lines_of_fail2ban(fail2ban: list[str], tmp_path: Path) -> None:
    """Each line alone; no exception."""
    wanted = list(marked(fail2ban))
    assert len(wanted) >= 91
    assert [(host, read(tmp_path, text)[0][0]["source"]) for host, text in wanted] == [(host, host) for host, _ in wanted]


def test_the_whole_file_of_fail2ban(fail2ban: list[str], tmp_path: Path) -> None:
    """With times in order, which its own are not, every line of sshd is an event and every other one is counted."""
    with pytest.raises(WorkloadError, match=r":\d+:1: the time .* is earlier than the latest before it"):
        read(tmp_path, *fail2ban)
    stamp = re.compile(r"^(<38>1 )?(?:[A-Z][a-z]{2} +\d+ [\d:]+|\d{4}-\S+)")
    texts = [stamp.sub(rf"\g<1>2005-01-01T00:{n // 60:02}:{n % 60:02}Z", text) for n, text in enumerate(fail2ban)]
    events, reading = read(tmp_path, *texts)
    plain = [text for text in fail2ban if text and not text.startswith("#")]
    assert (len(events), reading.skipped) == (len(plain), len(fail2ban) - len(plain))
