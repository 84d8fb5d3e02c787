"""The connection to a kernel: its messages are those that Jupyter reads."""

import json
import os
import time

import nbformat
import pytest
from jupyter_client.jsonutil import extract_dates
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError

from convex_research.kernels import KERNEL_NAME, warm_kernels
from convex_research.kernels.manager import LocalKernelManager

MESSAGE = {"msg_id": "1", "msg_type": "status", "session": "s", "username": "u", "version": "5.4"}


@pytest.fixture(scope="module")
def read():
    """What sessions with our kernels read parts of messages with."""
    manager = LocalKernelManager()
    yield manager.session.unpack
    manager._folder.cleanup()


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
def test_the_time_of_a_message_is_what_jupyter_reads(read, date):
    header = {**MESSAGE, "date": date}
    packed = json.dumps(header).encode()
    try:
        expected = extract_dates(header)
    except ValueError:
        expected = header  # what is no date it does not read either
        assert read(packed) == expected
        return
    assert extract_dates(read(packed)) == expected


def test_a_time_without_a_zone_is_left_to_jupyter(read):
    header = {**MESSAGE, "date": "2026-03-01T12:30:00"}
    assert read(json.dumps(header).encode()) == header


@pytest.mark.parametrize("part", [{}, [], {"date": "2026-03-01T12:30:00Z"}, MESSAGE, "text"])
def test_other_parts_of_a_message_stay_as_they_are(read, part):
    assert read(json.dumps(part).encode()) == part


@pytest.fixture(scope="module")
def kernel():
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    with warm_kernels():
        yield KERNEL_NAME


@pytest.mark.slow
@pytest.mark.parametrize(
    "flood", ["print('x' * 100)", "publish_display_data({'text/plain': 'x' * 100})"]
)
def test_output_without_end_does_not_outlast_the_time_limit(kernel, flood):
    source = f"from IPython.display import publish_display_data\nwhile True: {flood}"
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]),
        kernel_name=kernel,
        kernel_manager_class=LocalKernelManager,
        shutdown_kernel="immediate",
        timeout=2,
    )
    client.km = client.create_kernel_manager()
    client.start_new_kernel()
    client.start_new_kernel_client()
    began = time.monotonic()
    with pytest.raises(CellTimeoutError):
        client.execute_cell(client.nb.cells[0], 0)
    assert time.monotonic() - began < 10
    client._cleanup_kernel()
