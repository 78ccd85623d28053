#!/usr/bin/env python3
"""Two small Debian archives and a proxy on loopback, for tests of what apt is told to do.

Makes them in FOLDER, prints the ports of server and proxy, and serves until FOLDER is gone. Below
/private everything asks for tester and secret. FOLDER/requests has a line a request.
"""
import base64
import gzip
import hashlib
import http.server
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

folder = Path(sys.argv[1])
web = folder / "web"
requests = folder / "requests"
ASKED = "Basic " + base64.b64encode(b"tester:secret").decode()
# Suite, then name, version, further fields.
SUITES = {
    "one": [("base", "1", "Essential: yes\n"), ("tool", "1", ""), ("same", "1", "Depends: tool\n")],
    "two": [("tool", "2", ""), ("extra", "1", ""), ("same", "1", "")],
}


def make_package(pool, suite, name, version, fields):
    tree = folder / "packages" / f"{suite}-{name}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: T <t@example.org>\n"
        f"{fields}Description: a package of {suite}\n")
    file = pool / f"{name}_{version}_all.deb"
    subprocess.run(["dpkg-deb", "-Znone", "--root-owner-group", "--build", tree, file], check=True,
                   stdout=subprocess.DEVNULL)
    content = file.read_bytes()
    return ((tree / "DEBIAN/control").read_text() + f"Filename: pool/{suite}/{file.name}\n"
            f"Size: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n\n")


def make_archive(suite, packages, sign):
    pool = web / "debian/pool" / suite
    pool.mkdir(parents=True)
    index = "".join(make_package(pool, suite, *package) for package in packages).encode()
    dists = web / "debian/dists" / suite
    (dists / "main/binary-amd64").mkdir(parents=True)
    files = {"main/binary-amd64/Packages": index,
             "main/binary-amd64/Packages.gz": gzip.compress(index, mtime=0)}
    release = (f"Origin: T\nSuite: {suite}\nCodename: {suite}\nArchitectures: amd64 all\n"
               "Components: main\nDate: Sat, 01 Jan 2022 00:00:00 UTC\nSHA256:\n")
    for name, content in files.items():
        (dists / name).write_bytes(content)
        release += f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}\n"
    (dists / "Release").write_text(release)
    subprocess.run([*sign, "--clearsign", "-o", dists / "InRelease", dists / "Release"], check=True)


def make_all():
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback",
           "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "T <t@example.org>", "ed25519", "sign", "never"],
                   check=True, stderr=subprocess.DEVNULL)
    for suite, packages in SUITES.items():
        make_archive(suite, packages, gpg)
    subprocess.run([*gpg, "--armor", "--output", web / "key", "--export"], check=True)
    (web / "page").write_text("<html>not found</html>")
    (web / "private").symlink_to("debian")
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)


class Server(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments):
        super().__init__(*arguments, directory=str(web))

    def do_GET(self):
        if self.path.startswith("/private") and self.headers["Authorization"] != ASKED:
            self.send_error(401)
            return
        super().do_GET()

    def log_message(self, *_):
        with open(requests, "a", encoding="utf-8") as log:
            log.write(f"server {self.path}\n")


class Proxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(requests, "a", encoding="utf-8") as log:
            log.write(f"proxy {self.path} {self.headers['Proxy-Authorization']}\n")
        with urllib.request.urlopen(self.path.replace("archive.example", where)) as answer:
            content = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


make_all()
servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) for kind in (Server, Proxy)]
where = f"127.0.0.1:{servers[0].server_port}"
(web / "mirrors").write_text(f"http://127.0.0.1:9/debian\nhttp://{where}/debian\n")
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(servers[0].server_port, servers[1].server_port, flush=True)
while folder.is_dir():
    time.sleep(0.05)
