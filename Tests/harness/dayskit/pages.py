"""The numbers that the pages show: of a day's report and of the live page's board, read from their words."""
import html
import re


def number(text):
    return int(text.replace(",", ""))


def cells(row):
    """The texts of a row's cells, without tags and pictures."""
    row = re.sub(r"<svg.*?</svg>", "", row, flags=re.S)
    found = re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, flags=re.S)
    return [html.unescape(re.sub(r"<[^>]*>", " ", cell)).split() for cell in found]


def rows(page, table):
    body = page.split('<table class="%s"' % table, 1)[1].split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return [cells(row) for row in re.findall(r"<tr\b[^>]*>(.*?)</tr>", body, flags=re.S)]


def missing(words):
    """(trades, shares) of a sentence such as `29 trades · 1,060 shares; …`; 0 where it says none."""
    text = " ".join(words)
    found = re.search(r"([\d,]+) trades? · ([\d,]+) shares?(?! before)", text)
    return (number(found[1]), number(found[2])) if found else (0, 0)


class Report:
    """A day's page in English."""

    def __init__(self, page):
        self.condition = re.search(r'class="cond (\w+)"', page)[1]
        summary = re.search(r'<p class="sum">(.*?)</p>', page, flags=re.S)[1]
        summary = html.unescape(re.sub(r"<[^>]*>", "", summary))
        self.verified = number((re.search(r"([\d,]+) trades? verified", summary) or ["", "0"])[1])
        lost = re.search(r"Missing: ([\d,]+) trades?, ([\d,]+) shares?", summary)
        self.missed = (number(lost[1]), number(lost[2])) if lost else (0, 0)
        self.subjects = {}
        for name, _, _, archived, lacking in rows(page, "days"):
            shares = [number(word) for word in archived[2:] if word[0].isdigit()]  # all of them, or A / B
            self.subjects[name[-1], name[0]] = (shares[0], shares[-1], *missing(lacking))
        events = page.split('id="events"', 1)[1].split("</section>", 1)[0]
        self.events = [tuple(map(number, found)) for found in re.findall(
            r"([\d,]+) trades?, ([\d,]+) shares?, ([\d,]+) won missing", events)]
        self.event_text = events


def board(page):
    """{(venue, symbol): (trades archived, trades missing)} of the live page in English."""
    found = {}
    for name, _, _, archived, last in rows(page, "board"):
        trades = re.search(r"([\d,]+) trades?", " ".join(archived))
        lost = re.search(r"([\d,]+) trades? missing", " ".join(last))
        key = re.search(r"\b([0-9A-Z]\d{5,6})(?: (\w+))?$", name[-1])  # under its name where one is known
        found[key[2] or "KRX", key[1]] = (
            number(trades[1]) if trades else 0, number(lost[1]) if lost else 0)
    return found
