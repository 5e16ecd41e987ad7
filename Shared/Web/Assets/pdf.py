"""A page on standard input becomes a tagged PDF on standard output.

pdf.py FOLDER: that of the library. Run by the gateways, once a page. It is given the page and nothing else, reaches nothing from it, and its memory and
time are bounded. It says nothing of what went wrong: the page is somebody's record.
"""

import os
import resource
import sys

MEMORY, SECONDS = 768 << 20, 40

for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
    resource.setrlimit(kind, (most, most))

REFUSED = ("socket.", "subprocess.", "urllib.", "http.client", "ftplib.", "os.fork", "os.exec", "os.posix_spawn", "os.spawn", "os.system")
# Programs and fonts, as the packages brought them; settings, keys and data lie elsewhere.
READABLE = ("/usr/", "/etc/fonts/", "/etc/mime.types", f"{os.path.dirname(os.path.realpath(sys.argv[1]))}/")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def refuse(event, given):
    """Guards what the library does by itself; what pages ask for stops at `fetch_nothing`."""
    if event.startswith(REFUSED) or event == "open" and not is_readable(*given):
        raise PermissionError(event)


def is_readable(path, _, flags):
    return not flags & WRITING and os.path.realpath(os.fsdecode(path)).startswith(READABLE)


def fetch_nothing(url, *_, **__):
    raise PermissionError("nothing is fetched")


sys.addaudithook(refuse)
sys.path.insert(0, os.path.dirname(sys.argv[1]))
# Looking for libraries would start a compiler; all have names the loader knows. And no page brings fonts, for which there would be a folder.
import ctypes.util  # noqa: E402
import tempfile  # noqa: E402

ctypes.util.find_library = lambda name: None
tempfile.mkdtemp = lambda **_: "/nowhere"
import weasyprint  # noqa: E402

page = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(weasyprint.HTML(string=page, url_fetcher=fetch_nothing).write_pdf(variant="pdf/ua-1"))
