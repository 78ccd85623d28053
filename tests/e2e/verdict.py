"""How a test of this folder says what it found, and how it fails."""


class Trouble(Exception):
    """What a person has to be told: one sentence."""


def expect(good, sentence):
    if not good:
        raise Trouble(sentence)


class Checks:
    """Says of each thing that is looked at whether it is as it should be, and counts."""

    def __init__(self):
        self.made = self.failed = 0

    def __call__(self, name, good, detail=""):
        self.made += 1
        self.failed += not good
        print(f"{'PASS' if good else 'FAIL'}: {name}" + (f": {detail}" if detail else ""),
              flush=True)
