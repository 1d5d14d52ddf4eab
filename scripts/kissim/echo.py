"""Texts that repeat what the client said, secrets included: errors with --echo-secrets, data with the fault echo-data."""

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


def frame(tr, records, app_key, approval):
    """A data frame with the keys behind the known fields of each record."""
    texts = ["%s^%s^%s" % (r.text, app_key or "", approval or "") for r in records]
    return ("0|%s|%03d|%s" % (tr, len(records), "^".join(texts))).encode("utf-8")


def quotes(body, request):
    """An answer with data whose rows repeat every secret of the request, in a member of its own and in the name."""
    answer = json.loads(body)
    rows = answer.get("output") or []
    for row in rows if isinstance(rows, list) else [rows]:
        row["echo"] = rest("", request).replace("Bearer ", "")
        row["inter_kor_isnm"] = request.headers.get("appkey", "")
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
