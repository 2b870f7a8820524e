# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What --help lists, the manual pages explain; and what they name is there."""
import re

from harness import case

COMMAND = re.compile(r"^  ([a-z]+)  +\S", re.M)
OPTION = re.compile(r"^ +(?:-\w, )?--([a-z-]+)", re.M)


def said(t, *words):
    outcome = t.bare([t.logtap_program, *words])
    t.equal(outcome.status, 0, f"status of {words}")
    return outcome.stdout.decode()


def explained(page):
    """The options that have an item of their own in it."""
    return {option for item in re.findall(r"^\.It .*", page, re.M)
            for option in re.findall(r"\bFl -([a-z-]+)", item)}


@case()
def every_command_and_option_is_explained(t):
    """Each command has an item in logtap(1), which names its page if it has
    one; and an option of --help is explained there, and none that is not."""
    pages = t.root / "docs" / "man"
    main = (pages / "logtap.1").read_text()
    commands = COMMAND.findall(said(t, "help"))
    t.check({"run", "collect", "loops"} <= set(commands), commands)
    for command in commands:
        t.check(re.search(rf"^\.It Cm {command}\b", main, re.M),
                f"logtap(1) does not explain {command}")
        options = set(OPTION.findall(said(t, command, "--help"))) - {"help"}
        own = pages / f"logtap-{command}.1"
        if own.exists():
            t.check(f".Xr logtap-{command} 1" in main,
                    f"logtap(1) does not name logtap-{command}(1)")
            t.equal(explained(own.read_text()) - {"help"}, options,
                    f"options in logtap-{command}(1)")
        else:
            t.equal(options - explained(main), set(),
                    f"{command}: options that logtap(1) leaves out")


@case()
def what_texts_name_is_there(t):
    """Files of this tree, in the README and the like."""
    texts = [t.root / name for name in ("README.md", "CONTRIBUTING.md")]
    texts += sorted((t.root / "docs").glob("*.md"))
    t.check(len(texts) > 5, texts)
    for text in texts:
        named = re.findall(r"`((?:docs|tests|scripts|collector|shim|include)/"
                           r"[\w./-]*\w)`", text.read_text())
        for name in named:
            t.check((t.root / name).exists(), f"{text.name}: no {name}")


@case()
def the_pages_are_shown_as_they_are_meant(t):
    """No complaint of man's, and no quotation that goes on to the next one."""
    man = t.tool("man")
    pages = sorted((t.root / "docs" / "man").iterdir())
    t.check(len(pages) > 5, pages)
    for page in pages:
        outcome = t.bare([man, "--warnings", "-l", page],
                         env={"LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
        t.equal((outcome.status, outcome.stderr), (0, b""), page.name)
        t.check("\u2019\u2019" not in outcome.stdout.decode(),
                f"{page.name}: quotations are not closed")
