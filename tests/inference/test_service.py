"""The service that answers typed texts: what one client may ask, and when it stops."""

import asyncio

import pytest

from effexplorer import limits
from effexplorer.errors import UserError
from effexplorer.inference.answer import Answer
from effexplorer.inference.service import Client, ExitService


def an_answer(text):
    numbers = (1.0,)
    return Answer(
        text, "positive", 0, (1,), ("positive",), ((0.1, 0.9),), numbers, numbers, numbers,
        3, False, 0, True,
    )  # fmt: skip


def service(asked=None):
    def model(text, **_):
        if asked is not None:
            asked.append(text)
        return an_answer(text)

    return ExitService(lambda name: model)


def test_one_address_cannot_take_all_places():
    async def flood():
        ours = service()
        greedy = [ours.answer("m", ["x"] * 5, Client("1.1.1.1")) for _ in range(120)]
        other = ours.answer("m", ["y"], Client("2.2.2.2"))
        return await asyncio.gather(*greedy, other, return_exceptions=True)

    *greedy, other = asyncio.run(flood())
    refused = [answer for answer in greedy if isinstance(answer, UserError)]
    assert len(refused) == 120 - limits.MAX_WAITING_PER_ADDRESS
    assert "of one address" in str(refused[0])
    assert len(other) == 1


def test_places_are_free_again_afterwards():
    async def twice():
        ours = service()
        for _ in range(2):
            await asyncio.gather(
                *(
                    ours.answer("m", ["x"], Client("a"))
                    for _ in range(limits.MAX_WAITING_PER_ADDRESS)
                )
            )

    asyncio.run(twice())


@pytest.mark.parametrize("text", ["x" * 50_000, ("x" * 25_000, "y" * 25_000)])
def test_too_much_text_at_once_is_refused_before_any_work(text):
    asked = []
    with pytest.raises(
        UserError, match=r"together must have at most 60,000 characters; got 2,500,"
    ):
        asyncio.run(service(asked).answer("m", [text] * 50))
    assert asked == []


def test_nothing_more_is_computed_for_a_client_that_has_gone():
    asked = []
    client = Client("a")

    def model(text, **_):
        asked.append(text)
        client.gone = len(asked) == 2
        return an_answer(text)

    asyncio.run(ExitService(lambda name: model).answer("m", list("abcdef"), client))
    assert asked == ["a", "b"]
