"""Texts to click on in the Early exit tab: easy and hard ones, written for this project.

Those on opinions are chosen by ``benchmarks/examples.py``: an early exit gets the hard ones wrong,
and depth gets them right.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A text, or a pair, the answer that its writer meant, and whether it is a hard one."""

    texts: tuple[str, ...]
    answer: str
    hard: bool = False


_GOOD, _BAD = "positive", "negative"
_WARM = Example(("A warm, funny and beautifully acted film.",), _GOOD)
_AFRAID = Example(
    ("I was afraid it would break, but it works as on the first day.",), _GOOD, hard=True
)
_FILMS = (
    _WARM,
    Example(("The food was cold and the waiter was rude.",), _BAD),
    Example(
        ("Without its star this would be unbearable; with her it is a joy.",), _GOOD, hard=True
    ),
    Example(("It promises much and keeps little.",), _BAD, hard=True),
    Example(("What could have been a mess is a small miracle.",), _GOOD, hard=True),
    _AFRAID,
)
_ENTAILS = (
    Example(("A dog is asleep on the sofa.", "An animal is sleeping."), "entailment"),
    Example(
        ("The museum closes at five on Sundays.", "One cannot visit it on a Sunday at six."),
        "entailment",
        hard=True,
    ),
)

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "reviews": _FILMS,
    "sst2": _FILMS,
    "sentiment": (
        _WARM,
        Example(("The soup was excellent and the bill was fair.",), _GOOD),
        Example(("A dream of a cast, and what a waste of it.",), _BAD, hard=True),
        Example(("I have seen it three times and would go again tomorrow.",), _GOOD, hard=True),
        Example(
            ("The director has done better work, and so has everybody else.",), _BAD, hard=True
        ),
        _AFRAID,
    ),
    "cola": (
        Example(("The children played in the garden all afternoon.",), "acceptable"),
        Example(("Garden the in played children the.",), "unacceptable"),
        Example(("What did you wonder who bought?",), "unacceptable", hard=True),
        Example(("The horse that was led past the barn stumbled.",), "acceptable", hard=True),
    ),
    "mrpc": (
        Example(
            (
                "The company opened three new shops in Oslo last year.",
                "Last year the company opened three new shops in Oslo.",
            ),
            "equivalent",
        ),
        Example(
            ("The mayor praised the new bridge.", "Two ferries collided in thick fog."),
            "not_equivalent",
        ),
        Example(
            (
                "Sales rose by 4 percent in the spring, the bank said.",
                "Sales fell by 4 percent in the spring, the bank said.",
            ),
            "not_equivalent",
            hard=True,
        ),
    ),
    "qqp": (
        Example(("How do I boil an egg?", "What is the way to boil an egg?"), "duplicate"),
        Example(("How do I boil an egg?", "Why is the sky blue?"), "not_duplicate"),
        Example(
            ("How do I get from Rome to Naples?", "How do I get from Naples to Rome?"),
            "not_duplicate",
            hard=True,
        ),
    ),
    "stsb": (
        Example(("A man is playing a flute.", "A man plays the flute."), "5"),
        Example(("A man is playing a flute.", "The train was late again."), "0"),
        Example(("A man is playing a flute.", "A man is not playing a flute."), "2", hard=True),
    ),
    "rte": (
        *_ENTAILS,
        Example(
            ("Nobody in the village had seen the fox.", "A fox was seen in the village."),
            "not_entailment",
            hard=True,
        ),
    ),
    "qnli": (
        Example(
            ("When was the tower finished?", "The tower was finished in 1889 after two years."),
            "entailment",
        ),
        Example(
            ("Who designed the tower?", "The tower was finished in 1889 after two years."),
            "not_entailment",
            hard=True,
        ),
    ),
    "mnli": (
        *_ENTAILS,
        Example(("A dog is asleep on the sofa.", "The dog is chasing a cat."), "contradiction"),
        Example(
            ("Some of the guests left before midnight.", "Some of the guests stayed."),
            "neutral",
            hard=True,
        ),
    ),
}
