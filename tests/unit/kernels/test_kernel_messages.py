"""The connection to a kernel does not outlast the time limit of a page."""

import os
import time

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError

from convex_research.kernels import KERNEL_NAME, warm_kernels
from convex_research.kernels.manager import LocalKernelManager


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
