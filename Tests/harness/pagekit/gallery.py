"""Takes the pictures of a page, and says a line for each with what the checks found."""
import os
import re
import subprocess

from . import archives, checks
from .browser import Refused

# Width, dark, language: each pair of the three once.
VIEWS = ((1280, False, "ko"), (1280, True, "en"), (390, True, "ko"), (390, False, "en"))


class Gallery:
    """Pictures in a folder, and faults counted."""

    def __init__(self, browser, axe, out, converter):
        self.browser, self.axe, self.out, self.converter = browser, axe, out, converter
        self.faults = self.pictures = 0
        version = re.search(r"axe v([\d.]+)", axe or "")
        self.axe_version = "axe-core " + version[1] if version else "no axe-core"
        self.kept = None

    def say(self, name, faults, more=""):
        """One line, and one more for each fault."""
        self.faults += len(faults)
        print("%-8s %s%s" % ("ok" if not faults else "WRONG", name, more))
        for fault in faults:
            print("         " + fault)
        print(end="", flush=True)

    def page(self, name, addresses, before=lambda: None):
        """A page in each view, then without JavaScript. `addresses`: by language; `before`: called before each load."""
        for width, dark, language in VIEWS:
            address = addresses[language]
            address = "file://" + address if address.startswith("/") else address
            full = "%s-%d-%s-%s" % (name, width, "dark" if dark else "light", language)
            with self.browser.tab(width, dark, language) as tab:
                before()
                tab.open(address)
                tab.picture(os.path.join(self.out, full + ".png"))
                self.pictures += 1
                faults = checks.fits(tab) + checks.legible(tab) + checks.contrast(tab) + checks.reachable(tab)
                more = ""
                if self.axe:
                    tab.value("document.querySelectorAll('details').forEach(e=>e.open=true)")
                    wrong, passed, open_ones = checks.accessible(tab, self.axe)
                    faults += wrong + checks.fits(tab) + checks.legible(tab)
                    more = "  axe: %d rules passed, undecided: %s" % (passed, ", ".join(open_ones) or "none")
                # Last: what the page itself says and asks for has been said by now.
                faults += checks.quiet(tab) + checks.alone(tab, address)
            self.say(full, faults, more)
        self.without_script(name, address, language, before)

    def without_script(self, name, address, language, before):
        """The text is the same when no script runs."""
        texts = []
        before()  # once: both are to show the same moment
        for script in (True, False):
            with self.browser.tab(1280, False, language, script) as tab:
                tab.open(address)
                texts.append(tab.value("[...document.querySelectorAll('main,h1')].map(e=>e.innerText).join('\\n')"))
        self.say(name + " without JavaScript", [] if texts[0] and texts[0] == texts[1] else ["the text differs"])

    def reports(self, name, archive, names, date):
        """The page that `observer report` makes of a day, printed too."""
        pages = {language: archives.report(archive, names, language, date) for language in ("ko", "en")}
        self.page(name, pages)
        path = os.path.join(self.out, name)
        with self.browser.tab(1280, True, "ko") as tab:
            tab.open("file://" + pages["ko"])
            tab.printed(path + ".pdf")
        if self.converter:
            subprocess.run([self.converter, "-png", "-r", "70", path + ".pdf", path + "-printed"], check=True)
            self.pictures += 1

    def live(self, name, address, still):
        """The live page while time stands still; then time goes on, and the page with it."""
        self.page("live-" + name, {"ko": address, "en": address}, still.breathe)
        still.breathe()
        self.kept = self.kept or self.browser.tab(1280, False, "ko")
        self.kept.open(address)
        self.kept.value("window.kept=document.getElementById('time').textContent")
        still.go_on()
        if name != "waiting":
            return
        # Asked for again and again by the page's own script; a reload would have forgotten `kept`.
        moved = "window.kept&&document.getElementById('time').textContent!==kept"
        faults = []
        try:
            self.kept.until(lambda: self.kept.value(moved), "the page to come up to date", 60)
        except Refused as refused:
            faults.append(str(refused))
        self.say("live-%s comes up to date without a reload" % name, faults)

    def stale(self):
        """What the page says when its server is gone."""
        tab, self.kept = self.kept, None
        faults = []
        try:
            tab.until(lambda: tab.value("document.body.className==='stale'"), "the page to say that it is old", 60)
        except Refused as refused:
            faults.append(str(refused))
        tab.picture(os.path.join(self.out, "live-stale-1280-light-ko.png"))
        self.say("live page without its server", faults)
        tab.__exit__()
