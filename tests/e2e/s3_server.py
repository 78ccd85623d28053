"""The S3 server of tests/s3, on a free port; it ends with the test however that one ends."""
import subprocess
import urllib.parse
import urllib.request
import xml.etree.ElementTree
from pathlib import Path

PROGRAM = Path(__file__).parents[1] / "s3/server.mjs"


class S3Server:
    """It takes any signature; what a test asks of it itself is not signed."""

    def __init__(self, folder):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.credentials = folder / "keys"  # those that it knows
        self.credentials.write_text("AWS_ACCESS_KEY_ID=S3RVER\nAWS_SECRET_ACCESS_KEY=S3RVER\n")
        self.process = subprocess.Popen(["node", PROGRAM, folder / "s3"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the S3 server does not start: run `npm ci` in tests/s3")
        self.endpoint = f"http://127.0.0.1:{int(line)}"

    def place(self, prefix):
        """As --artifacts and --s3 take it."""
        return f"s3://images/{prefix}?endpoint={self.endpoint}&region=us-east-1"

    def arguments(self):
        """Of workers."""
        return ["--s3-credentials", str(self.credentials)]

    def imgd_arguments(self, prefix):
        return ["--s3", self.place(prefix), *self.arguments()]

    def keys(self, prefix):
        """Of all objects that begin so; at most 1000."""
        text = self._get(f"/images?prefix={urllib.parse.quote(prefix)}")
        return sorted(element.text for element in xml.etree.ElementTree.fromstring(text).iter()
                      if element.tag.endswith("Key"))

    def bytes_of(self, key):
        return self._get(f"/images/{urllib.parse.quote(key)}")

    def put(self, key, data):
        self._ask(urllib.request.Request(f"{self.endpoint}/images/{urllib.parse.quote(key)}", data,
                                         method="PUT"))

    def _get(self, path):
        return self._ask(self.endpoint + path)

    @staticmethod
    def _ask(request):
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)
