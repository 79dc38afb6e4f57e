"""A stand-in of the Hugging Face hub on the loopback, with the few routes that its client asks."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34


class FakeHub:
    """Serves ``files[repository][path]``, and takes what is uploaded into them.

    ``asked`` lists the paths of all requests and ``tokens`` what those that write came with;
    ``created`` tells how visible each new repository is. With ``refuses`` nobody may write.
    """

    def __init__(self, files):
        self.files = files
        self.asked, self.tokens = [], []
        self.created = {}
        self.refuses = False
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *problem):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def answer(self, path):
        """Return (status, headers, body) of a request."""
        if path == "/":
            return 200, {}, b"hub"
        for repository, files in self.files.items():
            for kind in ("models", "datasets"):
                root = f"/api/{kind}/{repository}"
                if path.startswith(f"{root}/revision/"):
                    return _json({"id": repository, "sha": COMMIT, "siblings": []})
                if path.startswith(f"{root}/tree/"):
                    return _json([_entry(name, body) for name, body in files.items()])
            _, found, rest = path.partition(f"/{repository}/resolve/")
            name = rest.partition("/")[2]
            if found and name in files:
                body = files[name]
                tag = hashlib.sha1(body, usedforsecurity=False).hexdigest()
                return 200, {"ETag": f'"{tag}"', "X-Repo-Commit": rest.partition("/")[0]}, body
        return 404, {"X-Error-Code": "RepoNotFound"}, b""

    def take(self, path, body):
        """Return (status, headers, body) of a request that writes."""
        if self.refuses:
            return 403, {}, b"{}"
        if path == "/api/repos/create":
            asked = json.loads(body)
            repository = "/".join(filter(None, (asked.get("organization"), asked["name"])))
            self.created.setdefault(repository, asked.get("visibility"))
            self.files.setdefault(repository, {})
            return _json({"url": f"{self.url}/{repository}", "name": repository})
        if path == "/api/validate-yaml":
            return _json({"errors": [], "warnings": []})
        repository = path.removeprefix("/api/models/").rsplit("/", 2)[0]
        if path.endswith("/preupload/main"):
            files = json.loads(body)["files"]
            modes = {"uploadMode": "regular", "shouldIgnore": False}
            return _json({"files": [{"path": file["path"]} | modes for file in files]})
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                content = base64.b64decode(line["value"]["content"])
                self.files[repository][line["value"]["path"]] = content
        address = f"{self.url}/{repository}/commit/{COMMIT}"
        return _json({"commitUrl": address, "commitOid": COMMIT, "success": True})

    def _handler(self):
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = unquote(urlsplit(self.path).path)
                hub.asked.append(path)
                self.reply(*hub.answer(path))

            def do_POST(self):
                path = unquote(urlsplit(self.path).path)
                hub.asked.append(path)
                hub.tokens.append(self.headers["Authorization"])
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.reply(*hub.take(path, body))

            def reply(self, status, headers, body):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *words):
                pass

        return Handler


def fill_cache(cache, repository, commit, files, *, kind="models", ref=None):
    """Write ``files`` as the hub's cache keeps a repository; returns the snapshot's folder."""
    root = cache / f"{kind}--{repository.replace('/', '--')}"
    snapshot = root / "snapshots" / commit
    for name, body in files.items():
        path = snapshot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    if ref:
        (root / "refs").mkdir(parents=True)
        (root / "refs" / ref).write_text(commit)
    return snapshot


def use_hub(monkeypatch, *, url="http://127.0.0.1:9", cache=None, offline=False):
    """Point the hub's client at ``url``, where by default nobody answers, and at ``cache``."""
    from huggingface_hub import constants

    from effexplorer import hub

    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(hub, "_seen", {})
    if cache:
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))


def _entry(name, body):
    oid = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    return {"type": "file", "path": name, "size": len(body), "oid": oid}


def _json(value):
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()
