"""Case H3: servers whose certificate is not good enough are refused before a byte of a request reaches them."""
import os
import ssl
import socket
import subprocess
import threading

from .box import Skip, need
from .cases import case
from .oracle import expect
from .simulated import environment


class Guard(threading.Thread):
    """A TLS server with one certificate; `got` is what clients sent it inside TLS."""

    def __init__(self, certificate, key):
        super().__init__(daemon=True)
        self.got = b""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return  # the case is over
            link.settimeout(5)
            try:
                with self.context.wrap_socket(link, server_side=True) as secured:
                    while b"}" not in self.got:
                        self.got += secured.recv(65536)
                    secured.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 43\r\nConnection: close\r\n\r\n"
                                    b'{"error_code":"EGW00103","error_text":"no"}')
            except OSError:
                link.close()  # the client has left: it did not like the certificate


def openssl(box, *words):
    done = subprocess.run(["openssl", *words], cwd=box.folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip("openssl %s: %s" % (words[0], done.stderr.strip()[-200:]))


def certificates(box):
    """Files of an authority and of certificates that it signed: a good one, one of another host, one that is over."""
    def pair(name, *words):
        openssl(box, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-subj", "/CN=" + name, *words)

    pair("ca", "-x509", "-out", "ca.crt", "-days", "2")
    pair("self", "-x509", "-out", "self.crt", "-days", "2", "-addext", "subjectAltName=DNS:localhost")
    for name, host, days in (("good", "localhost", "2"), ("other", "elsewhere.example", "2"),
                             ("over", "localhost", "-1")):
        pair(name, "-out", name + ".csr")
        with open(box.path("names"), "w") as file:
            file.write("subjectAltName=DNS:%s\n" % host)
        openssl(box, "x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                "-out", name + ".crt", "-days", days, "-extfile", "names")


def trusting(box, command):
    """The command where the authority is trusted: in a mount namespace of its own, as root; else None."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    if os.geteuid() != 0 or not os.path.exists(bundle):
        return None
    script = 'mount --bind "$0" %s && exec "$@"' % bundle
    return ["unshare", "--mount", "sh", "-c", script, box.path("ca.crt"), *command]


@case("H3", "TLS: self-signed, of another host, expired", "78, one line, no request reaches the server", quick=True)
def wrong_certificates(box):
    need("openssl")
    certificates(box)
    seen = []
    for name, reached in (("good", True), ("self", False), ("other", False), ("over", False)):
        guard = Guard(box.path(name + ".crt"), box.path(name + ".key"))
        command = [box.tool("kis-fetch"), "--once", "--retries", "1", "--time-scale", "0.01",
                   "--rest-url", "https://localhost:%d" % guard.port]
        trusted = trusting(box, command)
        if trusted is None and reached:
            continue  # only with the authority trusted does the good one show that the others are told from it
        done = subprocess.run(trusted or command, input="005930\n", capture_output=True, text=True, timeout=60,
                              env=environment(box.path("cache-" + name)))
        guard.listener.close()
        errors = [line for line in done.stderr.splitlines() if "| ERROR |" in line]
        expect(len(errors) == 1, "%s: %s" % (name, done.stderr[-400:]))
        if reached:
            expect(done.returncode == 77 and b"POST /oauth2/tokenP" in guard.got,
                   "good: %d %s" % (done.returncode, errors))
        else:
            expect(done.returncode == 78 and not guard.got, "%s: %d %s" % (name, done.returncode, errors))
            expect("TLS" in errors[0] and "nothing was sent" in errors[0], errors[0])
            seen.append(errors[0].rpartition("TLS: ")[2].partition(";")[0])
    return "; ".join(seen)
