# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What is installed serves a program that includes the header: its compiler's
flags, its pages, and the library that it runs under; and the header is clean in
every language that it claims."""
import os
import re
import shutil
import subprocess

from harness import builds, case

MOST = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wundef", "-Wcast-align"]
# What C++ before 2011 has no standard for, in macros with "...".
CXX98 = ["-Wno-variadic-macros", "-Wno-long-long"]
NOTHING = "version 0 evaluated 0 sinks 0 spans 0 buffers 0 others 0\n"
CAPTURED = "version 1 evaluated 1 sinks 3 spans 8 buffers 3 others 5\n"


def compilers(t):
    """(compiler, standards) of C and of C++."""
    for names, standards in ((("gcc", "clang"), ("c99", "c11", "c17")),
                             (("g++", "clang++"), ("c++98", "c++11", "c++14",
                                                   "c++17", "c++20"))):
        for name in names:
            if shutil.which(name):
                yield name, standards


def build(t, words):
    done = subprocess.run(words, capture_output=True, text=True,
                          env=t.environment({}))
    t.equal(done.returncode, 0, f"{' '.join(map(str, words))}: {done.stderr}")


def source(t, cxx):
    return t.write("everything.cc" if cxx else "everything.c",
                   (t.root / "tests/headers/everything.h").read_text())


@case(timeout=120)
def the_header_is_clean_in_every_standard(t):
    for name, standards in compilers(t):
        cxx = "++" in name
        for standard in standards:
            build(t, [name, f"-std={standard}", *MOST,
                      *(CXX98 if standard == "c++98" else []),
                      "-fsyntax-only", f"-I{t.root / 'include'}",
                      source(t, cxx)])
        if cxx:
            header = t.write("objects.cc", "#include <logtap/logtap.hpp>\n")
            for standard in standards[1:]:
                build(t, [name, f"-std={standard}", *MOST, "-fsyntax-only",
                          f"-I{t.root / 'include'}", header])


@case(timeout=120)
def a_program_builds_and_runs_out_of_what_is_installed(t):
    """With the flags of pkg-config alone, in C and C++, optimised and not,
    bare, under the installed command, and preloaded."""
    t.tool("pkg-config")
    root = builds.staged(t.dir / "root")
    folder = next(root.rglob("logtap.pc")).parent
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "logtap"], text=True,
        capture_output=True, check=True,
        env=t.environment({"PKG_CONFIG_PATH": folder,
                           "PKG_CONFIG_SYSROOT_DIR": root})).stdout.split()
    preload = subprocess.run(
        ["pkg-config", "--variable=preload", "logtap"], text=True,
        capture_output=True, check=True,
        env=t.environment({"PKG_CONFIG_PATH": folder})).stdout.strip()
    library = root / preload.lstrip("/")
    t.check(library.exists(), f"{library} is not there")
    t.check(not any(word.startswith("-l") for word in flags), str(flags))
    command = next(path for path in root.rglob("bin/logtap"))
    for name in ("gcc", "g++"):
        for level in ("-O0", "-O2"):
            program = str(t.dir / f"everything{name}{level}")
            build(t, [name, level, source(t, name == "g++"), *flags, "-o",
                      program])
            bare = t.bare([program])
            t.equal(bare.stdout.decode(), NOTHING, "bare")
            outcome = t.preload([program])
            t.equal(outcome.stdout.decode(), CAPTURED, "preloaded")
            event, = [r for r in outcome.records if r.event_name == "event"]
            t.equal((event.scope, event.body), ("everything", "the body"),
                    "the event")
    done = subprocess.run([command, "run", "-q", "-o", t.dir / "out", "--",
                           program], capture_output=True, text=True,
                          env=t.environment({}))
    t.equal(done.stdout, CAPTURED, f"installed: {done.stderr}")


@case()
def every_function_has_its_page(t):
    """By its own name, in section 3, and the page explains it."""
    header = (t.root / "include/logtap/logtap.h").read_text()
    functions = set(re.findall(
        r"extern LOGTAP_WEAK[^;(]*?\b(logtap_\w+)\(", header))
    t.check(len(functions) > 40, f"found {functions}")
    functions -= {"logtap_guard_enter_at", "logtap_guard_leave_at"}
    functions |= {"logtap_guard_enter", "logtap_guard_leave", "logtap_event"}
    pages = next(builds.staged(t.dir / "root").rglob("man3"))
    for name in sorted(functions):
        page = pages / f"{name}.3"
        t.check(page.exists(), f"no page for {name}")
        text = page.read_text()
        t.check(f".Nm {name}" in text or f".Fn {name}" in text,
                f"{name} is not explained in {os.path.realpath(page)}")


@case()
def symbols_have_their_version_and_hooks_are_called(t):
    """Names of the API alone are in a version node; the hooks, which are in
    none, still win over libc's."""
    symbols = subprocess.run(["readelf", "-W", "--dyn-syms", t.shim],
                             capture_output=True, text=True,
                             check=True).stdout
    defined = [line.split()[7] for line in symbols.splitlines()
               if re.match(r"\s*\d+:", line) and len(line.split()) == 8
               and line.split()[6] != "UND"]
    api = [name for name in defined if name.startswith("logtap_")]
    t.check(len(api) > 40, f"{len(api)} functions")
    for name in api:
        t.check(name.endswith("@@LOGTAP_1.0"), name)
    for name in defined:
        t.check(name.startswith(("logtap_", "LOGTAP_1.0")) or "@" not in name,
                f"{name} is in a version node")
    script = (t.root / "shim/logtap.map").read_text()
    hidden = re.sub(r"/\*.*?\*/", "", script, flags=re.S).partition("local:")
    t.check("*" not in hidden[2], "the script hides everything else")
    for hook in ("write", "syslog", "pthread_create", "close"):
        t.check(hook in defined, f"{hook} is not exported")
    outcome = t.preload([t.program("lines"), "mixed", "2", "10"])
    t.lines_once(outcome)
