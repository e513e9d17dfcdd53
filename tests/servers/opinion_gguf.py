"""Write a model file for llama.cpp that says whether a review is positive or negative, and is not always right.

It is made as in ``scripted_gguf``. The chat template sees which reviews are hard and whether the prompt asks for a reason; from there the
weights leave it to chance, and so to the temperature, which of two words comes. A reason costs tokens and makes the answer better.
"""

from __future__ import annotations

from pathlib import Path

from gguf import TokenType

from .scripted_gguf import pieces, vocabulary, write_chain

REASONS = {
    "easy-positive": "The reviewer is plainly pleased. Verdict: ",
    "easy-negative": "The reviewer is clearly annoyed. So it is: ",
    "hard-positive": "There is a complaint at first, and then it is taken back; what comes last weighs more. My verdict is: ",
    "hard-negative": "It begins with praise that is not meant, or not the point; the end decides here. I would therefore say: ",
}
TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- set said = messages[-1].content | lower %}
{%- set how = 'reason' if 'why' in said or 'reason' in said else 'terse' %}
{%- set kind = 'hard' if ' but ' in said or 'at least' in said else 'easy' %}
{%- set liked = ['good', 'great', 'love', 'worth', 'again', 'perfect'] %}
{%- set found = namespace(yes=false) %}
{%- for word in liked %}{%- if word in said.split('review:')[-1].split(' but ')[-1] %}{%- set found.yes = true %}{%- endif %}{%- endfor %}
{{- '<|' + how + '-' + kind + '-' + ('positive' if found.yes else 'negative') + '|>' }}
{%- endif %}"""


def write_opinion_gguf(path: Path, *, skill: float) -> None:
    """Write the model; ``skill`` is the logarithm of the odds that it is right about a hard review when it gives no reason."""
    tokens, types, end = vocabulary()
    follows: dict[int, int] = {}
    doubts: dict[int, tuple[int, float]] = {}

    def add(text: str, kind: TokenType) -> int:
        tokens.append(text)
        types.append(kind)
        return len(tokens) - 1

    words = {word: add(word, TokenType.USER_DEFINED) for word in ("positive", "negative")}
    follows.update(dict.fromkeys(words.values(), end))
    for name, reason in REASONS.items():
        kind, right = name.split("-")
        other = next(token for word, token in words.items() if word != right)
        for how in ("terse", "reason"):
            last = add(f"<|{how}-{name}|>", TokenType.CONTROL)
            for piece in pieces(reason, set(tokens)) if how == "reason" else ():
                follows[last] = last = add(piece, TokenType.USER_DEFINED)
            follows[last] = words[right]
            doubts[last] = (other, -skill - (3.0 if kind == "easy" else 1.6 if how == "reason" else 0.0))
    write_chain(path, tokens, types, follows, end, template=TEMPLATE, doubts=doubts)
