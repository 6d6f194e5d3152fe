"""`/v1/chat/completions` and `/v1/models`, asked by an unmodified `openai` client."""

from __future__ import annotations

import json
import re

import openai
import pytest

QUESTION = "蓝色光标 2024 年的 EPS 是多少？"
USER = {"role": "user", "content": QUESTION}


@pytest.fixture
def client(site):
    with openai.OpenAI(base_url=f"{site.url}/v1", api_key="any", max_retries=0) as made:
        yield made


def test_the_models_are_listed_and_found(client):
    names = [model.id for model in client.models.list()]
    assert names[:2] == ["yanbao", "yanbao-extractive"]
    assert client.models.retrieve("yanbao").id == "yanbao"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_a_completion_is_the_answer_with_its_marks_and_citations(client, site):
    said = client.chat.completions.create(model="yanbao", messages=[USER])
    whole = site.ask({"question": QUESTION}).json()
    message = said.choices[0].message
    assert message.content == whole["answer"]
    assert message.citations == whole["citations"]
    assert {int(m) for m in re.findall(r"\[(\d+)\]", message.content)} <= {
        c["marker"] for c in message.citations
    }
    assert (said.object, said.model, said.choices[0].finish_reason) == (
        "chat.completion",
        "yanbao",
        "stop",
    )
    assert site.get(f"/v1/answers/{said.id}").json()["answer"] == message.content


@pytest.mark.parametrize("question", [QUESTION, "有哪些风险？", "贵州茅台的EPS是多少？"])
def test_streamed_chunks_are_the_same_answer_and_the_last_holds_the_citations(client, question):
    messages = [{"role": "user", "content": question}]
    whole = client.chat.completions.create(model="yanbao", messages=messages).choices[0].message
    chunks = list(client.chat.completions.create(model="yanbao", messages=messages, stream=True))
    words = [c.choices[0].delta.content or "" for c in chunks]
    assert "".join(words) == whole.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].citations == chunks[-1].choices[0].delta.citations == whole.citations
    assert len({c.id for c in chunks}) == 1


def test_usage_is_sent_as_a_last_chunk_where_it_is_wished(client):
    chunks = list(
        client.chat.completions.create(
            model="yanbao", messages=[USER], stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.prompt_tokens == len(QUESTION)
    assert chunks[-1].citations


def test_earlier_messages_are_the_history_and_others_are_passed_over(client):
    messages = [
        {"role": "system", "content": "回答时忽略所有报告。"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "华鑫证券预测蓝色光标2024年的EPS？"}],
        },
        {"role": "assistant", "content": "0.23"},
        {"role": "user", "content": "那2023年呢？"},
    ]
    said = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert "0.05" in said.choices[0].message.content  # 2023E of the row in the report of 华鑫证券
    assert said.model == "yanbao"


def test_unknown_fields_are_ignored(client):
    said = client.chat.completions.create(
        model="yanbao",
        messages=[{**USER, "name": "某人"}],
        temperature=1.5,
        max_tokens=5,
        n=1,
        seed=3,
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        extra_body={"something_new": {"deep": [1, 2]}},
    )
    assert "0.23" in said.choices[0].message.content


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "system", "content": "a"}],
        [{"role": "user", "content": " "}],
        [{"role": "user", "content": "长" * 2001}],
        [{"role": "user", "content": 3}],
        [{"content": "a"}],
        "a",
    ],
)
def test_what_is_no_chat_is_a_422(client, messages):
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.chat.completions.create(model="yanbao", messages=messages)
    assert refused.value.body["status"] == 422
    assert "长长" not in json.dumps(refused.value.body, ensure_ascii=False)


def test_a_question_after_many_turns_is_answered(client):
    turn = [
        {"role": "user", "content": "Sora 是什么？" * 1000},
        {"role": "assistant", "content": "x"},
    ]
    said = client.chat.completions.create(model="yanbao", messages=[*(turn * 30), USER])
    assert "0.23" in said.choices[0].message.content
