# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Languages with a runtime of their own that write to stderr: the same output
and status as bare, each line one record."""
import os
import pathlib
import re
import shutil

from harness import case, terminal

NODE = r"""
const fs = require("fs");
const { Worker, isMainThread, workerData } = require("worker_threads");
if (!isMainThread) {
    for (let i = 0; i < 200; i++)
        fs.writeSync(2, `worker ${workerData} line ${i}\n`);
} else {
    for (let i = 0; i < 200; i++)
        console.error("console.error %d", i);
    for (let i = 0; i < 200; i++)
        process.stderr.write(`process.stderr ${i} caf\u00e9\n`);
    let left = 3;
    for (let n = 0; n < 3; n++)
        new Worker(__filename, { workerData: n }).on("exit", () => {
            if (--left === 0)
                throw new Error("an error that nobody catches");
        });
}
"""


@case(timeout=180)
def node(t):
    """console.error, process.stderr, fs.writeSync from worker threads, and an
    uncaught error."""
    program = t.tool("node")
    script = t.write("log.js", NODE)
    bare, *_ = t.compare([program, script], ordered=False)
    t.check(bare.status == 1 and b"nobody catches" in bare.stderr,
            f"node ended with {bare.status}: {bare.stderr[-300:]!r}")
    t.check(len(bare.stderr_lines()) > 1000, "lines")


@case()
def node_on_a_terminal(t):
    """It writes there by descriptors of its own."""
    argv = [t.tool("node"), "-e", "console.log('out'); console.error('an error');"
            "process.stderr.write('another\\n')"]
    bare = terminal.run(argv, t.environment({}), t.dir)
    file = t.dir / "records.jsonl"
    got = terminal.run([t.logtap_program, "run", "-q", "-o", file, "--", *argv],
                       t.environment({}), t.dir)
    t.equal(got, bare, "status and screen")
    t.equal([r.body for r in t.read(file)], ["an error", "another"], "records")


JAVA = """
public class Log {
    static void write(String name) {
        for (int i = 0; i < 250; i++)
            System.err.println(name + " line " + i + " caf\\u00e9");
    }
    public static void main(String[] words) throws Exception {
        Thread[] threads = new Thread[4];
        for (int n = 0; n < threads.length; n++) {
            String name = "thread " + n;
            threads[n] = new Thread(() -> write(name));
            threads[n].start();
        }
        for (Thread thread : threads)
            thread.join();
        java.util.logging.Logger.getLogger("log").warning("a warning");
        new ProcessBuilder("ls", "/nowhere").inheritIO().start().waitFor();
        throw new IllegalStateException("nobody catches this");
    }
}
"""


@case(timeout=300)
def java(t):
    """System.err from threads, java.util.logging, a child, and an uncaught
    exception."""
    compiler, program = t.tool("javac"), t.tool("java")
    source = t.write("Log.java", JAVA)
    made = t.bare([compiler, "-encoding", "UTF-8", "-d", t.dir, source],
                  timeout=200)
    t.equal(made.status, 0, f"javac: {made.stderr[-500:]!r}")
    words = [program, "-XX:TieredStopAtLevel=1", "-Dstderr.encoding=UTF-8",
             "-Dsun.stderr.encoding=UTF-8", "-cp", t.dir, "Log"]
    bare, *_ = t.compare(
        words, ordered=False, normal=lambda data: re.sub(
            rb"(?m)^\w{3} \d\d, \d{4} [\d:]+\W+[AP]M", b"TIME", data))
    t.equal(bare.status, 1, "status")
    t.check(len(bare.stderr_lines()) > 1000, "lines")


RUST = """
use std::thread;

fn main() {
    let threads: Vec<_> = (0..4)
        .map(|n| {
            thread::spawn(move || {
                for i in 0..250 {
                    eprintln!("thread {n} line {i}");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    eprint!("a line ");
    eprint!("in pieces\\n");
    let caught = std::panic::catch_unwind(|| panic!("caught"));
    assert!(caught.is_err());
    let empty: Vec<u32> = Vec::new();
    let index = std::env::args().count();
    println!("{}", empty[index]);
}
"""


def rustc(t):
    """The compiler itself, or the case is skipped: in PATH may be a proxy that
    wants the home of its user."""
    homes = [os.environ.get("HOME", "/nowhere"), "/root", "/usr/local"]
    for name in (shutil.which("rustc"),
                 *(f"{home}/.cargo/bin/rustc" for home in homes)):
        if not name or not os.access(name, os.X_OK):
            continue
        for home in homes:
            found = t.bare([name, "--print", "sysroot"], env={"HOME": home})
            if found.status == 0:
                return str(pathlib.Path(found.stdout.decode().strip())
                           / "bin" / "rustc")
    t.skip("rustc is not installed")


@case(timeout=300)
def rust(t):
    """eprintln! from threads, a caught panic, and one that is not."""
    compiler = rustc(t)
    source = t.write("log.rs", RUST)
    program = t.dir / "log"
    made = t.bare([compiler, "--edition", "2021", "-o", program, source],
                  timeout=200)
    t.equal(made.status, 0, f"rustc: {made.stderr[-500:]!r}")
    # The number of a thread in the message of a panic.
    bare, *_ = t.compare([program], ordered=False, normal=lambda data: re.sub(
        rb"' \(\d+\) panicked", b"' panicked", data))
    t.equal(bare.status, 101, "status")
    t.check(len(bare.stderr_lines()) > 1000, "lines")
