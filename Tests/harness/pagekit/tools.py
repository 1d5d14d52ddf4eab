"""What the pages are looked at with: a browser, a Korean font, axe-core, and a maker of pictures from PDF."""
import os
import shutil
import subprocess
import sys
import zipfile

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AXE = "axe-playwright-python"  # brings axe.min.js; the rest of it is not used


def installed(package):
    """Installs a Debian package; whether that went well."""
    if shutil.which("apt-get") is None:
        return False
    print("installing %s …" % package, flush=True)
    words = ["apt-get", "install", "-y", "-qq", package]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode:
        subprocess.run(["apt-get", "update", "-qq"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = subprocess.run(words, stdout=subprocess.DEVNULL)
    return done.returncode == 0


def program(names, package):
    """Where the first program of these names is, installed when there is none; else None."""
    for _ in range(2):
        for name in names:
            if path := shutil.which(name):
                return path
        if not installed(package):
            return None
    return None


def has_korean_font():
    """Whether Hangul has letters here, installed when it has none. Pictures without them say nothing."""
    for _ in range(2):
        found = subprocess.run(["fc-list", ":lang=ko", "file"], capture_output=True) if shutil.which("fc-list") else None
        if found and found.stdout.strip():
            return True
        if not installed("fonts-noto-cjk"):
            return False
    return False


def axe(folder):
    """The text of axe-core, from PyPI; None when it cannot be had."""
    path = os.path.join(folder, "axe.min.js")
    if not os.path.exists(path):
        print("installing %s …" % AXE, flush=True)
        words = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check", "-d", folder, AXE]
        if subprocess.run(words).returncode:
            return None
        for name in os.listdir(folder):
            if name.endswith(".whl"):
                with zipfile.ZipFile(os.path.join(folder, name)) as wheel, open(path, "wb") as file:
                    file.write(next(wheel.read(member) for member in wheel.namelist() if member.endswith("axe.min.js")))
    with open(path, encoding="utf-8") as file:
        return file.read()
