#!/usr/bin/env python3
"""Times language servers: from an edit to its diagnostics.

  benches/lsp.py FILE EDITS NAME=COMMAND…

FILE is a profile in a directory `apparmor.d`, which is opened as the workspace with the text of the file alone. Each server gets the same
EDITS edits, one character each: a rule is typed at the end of the profile and deleted again. After each edit its diagnostics are awaited: asked
for where the server answers that, or else those that it publishes for the version. Prints the median, the 99th percentile and the
maximum in milliseconds, the time until the first diagnostics, and the peak of the server's memory.

A server that publishes diagnostics without a version is taken to answer the newest edit: it can only seem faster than it is.
"""

import json
import os
import shlex
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Empty, Queue

PATIENCE = 60  # seconds


class Server:
    def __init__(self, command, root):
        self.process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root
        )
        self.messages = Queue()
        self.number = 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        out = self.process.stdout
        while True:
            length = 0
            while (line := out.readline().strip()):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if length == 0:
                return
            self.messages.put((time.perf_counter(), json.loads(out.read(length))))

    def send(self, method, params, is_request=False):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if is_request:
            self.number += 1
            message["id"] = self.number
        self.write(message)
        return self.number

    def write(self, message):
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def wait(self, wanted):
        """The time and the message for which `wanted` holds; requests of the server get an empty answer."""
        end = time.perf_counter() + PATIENCE
        while True:
            try:
                at, message = self.messages.get(timeout=max(0.001, end - time.perf_counter()))
            except Empty:
                sys.exit("no answer")
            if "method" in message and "id" in message:
                self.write({"jsonrpc": "2.0", "id": message["id"], "result": None})
            elif wanted(message):
                return at, message


def memory(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def edits(text, count):
    """Changes at the end of the profile: a rule is typed and deleted, a character at a time."""
    lines = text.split("\n")
    last = max(number for number, line in enumerate(lines) if line.rstrip() == "}")
    rule = "  /srv/typed/by/hand rw,"
    at, is_typing = 0, True
    yield {"start": {"line": last, "character": 0}, "end": {"line": last, "character": 0}}, "\n"
    for _ in range(count - 1):
        if is_typing:
            position = {"line": last, "character": at}
            yield {"start": position, "end": position}, rule[at]
            at += 1
        else:
            at -= 1
            yield {"start": {"line": last, "character": at}, "end": {"line": last, "character": at + 1}}, ""
        if at in (0, len(rule)):
            is_typing = not is_typing


def run(name, command, file, count):
    root = next(parent for parent in file.parents if parent.name == "apparmor.d")
    uri, text = file.as_uri(), file.read_text()
    server = Server(command, root)
    asked = server.send(
        "initialize",
        {
            "processId": os.getpid(),
            "rootUri": root.as_uri(),
            "workspaceFolders": [{"uri": root.as_uri(), "name": "policy"}],
            "capabilities": {
                "general": {"positionEncodings": ["utf-8", "utf-16"]},
                "textDocument": {"diagnostic": {}, "publishDiagnostics": {"versionSupport": True}},
            },
        },
        True,
    )
    _, answer = server.wait(lambda message: message.get("id") == asked)
    is_pulled = "diagnosticProvider" in answer["result"]["capabilities"]
    server.send("initialized", {})

    def diagnostics(version):
        if is_pulled:
            asked = server.send("textDocument/diagnostic", {"textDocument": {"uri": uri}}, True)
            return server.wait(lambda message: message.get("id") == asked)

        def is_published(message):
            params = message.get("params", {})
            is_ours = message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri
            return is_ours and params.get("version") in (None, version)

        return server.wait(is_published)

    opened = time.perf_counter()
    document = {"uri": uri, "languageId": "apparmor", "version": 0, "text": text}
    server.send("textDocument/didOpen", {"textDocument": document})
    first = diagnostics(0)[0] - opened
    taken = []
    for version, (place, new) in enumerate(edits(text, count), 1):
        edited = time.perf_counter()
        document = {"uri": uri, "version": version}
        server.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": place, "text": new}]})
        taken.append(diagnostics(version)[0] - edited)
    peak = memory(server.process.pid)
    server.send("shutdown", None, True)
    server.send("exit", None)
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()
    ordered = sorted(taken)
    late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(
        f"{name}: {count} edits, median {statistics.median(taken) * 1000:.1f} ms, 99th percentile {late * 1000:.1f} ms, "
        f"maximum {ordered[-1] * 1000:.1f} ms; opened in {first * 1000:.0f} ms; {peak:.0f} MB"
    )


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    file, count = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    for server in sys.argv[3:]:
        name, _, command = server.partition("=")
        run(name, command, file, count)


if __name__ == "__main__":
    main()
