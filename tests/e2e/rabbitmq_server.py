#!/usr/bin/env python3
"""A RabbitMQ of the test's own: on free loopback ports, in its own folder, with its own epmd.

    rabbitmq_server.py FOLDER

serves tests that are no Python: a line of JSON in, {"call": "make_vhost", "args": ["x"]}, a line
out, {"result": …} or {"error": "…"}. It ends the server when its standard input ends, so that
nothing is left when the test is killed.
"""
import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import processes
from verdict import Trouble

PROGRAMS = Path("/usr/lib/rabbitmq/bin")  # those in /usr/sbin change the user and the home
USER, PASSWORD = "img", "imgpwd"
PR_SET_PDEATHSIG = 1
START_SECONDS = 60  # 6 s where nothing else runs


def free_ports(count):
    """Ports of 127.0.0.1 that nobody has; held together, so that they differ."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class RabbitMq:
    """The user img may do everything in the vhosts that make_vhost() makes."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port, self.tls_port, self.http_port, self.epmd_port, self.node_port = free_ports(5)
        self.server = self.epmd = None
        self.has_tls = False

    # ---- its life ----

    def start(self):
        for name in ("data", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "rabbitmq.conf").write_text(self._configuration())
        environment = self._environment()
        log = open(self.folder / "output", "ab")
        if self.epmd is None:
            self.epmd = subprocess.Popen(
                ["epmd", "-address", "127.0.0.1", "-port", str(self.epmd_port)], env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent)
        self.server = subprocess.Popen(
            [PROGRAMS / "rabbitmq-server"], env=environment, cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            preexec_fn=die_with_parent)
        log.close()
        self._wait_until_ready()

    def stop(self):
        """In order, as an operator does; the data stay."""
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def kill(self):
        """As a crash: no word of warning. Erlang's helpers are in the server's session."""
        if self.server:
            for pid in processes.descendants(self.server.pid) | {self.server.pid}:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.server.wait(10)

    def restart(self):
        self.stop()
        self.start()

    def end(self):
        self.kill()
        if self.epmd:
            self.epmd.kill()
            self.epmd.wait(10)
            self.epmd = None

    def freeze(self):
        """It runs and answers nothing, as behind a cable that was pulled."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        for pid in processes.descendants(self.server.pid) | {self.server.pid}:
            os.kill(pid, number)

    # ---- what an operator does with it ----

    def make_vhost(self, name):
        """The URL of a new vhost, where the user img may do everything."""
        self._api("PUT", f"/api/vhosts/{quote(name, '')}", {})
        self.permit(name, ".*", ".*", ".*")
        return self.url(name)

    def url(self, vhost, user=USER, password=PASSWORD):
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}/{quote(vhost, '')}"

    def tls_url(self, vhost):
        return (f"amqps://{USER}:{PASSWORD}@localhost:{self.tls_port}/{quote(vhost, '')}"
                f"?cacertfile={self.folder}/tls/authority.pem")

    def permit(self, vhost, configure, write, read, user=USER):
        self._api("PUT", f"/api/permissions/{quote(vhost, '')}/{user}",
                  {"configure": configure, "write": write, "read": read})

    def declare(self, vhost, queue, arguments=None, durable=True):
        self._api("PUT", f"/api/queues/{quote(vhost, '')}/{queue}",
                  {"durable": durable, "arguments": arguments or {}})

    def declare_original(self, vhost):
        """The exchanges and queues as the original's service of July 2010 made them."""
        base = f"{quote(vhost, '')}"
        for exchange in ("image_exchange", "django_result_exchange"):
            self._api("PUT", f"/api/exchanges/{base}/{exchange}",
                      {"type": "direct", "durable": True})
        for exchange, queue, key, durable in (
                ("image_exchange", "image_queue", "img", True),
                ("image_exchange", "kickstarter_queue", "ks", True),
                ("django_result_exchange", "status_queue", "status", False),
                ("django_result_exchange", "link_queue", "link", False),
                ("django_result_exchange", "error_queue", "err", False)):
            self.declare(vhost, queue, durable=durable)
            self._api("POST", f"/api/bindings/{base}/e/{exchange}/q/{queue}", {"routing_key": key})

    def queue(self, vhost, queue):
        """What the broker says of it; its type, arguments and number of messages among it."""
        return self._api("GET", f"/api/queues/{quote(vhost, '')}/{queue}"
                                "?disable_stats=true&enable_queue_totals=true")

    def messages(self, vhost, queue, count=100):
        """The first messages, which stay where they are."""
        return self._api("POST", f"/api/queues/{quote(vhost, '')}/{queue}/get",
                         {"count": count, "ackmode": "ack_requeue_true", "encoding": "auto"})

    def publish(self, vhost, exchange, key, body, properties=None):
        """Whether a queue took it."""
        return self._api("POST", f"/api/exchanges/{quote(vhost, '')}/{exchange}/publish",
                         {"properties": properties or {}, "routing_key": key, "payload": body,
                          "payload_encoding": "string"})["routed"]

    def cut_connections(self):
        """Closes every client's connection; the number of them."""
        names = [one["name"] for one in self._api("GET", "/api/connections?disable_stats=true")]
        for name in names:
            try:
                self._api("DELETE", f"/api/connections/{quote(name, '')}")
            except Trouble:
                pass  # it has gone by itself
        return len(names)

    def _api(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=20)
        try:
            login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Authorization": f"Basic {login}",
                                "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Trouble(f"RabbitMQ: {method} {path}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None

    # ---- how it is set up ----

    def _configuration(self):
        lines = [f"listeners.tcp.1 = 127.0.0.1:{self.port}",
                 "management.tcp.ip = 127.0.0.1",
                 f"management.tcp.port = {self.http_port}",
                 f"default_user = {USER}", f"default_pass = {PASSWORD}",
                 "disk_free_limit.absolute = 50MB",
                 "log.file.level = warning"]
        if self.has_tls:
            tls = self.folder / "tls"
            lines += [f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}",
                      f"ssl_options.cacertfile = {tls}/authority.pem",
                      f"ssl_options.certfile = {tls}/server.pem",
                      f"ssl_options.keyfile = {tls}/server.key",
                      "ssl_options.verify = verify_none"]
        return "\n".join(lines) + "\n"

    def _environment(self):
        folder = self.folder
        return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
                "RABBITMQ_NODENAME": f"img-{self.port}@localhost",
                "RABBITMQ_DIST_PORT": str(self.node_port),
                "RABBITMQ_MNESIA_BASE": f"{folder}/data", "RABBITMQ_LOG_BASE": f"{folder}/log",
                "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
                "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                    "-kernel inet_dist_use_interface {127,0,0,1}",
                "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(self.epmd_port)}

    def make_certificates(self):
        """For start(): a self-made authority and a certificate for localhost."""
        tls = self.folder / "tls"
        tls.mkdir(parents=True, exist_ok=True)

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, cwd=tls, capture_output=True,
                           timeout=60)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=authority of a test", "-keyout", "authority.key", "-out", "authority.pem")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout",
                "server.key", "-out", "server.request")
        (tls / "names").write_text("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", "server.request", "-CA", "authority.pem", "-CAkey",
                "authority.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out",
                "server.pem")
        self.has_tls = True

    def _wait_until_ready(self):
        """Until it speaks AMQP and the operator's interface answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.server.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), 2) as probe:
                    probe.sendall(b"AMQP\0\0\x09\x01")
                    probe.settimeout(5)
                    if probe.recv(1):
                        self._api("GET", "/api/overview?disable_stats=true")
                        return
            except (OSError, http.client.HTTPException, Trouble):
                pass  # it has not got so far yet
            time.sleep(0.1)
        last = (self.folder / "output").read_text(errors="replace").splitlines()[-5:]
        raise Trouble(f"RabbitMQ was not ready within {START_SECONDS} s: {' / '.join(last)}")


def serve(folder):
    processes.adopt_orphans()
    server = RabbitMq(folder)
    try:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                result = {"result": getattr(server, request["call"])(*request.get("args", []))}
            except Exception as error:  # the test prints it
                result = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(result), flush=True)
    finally:
        server.end()
        processes.kill_all(os.getpid())
        processes.reap_orphans(but=None)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it goes when its standard input ends
    serve(sys.argv[1])
