# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""logtap service: a service is captured from its next start on, and no longer
after that; below --root, only files change, and only there."""
import os
import pathlib

from harness import builds, case
from harness.systemd import Systemd

PLACE = "etc/systemd/system"
BOOT = """
export PATH=/usr/local/bin:$PATH
state() { tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID speaker)/environ \
    | grep -c ^LD_PRELOAD= || :; }
say() { n=$(cat lines); n=$((n + 1)); echo $n > lines; touch go$n
    until [ -e said$n ]; do sleep 0.05; done; }
echo 0 > lines
systemctl start speaker
logtap service --dry-run enable speaker 2>&1
logtap service list
logtap service enable speaker 2>&1
logtap service enable speaker 2>&1
logtap service list
say
echo unasked $(state)
systemctl restart speaker
say
echo enabled $(state)
logtap service disable --restart speaker
say
echo disabled $(state)
systemctl stop speaker logtap.service
"""
LOOP = """import os, sys, time
os.chdir(sys.argv[1])
for n in range(1, 9):
    if os.path.exists(f"said{n}"):
        continue
    while not os.path.exists(f"go{n}"):
        time.sleep(0.02)
    os.write(2, f"line {n}\\n".encode())
    open(f"said{n}", "w").close()
"""


@case(timeout=120)
def service_is_captured_and_no_longer(t):
    """By a real systemd, from a restart on and until another; nothing restarts
    unasked."""
    systemd = Systemd(t)
    t.write("loop.py", LOOP)
    systemd.unit("speaker.service", "[Unit]\nDefaultDependencies=no\n[Service]\n"
                 f"ExecStart=/usr/bin/python3 {t.dir}/loop.py {t.dir}\n")
    systemd.put("etc/default/logtap", f"LOGTAP_OPTIONS=-f -o {t.dir}/records.jsonl\n")
    t.write("records.jsonl", "")
    said = systemd.run(BOOT)
    words = [line for line in said.splitlines() if not line.startswith("+")]
    t.check(words[0].startswith("speaker.service: would be captured"), said)
    t.check("speaker.service: nothing to do, it has its drop-in" in words, said)
    t.check("logtap: service: logtap.service: the collector does not run; it is "
            "started with the services; `systemctl enable --now' has it run "
            "always" in words, said)
    t.equal(words.count("speaker.service"), 1, "listed")
    t.equal([w for w in words if w.split()[0] in
             ("unasked", "enabled", "disabled")],
            ["unasked 0", "enabled 1", "disabled 0"], "LD_PRELOAD")
    t.equal([r.body for r in t.read(t.dir / "records.jsonl")
             if "logtap.diagnostic" not in r.attributes], ["line 2"], "records")


def image(t):
    root = builds.staged(t.dir / "image")
    (root / PLACE).mkdir(parents=True)
    return root


def service(t, root, *words, **spawn):
    done = t.bare([t.logtap_program, "service", "--root", root, *words], **spawn)
    return done.status, done.stdout.decode(), done.stderr.decode()


def unit(root, name, text="[Service]\nExecStart=/bin/true\n"):
    (root / PLACE / name).write_text(text)


def tree(root):
    """What is there, and what it holds."""
    return {str(path): path.read_bytes() if path.is_file() else None
            for path in root.rglob("*")}


def of_image(t, root):
    """The library is where this build is installed."""
    library = next(root.rglob("liblogtap.so"))
    return {"LOGTAP_LIBRARY": str(library)}


@case()
def service_of_an_image(t):
    """enable and disable, each twice, leave what was there before."""
    root = image(t)
    env = of_image(t, root)
    unit(root, "web.service")
    (root / PLACE / "alias.service").symlink_to("/etc/systemd/system/web.service")
    unit(root, "shell@.service")
    before = tree(root)
    file = root / PLACE / "web.service.d/logtap.conf"
    t.equal(service(t, root, "enable", "-n", "web", env=env)[0], 0, "dry run")
    t.equal(tree(root), before, "after a dry run")
    status, said, error = service(t, root, "enable", "web", "shell@a", env=env)
    t.equal((status, error), (0, ""), "enable")
    t.check(str(file) in said, said)
    library = next(root.rglob("liblogtap.so")).relative_to(root)
    t.check(f"Environment=LD_PRELOAD=/{library}\n" in file.read_text(),
            file.read_text())
    t.equal(file.stat().st_mode & 0o777, 0o644, "mode")
    captured = tree(root)
    status, said, error = service(t, root, "enable", "alias", env=env)
    t.equal((status, said, error),
            (0, "alias.service: is another name of web.service\n"
             "web.service: nothing to do, it has its drop-in\n", ""), "again")
    t.equal(tree(root), captured, "after the second one")
    t.equal(sorted(service(t, root, "list")[1].split()),
            ["shell@a.service", "web.service"], "list")
    for _ in range(2):
        t.equal(service(t, root, "disable", "web", "shell@a")[0::2], (0, ""),
                "disable")
        t.equal(tree(root), before, "after disable")


@case()
def service_refuses(t):
    """Wrong names, units that cannot be captured, files of somebody else, and
    links that lead out; nothing is changed then."""
    root = image(t)
    env = of_image(t, root)
    unit(root, "web.service")
    unit(root, "foreign.service")
    unit(root, "own.service", "[Service]\nEnvironment=LD_PRELOAD=/x.so\n")
    unit(root, "out.service")
    unit(root, "byhand.service")
    (root / PLACE / "byhand.service.d").mkdir()
    (root / PLACE / "byhand.service.d/capture.conf").write_bytes(
        next(root.rglob("capture.conf")).read_bytes())
    (root / PLACE / "masked.service").symlink_to("/dev/null")
    (root / PLACE / "foreign.service.d").mkdir()
    (root / PLACE / "foreign.service.d/logtap.conf").write_text("[Service]\n")
    outside = t.dir / "outside"
    outside.mkdir()
    (root / PLACE / "out.service.d").symlink_to(outside)
    before = tree(root)
    for words, expected, part in [
            (["enable", "../x"], 2, "../x: is no name of a service"),
            (["disable", "../../x"], 2, "../../x: is no name of a service"),
            (["enable", "web", "x.socket"], 2, "x.socket: is a unit that is no"),
            (["enable", "shell@"], 2, "shell@: is a template"),
            (["enable", "web", "-n"], 2, "-n: options stand before the units"),
            (["enable"], 2, "enable: no UNIT is named"),
            (["enabel", "web"], 2, "enabel: is none of enable, disable and list"),
            ([], 2, "enable, disable or list: is missing"),
            (["list", "web"], 2, "web: list takes no name"),
            (["--restart", "enable", "web"], 2, "--restart: no systemd runs"),
            (["enable", "nowhere"], 1, "nowhere.service: there is no such"),
            (["enable", "masked"], 1, "masked.service: is masked"),
            (["enable", "logtap"], 1, "logtap.service: is the collector itself"),
            (["enable", "own"], 1, "own.service: has an LD_PRELOAD of its own"),
            (["enable", "byhand"], 1, "byhand.service: is captured by a file"),
            (["enable", "foreign"], 1, "logtap.conf: is not of this command"),
            (["disable", "foreign"], 1, "logtap.conf: is not of this command"),
            (["enable", "out"], 1, "out.service.d/logtap.conf: ")]:
        status, said, error = service(t, root, *words, env=env)
        t.equal((status, said), (expected, ""), f"{words}: {error}")
        t.check(part in error, f"{words}: {error}")
        t.equal(tree(root), before, f"{words}: files")
    t.equal(list(outside.iterdir()), [], "outside")
    status, _, error = service(t, t.dir / "none", "enable", "web", env=env)
    t.check(status == 1 and f"{t.dir}/none/" in error, error)
    for path in "some/where", "":
        status, _, error = service(t, path, "list")
        t.check(status == 2 and "--root: takes an absolute path" in error, error)


@case()
def service_where_nothing_may_be_written(t):
    """The file is named, and whose rights it takes."""
    root = image(t)
    env = of_image(t, root)
    unit(root, "web.service")
    os.chmod(t.dir, 0o755)
    os.chmod(root / PLACE, 0o555)
    spawn = {} if os.getuid() else {"user": 65534, "group": 65534}
    try:
        status, said, error = service(t, root, "enable", "web", env=env, **spawn)
    finally:
        os.chmod(root / PLACE, 0o755)
    t.equal((status, said), (1, ""), "status")
    t.equal(error, f"logtap: service: {root / PLACE}/web.service.d/logtap.conf: "
            "Permission denied; it takes root's rights\n", "error")
    t.equal(list((root / PLACE).iterdir()), [root / PLACE / "web.service"], "files")


@case()
def service_tells_what_is_in_the_way(t):
    """It is enabled all the same: the reason may go away."""
    root = image(t)
    env = of_image(t, root)
    program = root / "usr/bin/still"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_bytes(pathlib.Path(t.program("static_cat")).read_bytes())
    program.chmod(0o755)
    (root / "etc/default").mkdir(parents=True, exist_ok=True)
    (root / "etc/default/web").write_text("LD_PRELOAD=/other.so\n")
    unit(root, "web.service", "[Service]\nExecStart=/usr/bin/still\n"
         "EnvironmentFile=-/etc/default/web\nTemporaryFileSystem=/run\n")
    next(root.rglob("logtap.service")).unlink()
    status, said, error = service(t, root, "enable", "web", env=env)
    t.equal(status, 0, error)
    t.check("is captured from its next start on" in said, said)
    for part in ["still", "TemporaryFileSystem= hides /run/logtap",
                 "EnvironmentFile=-/etc/default/web sets LD_PRELOAD",
                 "logtap.service: the collector's unit is not installed"]:
        t.check(part in error, f"{part}: {error}")
    t.equal(len(error.splitlines()), 4, error)
