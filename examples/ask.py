"""A question, a follow-up and their sources.

Run, while `yanbao serve` does: `python examples/ask.py "蓝色光标 2024 年的 EPS？" "那 2023 年呢？"`
"""

import argparse

from service.client import Client
from service.schemas import Turn


def main() -> None:
    """Asks one question after the other, as one conversation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="+", metavar="QUESTION")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", help="needed to read from another machine")
    options = parser.parse_args()
    history: list[Turn] = []
    with Client(options.url, options.key) as yanbao:
        for question in options.questions:
            answer = yanbao.ask(question, history)
            print(answer.answer)
            for source in answer.citations:
                print(f"  [{source.marker}] {source.broker} {source.published} {source.url}")
            history += [
                Turn(role="user", content=question),
                Turn(role="assistant", content=answer.answer[:8000]),
            ]


if __name__ == "__main__":
    main()
