"""Error texts that repeat what the client said, secrets included (--echo-secrets)."""

import json


def rest(text, request):
    """`text` followed by every secret of a REST request."""
    said = {n: request.headers.get(n, "") for n in ("appkey", "appsecret", "authorization")}
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        said.update((n, body.get(n, "")) for n in ("appkey", "appsecret", "secretkey", "token"))
    return text + "".join(" %s=%s" % item for item in said.items() if item[1])


def control(payload, app_key, approval):
    """An answer to a registration; when it is a refusal its msg1 names the keys."""
    message = json.loads(payload)
    body = message.get("body") if isinstance(message, dict) else None
    if not isinstance(body, dict) or body.get("rt_cd") == "0":
        return payload
    body["msg1"] = "%s appkey=%s approval_key=%s" % (body["msg1"], app_key or "", approval or "")
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
