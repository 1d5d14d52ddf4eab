"""Stand-ins for the programs that a script calls: they count themselves, and die or fail at the one that is asked for."""
import os
import shutil

SHIM = """#!/bin/bash
# Counts itself; one from the number on that is asked for does what `what` says, else what its name says.
printf . >>"{folder}/count"
read -r number what <"{folder}/order"
read -r count <"{folder}/count" || true
if (( number > 0 && ${{#count}} >= number )) && set -C && {{ printf '%s\\n' "{name} $*" >"{folder}/done"; }} 2>/dev/null; then
  case $what in
    group) kill -9 0 ;;
    self) kill -9 $$ ;;
    fail) exit 1 ;;
    stop) kill -STOP 0 ;;
    half) "{real}" "$@" | head -c 20; kill -9 $$ ;;
  esac
fi
exec "{real}" "$@"
"""


# What observer-seal, observer-prune, observer-restore and observer-pack call.
PROGRAMS = ("awk cat chmod chown cmp cp cut date dd df dirname find flock grep head mktemp mv od readlink rm sed sha256sum "
            "sort stat sync tail touch tr wc xargs zstd").split()


class Shims:
    """A folder for PATH with a stand-in for each program that is installed."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, "bin"))
        for name in PROGRAMS:
            real = shutil.which(name)
            if real:
                path = os.path.join(folder, "bin", name)
                with open(path, "w") as file:
                    file.write(SHIM.format(folder=folder, name=name, real=real))
                os.chmod(path, 0o755)

    def env(self, number=0, what="group"):
        """The environment in which the call of that number (from 1; 0: none) does `what`."""
        for name, text in (("order", "%d %s\n" % (number, what)), ("count", "")):
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        if os.path.exists(os.path.join(self.folder, "done")):
            os.remove(os.path.join(self.folder, "done"))
        return {"PATH": os.path.join(self.folder, "bin") + ":" + os.environ["PATH"]}

    @property
    def calls(self):
        return os.path.getsize(os.path.join(self.folder, "count"))

    @property
    def done(self):
        """The call that did what was asked for, or nothing when there was none of that number."""
        try:
            with open(os.path.join(self.folder, "done")) as file:
                return file.read().strip()
        except FileNotFoundError:
            return ""
