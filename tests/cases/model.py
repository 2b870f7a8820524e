# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The protocol of rings and slots, tried in all its interleavings: the models of
tests/model, and with each rule left out that they name (which must fail)."""
import re
import shutil
import subprocess

from harness import case

# What a model's comment says: rules to leave out, and variants that must hold.
CONTROL = re.compile(r"^ \* control: (.+)$", re.MULTILINE)
ALSO = re.compile(r"^ \* also: (.+)$", re.MULTILINE)
PASSED = re.compile(r"errors: 0\b")
FAILED = re.compile(r"assertion violated")


def explore(t, model, defines):
    """The verifier's report of one variant, all of its states seen."""
    spin, gcc = shutil.which("spin"), shutil.which("gcc")
    if not spin or not gcc:
        t.skip("spin or gcc is not installed")
    folder = t.dir / "-".join([model.stem, *defines])
    folder.mkdir()
    options = [f"-D{name}" for name in defines]
    for argv in ([spin, "-a", *options, model],
                 [gcc, "-O1", "-w", "-DSAFETY", "-DNOFAIR", "-DMEMLIM=3000",
                  "-o", "pan", "pan.c"]):
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True)
        t.equal(done.returncode, 0, f"{argv}: {done.stdout}{done.stderr}")
    done = subprocess.run(["./pan", "-n", "-m100000"], cwd=folder,
                          capture_output=True, text=True)
    for limit in ("max search depth too small", "pan: reached", "out of memory"):
        t.check(limit not in done.stdout + done.stderr,
                f"{model.name} {defines}: {limit}")
    shutil.rmtree(folder)
    return done.stdout


def check(t, name, extra=()):
    model = t.root / "tests" / "model" / f"{name}.pml"
    text = model.read_text()
    variants = [[]] + [words.split() for words in ALSO.findall(text)]
    for defines in variants:
        report = explore(t, model, [*defines, *extra])
        t.check(PASSED.search(report), f"{name} {defines}: {report}")
    controls = CONTROL.findall(text)
    t.check(controls, f"{name} names nothing that may be left out")
    for words in controls:
        report = explore(t, model, [*words.split(), *extra])
        t.check(FAILED.search(report),
                f"{name} does not need {words}: {report}")


@case(timeout=240)
def of_one_ring(t):
    """Publish, wrap, drop, overwrite, release: nothing torn, nothing missing,
    also where stores become visible late and out of order."""
    check(t, "ring")


@case(timeout=1200, long=True, alone=True)
def of_one_ring_with_more_stores_on_their_way(t):
    """The same with three stores that are not visible yet."""
    check(t, "ring", ["LATE_MOST=3"])


@case(timeout=600)
def of_three_rings_of_one_thread(t):
    """What a thread wrote comes out in its order, whichever ring is opened
    first, and nothing waits for ever."""
    check(t, "moves")


@case(timeout=120)
def of_handlers_in_the_nested_ring(t):
    """Both rings are put back into one order."""
    check(t, "nested")


@case(timeout=120)
def of_slots_from_claim_to_claim(t):
    """Claim, death, drain, free, close: each chunk once, as its own thread's."""
    check(t, "slots")


@case(timeout=120)
def of_a_fork_in_a_handler(t):
    """A child never writes at its parent's place."""
    check(t, "fork")


def stress(t, mode, chunks):
    """The program of tests/stress under the thread sanitizer; without random
    addresses, of which older ones do not know all."""
    done = subprocess.run(
        ["setarch", "-R", t.build / "tests" / "stress" / "ring", mode, "3",
         str(chunks)], capture_output=True, text=True)
    return done, f"{mode}: status {done.returncode}: " \
        f"{done.stdout[-300:]}{done.stderr[:1500]}"


def stress_all(t, chunks):
    for mode in ("keep", "over"):
        done, text = stress(t, mode, chunks)
        t.equal(done.returncode, 0, text)
        t.check(int(done.stdout.split()[0]) > 100, text)
    done, text = stress(t, "early", chunks)
    t.check("data race" in done.stderr, f"the control passed: {text}")


@case(timeout=120)
def writer_and_reader_under_the_thread_sanitizer(t):
    """The real ones: no byte is copied that is not ordered behind its write,
    nor written before it is given back; a reader that gives room back early is
    noticed."""
    stress_all(t, 20_000)


@case(timeout=1200, long=True)
def writer_and_reader_for_longer(t):
    """The same, fifty times as long."""
    stress_all(t, 1_000_000)
