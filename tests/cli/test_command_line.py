import os
import subprocess
import sys

import pytest

from yolox.cli import run


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")]
)
def test_too_little_memory_is_one_line(capsys, error):
    def main():
        raise error

    with pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "error: out of memory; ask for less at once\n"


def test_what_is_our_fault_keeps_its_traceback():
    def main():
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        run(main)


UNREAD = {
    # name: (what is run, exit code)
    "in the midst": ("for number in range(10**5): print(number)", 141),
    "at once": ("print('some', flush=True)", 141),
    "at its end": ("print('all')", 0),
    "help": ("Parser(description='long ' * 9999).parse_args(['--help'])", 0),
    "bad input": ("print('some'); raise InputError('what is wrong')", 2),
}


@pytest.mark.parametrize("case", UNREAD)
def test_ends_quietly_where_nobody_reads_on(case):
    body, code = UNREAD[case]
    program = (
        "from yolox.cli import Parser, run\nfrom yolox.structures import InputError\n"
        f"def main():\n    {body}\nrun(main)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    ) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (said, process.returncode) == ("error: what is wrong\n" if code == 2 else "", code)


@pytest.mark.parametrize("capture", ["capfd", "capsys"])  # a file, and a text in memory
def test_another_pipe_that_breaks_is_an_error(request, capture):
    captured = request.getfixturevalue(capture)

    def main():
        raise BrokenPipeError("not that of the output")

    with pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == 2
    assert captured.readouterr().err == "error: not that of the output\n"


def _end(words, body):
    """Run a program by a shell line, and give what it says on stderr and its exit code."""
    program = f"from yolox.cli import run\ndef main():\n    {body}\nrun(main)"
    line = ["sh", "-c", f'"$@" {words}', "sh", sys.executable, "-c", program]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.stderr, done.returncode


def test_without_an_output():
    assert _end(">&-", "print('some')") == ("", 0)
    assert _end(">&-", "raise BrokenPipeError('another')") == ("error: another\n", 2)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("body", ["print('some')", "print('some', flush=True)"])
def test_a_full_disk_ends_in_one_line(body):
    said, code = _end(">/dev/full", body)
    assert code == 2
    assert said.startswith("error: [Errno 28] ")
    assert "Traceback" not in said
