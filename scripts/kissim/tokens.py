"""Access tokens and approval keys, with KIS's rules of issue."""

import secrets
import time
import uuid


class Token:
    """One access token of one app key. Times are monotonic seconds except `expires`."""

    def __init__(self, app_key, born, expires, life):
        # KIS tokens are JWTs of up to 350 characters; only length and alphabet matter here.
        self.text = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9." + secrets.token_urlsafe(160) + "." + (
            secrets.token_urlsafe(48)
        )
        self.app_key = app_key
        self.born = born
        self.dies = born + life
        self.expires = expires
        self.spoiled = 0  # answers EGW00123 so many more times; -1 until a new token is issued


class Refused(Exception):
    """An issue that KIS would refuse; `args` = (error_code, error_description)."""


class TokenDesk:
    """Issues tokens and approval keys for the accepted app key and secret pairs."""

    def __init__(self, clock, pairs, floor, same, life):
        self.clock = clock
        self.pairs = dict(pairs)
        self.floor, self.same, self.life = floor, same, life
        self.current = {}
        self.by_text = {}
        self.last_issue = {}
        self.approvals = {}
        self.token_calls = self.tokens_issued = self.token_refusals = self.approvals_issued = 0

    def check_pair(self, key, secret):
        """Raises Refused for a missing or wrong app key or secret."""
        if not isinstance(key, str) or not key:
            raise Refused("EGW00102", "AppKey는 필수입니다.")
        if not isinstance(secret, str) or not secret:
            raise Refused("EGW00104", "AppSecret은 필수입니다.")
        if key not in self.pairs:
            raise Refused("EGW00103", "유효하지 않은 AppKey입니다.")
        if not secrets.compare_digest(self.pairs[key].encode(), secret.encode("utf-8", "replace")):
            raise Refused("EGW00105", "유효하지 않은 AppSecret입니다.")

    def token(self, key, secret):
        """The answer body of /oauth2/tokenP."""
        self.token_calls += 1
        self.check_pair(key, secret)
        now = time.monotonic()
        if key in self.last_issue and now - self.last_issue[key] < self.floor:
            self.token_refusals += 1
            raise Refused("EGW00133", "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)")
        self.last_issue[key] = now
        held = self.current.get(key)
        if held is None or held.spoiled or now - held.born >= self.same or now >= held.dies:
            held = Token(key, now, self.clock.now() + self.life, self.life)
            self.current[key] = held
            self.by_text[held.text] = held
            self.tokens_issued += 1
            for text in [t for t, old in self.by_text.items() if now >= old.dies + 3600]:
                del self.by_text[text]
        return {
            "access_token": held.text,
            "access_token_token_expired": self.clock.readable(held.expires),
            "token_type": "Bearer",
            "expires_in": int(self.life),
        }

    def check_token(self, text, key):
        """None when the token is good for `key`, else (msg_cd, msg1)."""
        held = self.by_text.get(text)
        if held is None or held.app_key != key:
            return "EGW00121", "유효하지 않은 token 입니다."
        if held.spoiled > 0:
            held.spoiled -= 1
            return "EGW00123", "기간이 만료된 token 입니다."
        if held.spoiled or time.monotonic() >= held.dies:
            return "EGW00123", "기간이 만료된 token 입니다."
        return None

    def spoil(self, answers):
        """Expires every issued token (for so many answers; -1: for good) and lifts the floor.

        A token that dies of age was issued a day ago, so the floor would be long over.
        """
        for held in self.by_text.values():
            held.spoiled = answers
        self.last_issue.clear()

    def revoke(self, key):
        """Accepts an app key no more."""
        self.pairs.pop(key, None)
        self.current.pop(key, None)
        self.by_text = {text: held for text, held in self.by_text.items() if held.app_key != key}
        self.approvals = {text: entry for text, entry in self.approvals.items() if entry[0] != key}

    def approval(self, key, secret):
        """The answer body of /oauth2/Approval."""
        self.check_pair(key, secret)
        text = str(uuid.uuid4())
        now = time.monotonic()
        for old in [k for k, (_, born) in self.approvals.items() if now - born > 86400]:
            del self.approvals[old]
        self.approvals[text] = (key, now)
        self.approvals_issued += 1
        return {"approval_key": text}

    def app_key_of(self, approval):
        """The app key an approval key of the last 24 hours belongs to, or None."""
        entry = self.approvals.get(approval)
        if entry is None or time.monotonic() - entry[1] > 86400:
            return None
        return entry[0]
