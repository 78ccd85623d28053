"""Machines that are network namespaces: each with a cable to this one that a test can pull out.

A namespace lives as long as the process that holds it and those that run in it, and the cable
goes with it: nothing is left to clean up, however the test ends.
"""
import socket
import subprocess
import threading

from rabbitmq_server import die_with_parent


def run(*argv):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=20)


class Relay:
    """Lets a machine reach a server that listens on this one's loopback only."""

    def __init__(self, address, port):
        self.target = ("127.0.0.1", port)
        self.listening = socket.create_server((address, port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                here, _ = self.listening.accept()
                there = socket.create_connection(self.target, timeout=5)
                there.settimeout(None)
            except OSError:
                if self.listening.fileno() < 0:
                    return
                here.close()  # the server is away, and the machine has to see that
                continue
            for source, sink in ((here, there), (there, here)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source, sink):
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listening.close()


class Machine:
    """Number N has 10.88.N.2 and sees this machine as 10.88.N.1."""

    def __init__(self, number):
        self.here, self.there = f"10.88.{number}.1", f"10.88.{number}.2"
        self.cable = f"img-test{number}"
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=die_with_parent)
        self.holder.stdout.readline()
        run("ip", "link", "add", self.cable, "type", "veth", "peer", "name", "eth0",
            "netns", str(self.holder.pid))
        run("ip", "address", "add", f"{self.here}/30", "dev", self.cable)
        run("ip", "link", "set", self.cable, "up")
        run(*self.command("ip", "address", "add", f"{self.there}/30", "dev", "eth0"))
        run(*self.command("ip", "link", "set", "eth0", "up"))
        run(*self.command("ip", "link", "set", "lo", "up"))
        self.relays = []

    def command(self, *argv):
        """argv, run on that machine."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *map(str, argv)]

    def may_reach(self, port):
        """A port of this machine's loopback: "HOST:PORT" as that machine sees it."""
        self.relays.append(Relay(self.here, port))
        return f"{self.here}:{port}"

    def cut(self):
        """As a cable that is pulled out: nobody is told, packets get lost."""
        run("ip", "link", "set", self.cable, "down")

    def mend(self):
        run("ip", "link", "set", self.cable, "up")

    def end(self):
        for relay in self.relays:
            relay.close()
        self.holder.kill()
        self.holder.wait(10)
