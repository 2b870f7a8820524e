# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Services of a real systemd, captured by the units that are installed: they are
what they are bare, whatever their user and however they are locked in."""
import re

from harness import case
from harness.systemd import Systemd

LOCKED = """NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
MemoryDenyWriteExecute=yes
RestrictNamespaces=yes
SystemCallFilter=@system-service
"""
KINDS = {
    "plain": "ExecStart={lines} mixed 2 20\n",
    "locked": "User=nobody\n" + LOCKED + "ExecStart={lines} mixed 2 20\n",
    "dynamic": "DynamicUser=yes\nPrivateNetwork=yes\nPrivateUsers=yes\n"
               "ExecStart={lines} mixed 2 20\n",
    "private": "User=daemon\nPrivateTmp=yes\nProcSubset=pid\n"
               "ProtectProc=invisible\nExecStart={lines} mixed 2 20\n",
    "shell": "ExecStart=/bin/sh -c 'echo one >&2; logger -t shell-logger two; exit 3'\n",
    "dies": "ExecStart={dies} segv\n",
    "notify": "Type=notify\nNotifyAccess=all\nExecStart=/bin/sh -c "
              "'systemd-notify --ready; echo ready >&2'\n",
}
BARE = "[Unit]\nDefaultDependencies=no\n[Service]\n" \
       "Environment=OTEL_SERVICE_NAME={name}\n"
# What systemd knows of each, and what it has read from each.
LOOK = """
for name in {names}; do
    systemctl start $name.service || :
    while [ "$(systemctl is-active $name.service)" = active ]; do sleep 0.1; done
    systemctl show -p Result -p ExecMainCode -p ExecMainStatus \
        $name.service > $name.state
done
journalctl --sync
for name in {names}; do
    # Of a sender that is gone already journald does not know the unit.
    journalctl -o cat --no-pager _SYSTEMD_UNIT=$name.service \
        + SYSLOG_IDENTIFIER=$name-logger > $name.journal
done
systemctl stop logtap.service || :
"""


def boot(t, captured):
    """What there is of each service, and the records."""
    systemd = Systemd(t)
    names = list(KINDS)
    for name, text in KINDS.items():
        systemd.unit(f"{name}.service", BARE.format(name=name) + text.format(
            lines=t.program("lines"), dies=t.program("dies")))
    systemd.put("etc/default/logtap",
                f"LOGTAP_OPTIONS=-f -o {t.dir}/records.jsonl\n")
    if captured:
        systemd.capture(*(f"{name}.service" for name in names))
    t.write("records.jsonl", "")
    systemd.run(LOOK.format(names=" ".join(names)))
    found = {name: ((t.dir / f"{name}.state").read_text(),
                    (t.dir / f"{name}.journal").read_text())
             for name in names}
    return found, t.read(t.dir / "records.jsonl")


def view(journal):
    """Without what differs from run to run, and in which order."""
    return sorted(re.sub(r"\btid=\d+", "tid=N", line) for line in
                  journal.splitlines())


@case(timeout=120)
def services_of_every_kind(t):
    """Each ends as it does bare, the journal has the same of it, and what it said
    is recorded once, of the unit that it is."""
    bare, none = boot(t, captured=False)
    t.equal(none, [], "records of nothing captured")
    captured, records = boot(t, captured=True)
    for name in KINDS:
        t.equal(captured[name][0], bare[name][0], f"{name}: state")
        t.equal(view(captured[name][1]), view(bare[name][1]),
                f"{name}: journal")
        own = [r for r in records if r.resource["service.name"] == name]
        groups = {r.resource.get("process.linux.cgroup") for r in own}
        t.check(groups <= {f"/system.slice/{name}.service", None},
                f"{name}: groups {groups}")
        t.equal(sorted(r.body for r in own if "logtap.diagnostic"
                       not in r.attributes),
                sorted(captured[name][1].splitlines()), f"{name}: records")


WRITER = "ExecStart=/bin/sh -c 'i=0; while [ $$i -lt 400 ]; do i=$$((i+1)); " \
         "echo line $$i >&2; [ -e {folder}/end ] || sleep 0.01; done'\n"
DISTURB = """
systemd-analyze verify --man=no logtap.service run-logtap.mount
systemctl start writer.service
old=$(systemctl show -P MainPID logtap.service)
systemctl kill -s KILL logtap.service
until new=$(systemctl show -P MainPID logtap.service)
      [ "$new" != 0 ] && [ "$new" != "$old" ]; do sleep 0.1; done
systemctl restart logtap.service
: > {folder}/end
while [ "$(systemctl is-active writer.service)" = active ]; do sleep 0.1; done
systemctl stop logtap.service
systemctl show -p Result logtap.service
"""


@case(timeout=120)
def a_collector_that_is_killed_and_restarted(t):
    """systemd starts it anew, and no line of a service is lost."""
    systemd = Systemd(t)
    systemd.unit("writer.service", BARE.format(name="writer") +
                 WRITER.format(folder=t.dir))
    systemd.put("etc/default/logtap",
                f"LOGTAP_OPTIONS=-o {t.dir}/records.jsonl\n")
    systemd.capture("writer.service")
    said = systemd.run(DISTURB.format(folder=t.dir))
    t.check(said.endswith("Result=success\n"), said[-500:])
    once = {}
    for record in t.read(t.dir / "records.jsonl"):
        if "logtap.diagnostic" in record.attributes:
            continue
        key = record.attributes["log.record.uid"]
        t.equal(once.setdefault(key, record.body), record.body, key)
    t.equal(sorted(once.values()),
            sorted(f"line {i}" for i in range(1, 401)), "lines")
