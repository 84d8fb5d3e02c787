"""Forked kernels: real, separate, as ordinary ones are, and gone when their owner is."""

import gc
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from convex_research.kernels import KERNEL_NAME, owner, warm_kernels
from convex_research.kernels import shared as common
from convex_research.kernels.manager import LocalKernelManager
from convex_research.kernels.wire import receive, send
from convex_research.publishing.execute import execute_notebook
from convex_research.publishing.exporter import ConvexReportExporter
from convex_research.publishing.records import PAIR_KINDS
from convex_research.publishing.session import KernelSession

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
PAIR = {"a": "sample:sp500", "b": "sample:vix", "start": "2017-01-03"}


def run(*sources, kernel=KERNEL_NAME, extra_arguments=(), **options):
    """What cells print, in one string each."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        kernel_name=kernel,
        kernel_manager_class=LocalKernelManager,
        shutdown_kernel="immediate",
        extra_arguments=list(extra_arguments),
    )
    done = client.execute(**options)
    return ["".join(out.get("text", "") for out in cell.outputs) for cell in done.cells]


def outputs_of(source, kernel=KERNEL_NAME):
    cells = [nbformat.v4.new_code_cell(source)]
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        kernel_name=kernel,
        kernel_manager_class=LocalKernelManager,
        shutdown_kernel="immediate",
    )
    return client.execute().cells[0].outputs


def eventually(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


LIGHT = """
import sys
from convex_research.kernels import parent
parent.load_stack = dict
parent.rehearse = dict
parent.main(sys.argv[1:])
"""


@pytest.fixture
def light(monkeypatch):
    """Parents that import next to nothing, and so start at once."""
    monkeypatch.setattr(owner, "_MODULE", ("-c", LIGHT))


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def warm():
    """The parent's process id, inside a block of warm kernels."""
    with warm_kernels():
        run("1")
        yield owner.parent_of_this_process()._process.pid


def test_jupyter_finds_the_kernel_and_its_provisioner():
    specs = KernelSpecManager()
    assert KERNEL_NAME in specs.find_kernel_specs()
    metadata = specs.get_kernel_spec(KERNEL_NAME).metadata  # fails without its entry point
    assert metadata["kernel_provisioner"]["provisioner_name"] == KERNEL_NAME


def test_the_parent_has_one_thread_and_imported_no_plotting_state(warm):
    assert len(list(Path(f"/proc/{warm}/task").iterdir())) == 1
    (said,) = run("import matplotlib.pyplot as plt; print(plt._backend_mod, plt.get_fignums())")
    assert said == "None []\n"


def test_threads_are_counted():
    code = """
import threading
from convex_research.kernels.preload import count_threads
before = count_threads()
stop = threading.Event()
threading.Thread(target=stop.wait).start()
print(before, count_threads())
stop.set()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "2"]


def test_a_kernel_is_a_process_of_its_own(warm):
    code = "import os; print(os.getpid(), os.getppid(), os.getpgid(0), os.getsid(0))"
    one, two = (list(map(int, run(code)[0].split())) for _ in range(2))
    for pid, parent, group, session in (one, two):
        assert parent == warm
        assert pid == group == session
    assert one[0] != two[0]
    assert os.getpgid(warm) != one[2]


def test_a_kernel_starts_with_nothing_of_another_or_of_the_rehearsal(warm):
    run("left = 1; import convex_research.core.config as c; c.left = 1")
    names = "print(sorted(n for n in globals() if not n.startswith('_')))"
    import_left = "import convex_research.core.config as c; print(hasattr(c, 'left'))"
    assert run(names, import_left) == [run(names, kernel="python3")[0], "False\n"]


def test_folder_and_environment_are_those_of_whoever_asks(warm, monkeypatch, tmp_path):
    code = "import os; print(os.getcwd(), os.environ.get('ASKED'), os.environ.get('MPLBACKEND'))"
    monkeypatch.setenv("ASKED", "yes")
    inline = "module://matplotlib_inline.backend_inline"
    assert run(code, cwd=str(tmp_path)) == [f"{tmp_path} yes {inline}\n"]
    monkeypatch.delenv("ASKED")
    monkeypatch.chdir(tmp_path)
    assert run(code) == [f"{tmp_path} None {inline}\n"]
    same = "import os, sys; e = dict(os.environ); e.pop('JPY_PARENT_PID', 0); print(sorted(e))"
    assert run(same) == run(same, kernel="python3")
    path = "import sys; print(sys.path)"
    assert run(path) == run(path, kernel="python3")


def test_random_numbers_differ_between_kernels(warm):
    code = "import random, numpy; print(random.random(), numpy.random.random())"
    one, two = (run(code)[0].split() for _ in range(2))
    assert one[0] != two[0]
    assert one[1] != two[1]


def test_a_figure_of_pyplot_appears(warm):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('x');"
    assert ["image/png" in out.get("data", {}) for out in outputs_of(code)] == [True]


def test_a_kernel_holds_no_files_of_the_parent(warm):
    code = (
        "import os, re\n"
        "links = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')"
        " if os.path.exists(f'/proc/self/fd/{n}') or True and int(n) < 3]\n"
        "print(sorted(re.sub(r'\\d+', '', link) for link in links))"
    )
    # A message on its way has a socket of its own for a moment, a new kernel not yet all of
    # its own; a leak stays.
    cold_ones, warm_ones = (
        [eval(run(code, kernel=name)[0]) for _ in range(4)] for name in ("python3", KERNEL_NAME)
    )
    for kind in ("socket:[]", "pipe:[]"):
        least = min(one.count(kind) for one in warm_ones)
        assert least <= max(one.count(kind) for one in cold_ones)


def test_an_interrupt_at_birth_reaches_neither_the_parent_nor_another_kernel(warm):
    parent = owner.parent_of_this_process()
    nothing = os.open(os.devnull, os.O_RDWR)
    message = {"arguments": ["-f", "unused.json"], "folder": "/", "environment": dict(os.environ)}
    for _ in range(20):
        kernel = parent.kernel(message, (nothing, nothing, nothing))
        kernel.send_signal(signal.SIGINT)
        assert os.getpgid(kernel.pid) == kernel.pid
        kernel.kill()
        assert kernel.wait(5.0) == -signal.SIGKILL
    os.close(nothing)
    assert is_alive(warm)
    assert run("print(1)") == ["1\n"]


def test_a_running_cell_can_be_interrupted(warm):
    client = NotebookClient(
        nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell(
                    "import time\ntry:\n    time.sleep(60)\n"
                    "except KeyboardInterrupt:\n    print('interrupted')"
                )
            ]
        ),
        kernel_name=KERNEL_NAME,
        kernel_manager_class=LocalKernelManager,
        timeout=1,
        interrupt_on_timeout=True,
        log=logging.getLogger("quiet"),
    )
    logging.getLogger("quiet").disabled = True
    assert client.execute().cells[0].outputs[0]["text"] == "interrupted\n"
    assert is_alive(warm)


def test_a_kernel_that_dies_is_noticed_and_the_next_one_works(warm):
    from nbclient.exceptions import DeadKernelError

    with pytest.raises(DeadKernelError):
        run("import os; os.kill(os.getpid(), 9)")
    assert run("print(1)") == ["1\n"]


def test_a_kernel_that_is_let_go_of_is_killed_with_what_it_started(warm):
    parent = owner.parent_of_this_process()
    nothing = os.open(os.devnull, os.O_RDWR)
    message = {"arguments": ["-f", "x.json"], "folder": "/", "environment": dict(os.environ)}
    kernel = parent.kernel(message, (nothing, nothing, nothing))
    os.close(nothing)
    assert is_alive(kernel.pid)
    kernel._connection.close()
    assert eventually(lambda: not is_alive(kernel.pid))


def test_pages_and_records_are_the_same_bytes_from_warm_and_ordinary_kernels(warm):
    """Both pages: the second is executed after the first and takes over its analysis."""
    with KernelSession() as session:
        warm_pages = [(kind, execute_notebook(kind, PAIR, session=session)) for kind in PAIR_KINDS]
    for kind, executed in warm_pages:
        with ordinary():
            expected = execute_notebook(kind, PAIR)
        assert nbformat.writes(executed) == nbformat.writes(expected)
        exporter = ConvexReportExporter()
        page, resources = exporter.from_notebook_node(executed)
        other, others = exporter.from_notebook_node(expected)
        assert page == other
        assert resources["outputs"] == others["outputs"]


@contextmanager
def ordinary():
    from convex_research.kernels import manager as kernel

    chosen, kernel._chosen[:] = list(kernel._chosen), []
    try:
        yield
    finally:
        kernel._chosen[:] = chosen


SCRIPT = f"""
import os, sys, threading
from convex_research.kernels import owner, warm_kernels
owner._MODULE = ("-c", {LIGHT!r})
with warm_kernels():
    parent = owner.parent_of_this_process()
    nothing = os.open(os.devnull, os.O_RDWR)
    message = {{"arguments": ["-f", "x.json"], "folder": "/", "environment": dict(os.environ)}}
    kernel = parent.kernel(message, (nothing, nothing, nothing))
    print(parent._process.pid, kernel.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("end", ["killed", "left"])
def test_nothing_outlives_the_owner(tmp_path, end):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    parent, kernel = map(int, process.stdout.readline().split())
    assert is_alive(parent)
    assert is_alive(kernel)
    if end == "killed":
        process.kill()
    process.communicate()
    assert eventually(lambda: not is_alive(parent) and not is_alive(kernel), 5.0)


def test_a_parent_that_is_killed_takes_its_kernels_along_and_is_replaced(light):
    with fresh_block():
        parent = owner.parent_of_this_process()
        run("1")
        nothing = os.open(os.devnull, os.O_RDWR)
        message = {"arguments": ["-f", "x.json"], "folder": "/", "environment": dict(os.environ)}
        kernel = parent.kernel(message, (nothing, nothing, nothing))
        os.close(nothing)
        os.kill(parent._process.pid, signal.SIGKILL)
        parent._process.wait()
        assert eventually(lambda: not is_alive(kernel.pid))
        assert kernel.wait(5.0) == -signal.SIGKILL
        assert run("print(1)") == ["1\n"]


@contextmanager
def fresh_block():
    """A block of warm kernels of its own, though the module has one already."""
    others, owner._owned[:] = list(owner._owned), []
    try:
        with warm_kernels():
            yield
    finally:
        owner._owned[:] = others


@contextmanager
def no_parent():
    others, owner._owned[:] = list(owner._owned), []
    try:
        yield
    finally:
        owner._owned[:] = others


def test_without_fork_kernels_are_ordinary_and_a_line_says_so_once(monkeypatch, caplog):
    monkeypatch.delattr(os, "fork")
    monkeypatch.setattr(owner, "_warned", set())
    with no_parent():
        for _ in range(2):
            with warm_kernels():
                assert owner.parent_of_this_process() is None
        code = "import os, sys; print(os.getppid())"
        assert run(code) == [f"{os.getpid()}\n"]
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["Kernels start the ordinary way, which is slower: this system cannot fork."]


def test_a_parent_that_cannot_import_says_why_and_kernels_are_ordinary(monkeypatch, caplog):
    monkeypatch.setattr(owner, "_warned", set())
    broken = "import sys; sys.exit('the libraries are not here')"
    real = owner.start_parent

    def start(*arguments, keep=()):
        with monkeypatch.context() as inside:
            inside.setattr(owner, "_MODULE", ("-c", broken))
            return real(*arguments, keep=keep)

    monkeypatch.setattr(owner, "start_parent", start)
    with fresh_block():
        assert run("import os; print(os.getppid())") == [f"{os.getpid()}\n"]
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.endswith("slower: the libraries are not here.")


def test_messages_carry_open_files(tmp_path):
    here, there = socket.socketpair()
    path = tmp_path / "file"
    path.write_text("content")
    with here, there, path.open() as file:
        message = {"text": "ä\udcff" * 50_000}
        thread = threading.Thread(target=send, args=(here, message, (file.fileno(),)))
        thread.start()
        arrived, (number,) = receive(there)
        thread.join()
        assert arrived == message
        assert os.read(number, 10) == b"content"
        os.close(number)
        here.close()
        assert receive(there) is None


def test_a_folder_others_can_enter_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / "convex-research"
    assert common._private_folder() == folder
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o750)
    with pytest.raises(owner.NoWarmKernel, match="others can enter"):
        common._private_folder()


@pytest.fixture
def short_folder():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.slow
def test_papermill_from_a_shell_shares_a_parent_that_goes_by_itself(tmp_path, short_folder):
    runtime = short_folder  # the name of a socket has little room
    environment = {
        **os.environ,
        "JUPYTER_RUNTIME_DIR": str(runtime),
        common.IDLE_VARIABLE: "20",
    }
    cell = nbformat.v4.new_code_cell("import os\nprint(os.getppid(), os.getcwd())")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "in.ipynb")
    said = []
    for _ in range(2):
        command = [sys.executable, "-m", "papermill", "-k", KERNEL_NAME, "in.ipynb", "out.ipynb"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "ordinary" not in done.stderr
        (output,) = json.loads((tmp_path / "out.ipynb").read_text())["cells"][0]["outputs"]
        said.append("".join(output["text"]))
    parents = {int(line.split()[0]) for line in said}
    assert len(parents) == 1
    assert said[0].split()[1] == str(tmp_path)
    (parent,) = parents
    assert eventually(lambda: not is_alive(parent), 60.0)
    assert not list((runtime / "convex-research").glob("*.sock"))


@pytest.mark.slow
def test_the_parent_neither_grows_nor_keeps_files_over_many_kernels(warm):
    def held():
        status = Path(f"/proc/{warm}/status").read_text()
        size = int(status.partition("VmRSS:")[2].split()[0])
        return size, len(list(Path(f"/proc/{warm}/fd").iterdir()))

    for _ in range(10):
        run("1")
    size, files = held()
    ours = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(100):
        run("1")
    gc.collect()
    assert eventually(lambda: held()[1] <= files)
    assert held()[0] < size * 1.02
    assert len(list(Path("/proc/self/fd").iterdir())) <= ours + 5


@pytest.mark.slow
def test_the_number_of_blas_threads_does_not_show(monkeypatch):
    """On a sample so long that the libraries do use their threads."""
    made = []
    for threads in ("1", "2"):
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
        made.append(execute_notebook("correlation", {"a": "sample:sp500", "b": "sample:nasdaq"}))
    assert nbformat.writes(made[0]) == nbformat.writes(made[1])


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    "argument",
    [
        "--IPythonKernel._execute_sleep=0.125",
        "--ZMQInteractiveShell.xmode=Minimal",
    ],
)
def test_settings_are_those_of_an_ordinary_kernel(warm, argument):
    code = "k = get_ipython(); print(k.kernel._execute_sleep, k.xmode, k.kernel.session.key != b'')"
    said = run(code, extra_arguments=[argument])
    assert said == run(code, kernel="python3", extra_arguments=[argument])
    assert said != run(code)


def test_what_the_user_starts_kernels_with_runs_in_each(monkeypatch, tmp_path):
    startup = tmp_path / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("import os; began = os.getcwd(), os.environ.get('ASKED')\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with fresh_block():
        for asked in ("one", "two"):
            monkeypatch.setenv("ASKED", asked)
            folder = tmp_path / asked
            folder.mkdir()
            assert run("print(began)", cwd=str(folder)) == [f"{(str(folder), asked)}\n"]


UNABLE = """
import sys
from convex_research.kernels import parent
parent.load_stack = dict
parent.rehearse = dict
def fail(*_):
    open(LOG, "a").write("x")
    sys.exit("no room")
parent.become_kernel = fail
parent.main(sys.argv[1:])
"""


def test_where_a_forked_kernel_cannot_start_kernels_are_ordinary(monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(owner, "_warned", set())
    log = tmp_path / "log"
    monkeypatch.setattr(owner, "_MODULE", ("-c", UNABLE.replace("LOG", repr(str(log)))))
    with fresh_block():
        for _ in range(2):
            assert run("import os; print(os.getppid())") == [f"{os.getpid()}\n"]
    assert "a forked kernel ended before it was ready" in caplog.text
    assert log.read_text() == "xx"  # one for each order


def test_a_kernel_that_is_let_go_of_while_it_starts_is_killed(warm, tmp_path):
    here, there = socket.socketpair()
    nothing = os.open(os.devnull, os.O_RDWR)
    message = {"arguments": ["-f", "x.json"], "folder": "/", "environment": dict(os.environ)}
    send(owner.parent_of_this_process()._channel, {}, (there.fileno(),))
    send(here, message, (nothing, nothing, nothing))
    there.close()
    assert eventually(lambda: children_of(warm))
    here.close()
    os.close(nothing)
    assert eventually(lambda: not children_of(warm))


def test_the_debugger_knows_the_files_it_steps_over(warm):
    code = """
import numpy, sys
from ipykernel import ipkernel
kernel = get_ipython().kernel
print(numpy.__file__ in kernel._kernel_modules, sys is ipkernel.sys)
print(kernel.debugger.kernel_modules is kernel._kernel_modules)
"""
    assert run(code) == ["True True\nTrue\n"]


def test_what_is_printed_and_shown_keeps_its_order(warm):
    code = """
import sys, threading
from IPython.display import display
for n in range(50):
    print(n, end=" ")
    if n % 2:
        display({"text/plain": f"shown {n}"}, raw=True)
sys.stderr.write("last")
thread = threading.Thread(target=print, args=("from a thread",))
thread.start()
thread.join()
"""
    told = [
        (one.output_type, one.get("name"), one.get("text") or one["data"]["text/plain"])
        for one in outputs_of(code)
    ]
    assert told == [
        (one.output_type, one.get("name"), one.get("text") or one["data"]["text/plain"])
        for one in outputs_of(code, "python3")
    ]
    shown = [n for n, one in enumerate(told) if one[0] == "display_data"]
    assert len(shown) == 25
    assert told[0] == ("stream", "stdout", "0 1 ")


def test_output_past_python_is_heard_as_from_an_ordinary_kernel(monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it, ipykernel leaves such output alone
    code = "import os, sys; print('a', flush=True); os.write(1, b'b\\n'); os.system('echo c')"
    with fresh_block():
        heard = run(code, "import time; time.sleep(0.3)")
    assert sorted("".join(heard).split()) == ["a", "b", "c"]


def test_a_kernel_is_restarted_where_it_was(warm):
    manager, client = start_new_kernel(kernel_name=KERNEL_NAME)
    try:
        before = client.execute_interactive("left = 1", timeout=30)
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=30)
        after = client.execute_interactive("assert 'left' not in globals()", timeout=30)
        assert before["content"]["status"] == after["content"]["status"] == "ok"
        assert is_alive(manager.provisioner.pid)
        assert manager.provisioner.pid in children_of(warm)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
