"""A Hub on this machine: the part of huggingface.co's HTTP interface that push and pull use."""

import base64
import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlparse

TOKEN = "hf_for_the_test"
LARGE = (".safetensors", ".onnx", ".jsonl")  # kept apart, as the Hub does with large files


class Hub(ThreadingHTTPServer):
    """Repositories in memory. repos: "models/owner/name" -> {"private", "commits"}."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, bytes] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def files(self, repo: str) -> dict[str, bytes]:
        """Return the files of a repository's newest commit."""
        found: dict[str, bytes] = dict(self.repos[repo]["commits"][-1][1])
        return found

    def commit(self, repo: str, files: dict[str, bytes]) -> str:
        """Add a commit with exactly these files."""
        commits = self.repos[repo]["commits"]
        sha = hashlib.sha1(f"{repo}{len(commits)}".encode()).hexdigest()
        commits.append((sha, files))
        return sha


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, value: Any, status: int = 200, **headers: str) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _route(self) -> None:
        path, body = unquote(urlparse(self.path).path), self._body()
        if path.startswith("/objects/"):
            return self._put_object(path.rpartition("/")[2], body)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._answer({"error": "no valid token"}, 401)
        for pattern, method in ROUTES.items():
            if found := re.fullmatch(pattern, path):
                return getattr(self, method)(body, *found.groups())
        return self._answer({"error": f"no route {path}"}, 404, X_Error_Code="EntryNotFound")

    do_GET = do_HEAD = do_POST = do_PUT = _route  # noqa: N815, the base class's names

    def _put_object(self, oid: str, body: bytes) -> None:
        right = hashlib.sha256(body).hexdigest() == oid
        if right:
            self.server.objects[oid] = body
        self._answer({}, 200 if right else 400)

    def _create(self, body: bytes) -> None:
        given = json.loads(body)
        repo = f"{given.get('type') or 'model'}s/{given['organization']}/{given['name']}"
        url = f"{self.server.address}/{repo.removeprefix('models/')}"
        if repo in self.server.repos:
            return self._answer({"error": "exists", "url": url}, 409)
        private = bool(given.get("private")) or given.get("visibility") == "private"
        self.server.repos[repo] = {"private": private, "commits": []}
        self.server.commit(repo, {".gitattributes": b""})
        return self._answer({"url": url})

    def _modes(self, body: bytes, repo: str) -> None:
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular",
                "shouldIgnore": False,
            }
            for file in json.loads(body)["files"]
        ]
        self._answer({"files": files})

    def _batch(self, body: bytes, repo: str) -> None:
        wanted = json.loads(body)["objects"]
        links = [{"upload": {"href": f"{self.server.address}/objects/{o['oid']}"}} for o in wanted]
        objects = [
            {"oid": o["oid"], "size": o["size"]}
            | ({} if o["oid"] in self.server.objects else {"actions": link})
            for o, link in zip(wanted, links, strict=True)
        ]
        self._answer({"transfer": "basic", "objects": objects})

    def _commit(self, body: bytes, repo: str) -> None:
        files = dict(self.server.files(repo))
        for line in body.decode().splitlines():
            value = json.loads(line)["value"]
            kind = json.loads(line)["key"]
            if kind == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif kind == "lfsFile":
                files[value["path"]] = self.server.objects[value["oid"]]
            elif kind == "deletedFile":
                del files[value["path"]]
        sha = self.server.commit(repo, files)
        url = f"{self.server.address}/{repo}/commit/{sha}"
        self._answer({"success": True, "commitOid": sha, "commitUrl": url, "hookOutput": ""})

    def _known(self, repo: str) -> bool:
        if repo not in self.server.repos:
            self._answer({"error": "no such repository"}, 404, X_Error_Code="RepoNotFound")
        return repo in self.server.repos

    def _info(self, body: bytes, repo: str) -> None:
        if self._known(repo):
            sha, files = self.server.repos[repo]["commits"][-1]
            self._answer(
                {
                    "id": repo.partition("/")[2],
                    "sha": sha,
                    "private": self.server.repos[repo]["private"],
                    "siblings": [{"rfilename": name} for name in files],
                    "tags": [],
                    "downloads": 0,
                    "likes": 0,
                }
            )

    def _tree(self, body: bytes, repo: str) -> None:
        files = self.server.files(repo)
        self._answer(
            [
                {"type": "file", "path": name, "oid": "0" * 40, "size": len(content)}
                for name, content in files.items()
            ]
        )

    def _resolve(self, body: bytes, repo: str, sha: str, name: str) -> None:
        repo = repo if repo.startswith("datasets/") else f"models/{repo}"
        if self._known(repo):
            found = dict(self.server.repos[repo]["commits"]).get(sha, {})
            if name not in found:
                return self._answer({"error": "gone"}, 404, X_Error_Code="EntryNotFound")
            digest = hashlib.sha256(found[name]).hexdigest()
            self._answer(found[name], ETag=f'"{digest}"', X_Repo_Commit=sha)
        return None

    def _yaml(self, body: bytes) -> None:
        self._answer({"errors": [], "warnings": []})


REPO = r"((?:models|datasets)/[^/]+/[^/]+)"
ROUTES = {
    r"/api/repos/create": "_create",
    r"/api/validate-yaml": "_yaml",
    rf"/api/{REPO}/preupload/[^/]+": "_modes",
    rf"/api/{REPO}/commit/[^/]+": "_commit",
    rf"/api/{REPO}/tree/[^/]+": "_tree",
    rf"/api/{REPO}(?:/revision/[^/]+)?": "_info",
    r"/((?:datasets/)?[^/]+/[^/]+)\.git/info/lfs/objects/batch": "_batch",
    r"/((?:datasets/)?[^/]+/[^/]+)/resolve/([^/]+)/(.+)": "_resolve",
}
