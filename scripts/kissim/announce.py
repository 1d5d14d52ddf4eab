"""What the simulator says when it listens: one JSON line for a program, lines for a shell for a person."""

import json
import os
import shlex

HOST = "127.0.0.1"
SHELL = """\
# kis-sim listens; everything it sends is made up. In another shell:
unset REAL_APP_KEY REAL_APP_SECRET
%s
export KIS_REST_URL=%s KIS_WS_URL=%s
export KIS_TOKEN_CACHE_DIR="$(mktemp -d)" OBSERVER_MODE=SIM
# then one of
#   printf '005930\\n000660\\n' | kis-fetch --feed trades --feed book --duration 10
#   printf '005930\\n000660\\n' | observer run --watchlist - --feed trades --dir observer-sim --duration 10
# The records say mode SIM; keep them in an archive of their own. Ctrl-C ends kis-sim."""


def urls(ports):
    """{"rest_url": …, "ws_url": …} and "proxy_url", if there is one."""
    out = {"rest_url": "http://%s:%d" % (HOST, ports["rest"]), "ws_url": "ws://%s:%d" % (HOST, ports["ws"])}
    if "proxy" in ports:
        out["proxy_url"] = "http://%s:%d" % (HOST, ports["proxy"])
    return out


def machine(ports, clock):
    """The JSON line."""
    return json.dumps(dict(urls(ports), pid=os.getpid(), clock=clock.report()))


def shell(ports, made_up):
    """The lines for a shell. `made_up`: (key, secret) that may be shown, or None when they are the user's own."""
    keys = "# KIS_APP_KEY and KIS_APP_SECRET are those that kis-sim was given."
    if made_up:
        keys = "export KIS_APP_KEY=%s\nexport KIS_APP_SECRET=%s" % tuple(map(shlex.quote, made_up))
    at = urls(ports)
    return SHELL % (keys, at["rest_url"], at["ws_url"])
