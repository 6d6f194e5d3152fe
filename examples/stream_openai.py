"""The answer as it is made, with the `openai` client and nothing of ours.

Run: `python examples/stream_openai.py "蓝色光标 2024 年的 EPS 是多少？"` while `yanbao serve` runs.
"""

import argparse
from typing import Any

import openai


def main() -> None:
    """Prints the words as they come, then the sources from the last chunk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", metavar="QUESTION")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--key", default="any word on this machine")
    options = parser.parse_args()
    client = openai.OpenAI(base_url=f"{options.url}/v1", api_key=options.key)
    chunks = client.chat.completions.create(
        model="yanbao",
        messages=[{"role": "user", "content": options.question}],
        stream=True,
    )
    citations: list[dict[str, Any]] = []
    for chunk in chunks:
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
            citations += getattr(choice.delta, "citations", None) or []
    print()
    for source in citations:
        print(f"  [{source['marker']}] {source['broker']} {source['published']} {source['url']}")


if __name__ == "__main__":
    main()
