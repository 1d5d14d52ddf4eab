"""A headless Chromium, driven through its DevTools pipe."""
import base64
import collections
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 120


class Refused(Exception):
    """The browser did not do what it was told."""


class Browser:
    """Chromium with a profile of its own, gone afterwards."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="pages-profile-")
        read, self.write = os.pipe()
        self.read, write = os.pipe()

        def descriptors():
            # Out of the way first: one end may be 3 or 4 already.
            ours = [os.dup(end) for end in (read, write)]
            os.dup2(ours[0], 3)
            os.dup2(ours[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--no-first-run",
             "--force-color-profile=srgb", "--font-render-hinting=none", "--user-data-dir=" + self.profile, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=descriptors)
        os.close(read)
        os.close(write)
        self.number, self.rest, self.tabs = 0, b"", {}
        self.version = self.call("Browser.getVersion")["product"]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait()
        os.close(self.read)
        os.close(self.write)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, session=None, **params):
        """One command; its result."""
        self.number += 1
        body = {"id": self.number, "method": method, "params": params}
        if session:
            body["sessionId"] = session
        data = json.dumps(body).encode() + b"\0"
        while data:
            data = data[os.write(self.write, data):]
        number = self.number
        while True:
            message = self.take(PATIENCE)
            if message is None:
                raise Refused("%s: no answer within %d s" % (method, PATIENCE))
            if message.get("id") == number:
                if "error" in message:
                    raise Refused("%s: %s" % (method, message["error"]["message"]))
                return message["result"]

    def take(self, seconds):
        """The next message, None when none comes in time; events go to their tab as well."""
        end = time.monotonic() + seconds
        while b"\0" not in self.rest:
            if not select.select([self.read], [], [], max(0, end - time.monotonic()))[0]:
                return None
            data = os.read(self.read, 1 << 20)
            if not data:
                raise Refused("the browser has ended")
            self.rest += data
        text, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message and message.get("sessionId") in self.tabs:
            self.tabs[message["sessionId"]].note(message["method"], message["params"])
        return message

    def tab(self, width, dark=False, language="en", script=True):
        """An empty page of that width."""
        return Tab(self, width, dark, language, script)


class Tab:
    """One page, with what it said on the console and what it asked the network for."""

    def __init__(self, browser, width, dark, language, script):
        self.browser, self.width = browser, width
        self.console, self.requests, self.seen = [], [], collections.Counter()
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        browser.tabs[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900 if width > 500 else 844,
                  deviceScaleFactor=1 if width > 500 else 2, mobile=width <= 500)
        if not script:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        del self.browser.tabs[self.session]
        self.browser.call("Target.closeTarget", targetId=self.target)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def note(self, method, params):
        """An event of this page."""
        self.seen[method] += 1
        if method == "Runtime.consoleAPICalled":
            self.console.append(" ".join(str(word.get("value", word.get("description"))) for word in params["args"]))
        elif method == "Runtime.exceptionThrown":
            self.console.append(params["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            self.console.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def until(self, condition, what, seconds=PATIENCE):
        """Waits until the condition holds, taking the browser's messages meanwhile."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Refused("waited in vain for " + what)
            self.browser.take(0.05)

    def open(self, address):
        """Loads a page, to its end."""
        self.seen.clear()
        said = self.call("Page.navigate", url=address)
        if said.get("errorText"):
            raise Refused("%s: %s" % (address, said["errorText"]))
        self.until(lambda: self.seen["Page.loadEventFired"], address + " to load")

    def value(self, expression):
        """What a JavaScript expression gives, waited for where it is a promise."""
        said = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            detail = said["exceptionDetails"]
            raise Refused("%s: %s" % (expression[:60], detail.get("exception", {}).get("description", detail["text"])))
        return said["result"].get("value")

    def press(self, key, shift=False):
        """A key, down and up."""
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      modifiers=8 if shift else 0)

    def picture(self, path, clip=None):
        """The whole page as PNG, or a part of it (x, y, width, height in CSS pixels of the page); its bytes."""
        options = {"captureBeyondViewport": True}
        if clip is None:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = (0, 0, self.width, min(size["height"], 16000))
        options["clip"] = dict(zip(("x", "y", "width", "height"), clip), scale=1)
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"])
        if path:
            with open(path, "wb") as file:
                file.write(data)
        return data

    def printed(self, path):
        """The page as PDF, A4."""
        data = base64.b64decode(self.call("Page.printToPDF", printBackground=False, paperWidth=8.27, paperHeight=11.69)["data"])
        with open(path, "wb") as file:
            file.write(data)
