"""The connection to a kernel: its messages are those that Jupyter reads, in their order."""

import asyncio
import json
import time
from datetime import UTC, datetime
from queue import Empty

import pytest
import zmq
import zmq.asyncio
from jupyter_client.jsonutil import extract_dates
from jupyter_client.session import Session

from convex_research.publishing.kernel import LocalChannel, unpacked

MESSAGE = {"msg_id": "1", "msg_type": "status", "session": "s", "username": "u", "version": "5.4"}


@pytest.mark.parametrize(
    "date",
    [
        "2026-03-01T12:30:00.123456Z",
        "2026-03-01T12:30:00Z",
        "2026-03-01T12:30:00.123456+02:00",
        "no date",
        "2026-99-01T12:30:00Z",
        "",
        None,
        7,
    ],
)
def test_the_time_of_a_message_is_what_jupyter_reads(date):
    header = {**MESSAGE, "date": date}
    packed = json.dumps(header).encode()
    try:
        expected = extract_dates(header)
    except ValueError:
        expected = header  # what is no date it does not read either
        assert unpacked(packed) == expected
        return
    assert extract_dates(unpacked(packed)) == expected


def test_a_time_without_a_zone_is_left_to_jupyter():
    header = {**MESSAGE, "date": "2026-03-01T12:30:00"}
    assert unpacked(json.dumps(header).encode()) == header


@pytest.mark.parametrize("part", [{}, [], {"date": "2026-03-01T12:30:00Z"}, MESSAGE, "text"])
def test_other_parts_of_a_message_stay_as_they_are(part):
    assert unpacked(json.dumps(part).encode()) == part


async def _talk(number):
    """Messages received over a channel, when several wait and when none does."""
    context = zmq.asyncio.Context()
    there, here = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
    try:
        there.bind("inproc://talk")
        here.connect("inproc://talk")
        session = Session(key=b"secret", unpack=unpacked)
        channel = LocalChannel(here, session)
        other = Session(key=b"secret")
        for n in range(number):
            other.send(there, "status", {"n": n})
        await asyncio.sleep(0.05)
        heard = [await channel.get_msg(timeout=1) for _ in range(number)]
        asyncio.get_running_loop().call_later(0.05, other.send, there, "status", {"n": number})
        heard.append(await channel.get_msg(timeout=5))
        began = time.perf_counter()
        with pytest.raises(Empty):
            await channel.get_msg(timeout=0.1)
        return heard, time.perf_counter() - began
    finally:
        context.destroy(linger=0)


def test_messages_come_in_order_whether_or_not_they_wait():
    heard, waited = asyncio.run(_talk(20))
    assert [one["content"]["n"] for one in heard] == list(range(21))
    assert 0.09 <= waited < 2
    for one in heard:
        assert isinstance(one["header"]["date"], datetime)
        assert abs((datetime.now(UTC) - one["header"]["date"]).total_seconds()) < 60
