"""Makes the made-up data of the templates: `python templates/make_data.py`. The same files on every machine."""

import csv
import datetime
import math
import random
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

THINGS = [
    "blender",
    "backpack",
    "lamp",
    "keyboard",
    "tent",
    "kettle",
    "jacket",
    "speaker",
    "chair",
    "watch",
    "camera",
    "mattress",
]
GOOD = [
    "works perfectly",
    "feels solid",
    "arrived early",
    "is worth every cent",
    "looks beautiful",
    "is easy to use",
    "never lets me down",
]
BAD = [
    "broke after a week",
    "feels cheap",
    "arrived late",
    "is a waste of money",
    "looks worn already",
    "is hard to use",
    "stopped working",
]
CLOSE_GOOD = ["would buy it again", "my family loves it", "highly recommended", "better than expected", "five stars"]
CLOSE_BAD = ["sent it back", "my family hates it", "stay away from it", "worse than expected", "one star"]
OPENINGS = ["The", "This", "Honestly, the", "After a month, the", "To be fair, the", "Bought as a gift, the"]


def reviews(count: int = 600) -> list[list[str]]:
    draw = random.Random(7)
    rows: dict[str, str] = {}
    while len(rows) < count:
        liked = len(rows) % 2 == 0
        mine, other = (GOOD, BAD) if liked else (BAD, GOOD)
        said = draw.choice(mine)
        if draw.random() < 0.3:
            said = f"{draw.choice(other)}, but it {said}"
        text = f"{draw.choice(OPENINGS)} {draw.choice(THINGS)} {said}"
        if draw.random() < 0.8:
            text += f". {draw.choice(CLOSE_GOOD if liked else CLOSE_BAD).capitalize()}"
        rows[text + "."] = "liked" if liked else "disliked"
    shuffled = [[text, opinion] for text, opinion in rows.items()]
    draw.shuffle(shuffled)
    return shuffled


def customers(count: int = 800) -> list[list[object]]:
    draw = random.Random(7)
    rows = []
    for number in range(count):
        plan = draw.choice(["basic", "basic", "plus", "family"])
        days = draw.randrange(30, 1800)
        fee = {"basic": 9.0, "plus": 19.0, "family": 29.0}[plan] + draw.randrange(0, 8)
        calls = min(9, int(draw.expovariate(0.6)))
        newsletter = draw.random() < 0.4
        pull = 1.1 * calls + 0.05 * fee - 0.0022 * days - 1.2 * newsletter + (0.8 if plan == "basic" else 0.0) - 1.2
        left = draw.random() < 1 / (1 + math.exp(-1.6 * pull))
        joined = datetime.date(2026, 1, 1) - datetime.timedelta(days=days)
        shown_fee = "" if draw.random() < 0.05 else f"{fee:.2f}"
        rows.append(
            [f"c{number:04d}", plan, shown_fee, calls, joined.isoformat(), str(newsletter).lower(), "yes" if left else "no"]
        )
    return rows


def write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main(folder: Path = FOLDER) -> None:
    write(folder / "text" / "reviews.csv", ["review", "opinion"], reviews())
    write(folder / "table" / "customers.csv", ["customer", "plan", "fee", "calls", "joined", "newsletter", "left"], customers())


if __name__ == "__main__":
    main()
