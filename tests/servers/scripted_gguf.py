"""Write a model file for llama.cpp whose answers are known, without downloading one.

The vocabulary holds one token for each piece of each scripted answer. One layer does nothing; the embedding is the identity, and
the output matrix gives every token one certain successor, so that the model is a chain. Where a chain begins is decided by
the chat template, which ends the prompt with the start token of one answer. The rest is a real server with someone else's code:
tokeniser, template, grammar, tool-call parser, event stream, token counts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import gguf
import numpy as np
from gguf import TokenType

CODE = """\
I will look at the numbers and plot them.
```python
import matplotlib.pyplot as plt

values = [3, 1, 4, 1, 5, 9, 2, 6]
print("count:", len(values))
print("mean:", sum(values) / len(values))
plt.bar(range(len(values)), values)
plt.title("Values")
plt.show()
```
"""
SUMMARY = "The code ran. There are 8 values with a mean of 3.875, and the plot shows each of them.\nTERMINATE"
CHAT = "Hello from a real llama.cpp server."
TOOL_CALL = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}\n</tool_call>'
TOOL_DONE = "The tool has answered; that is all I needed. TERMINATE"
TYPED = '{"city": "Paris", "days": 3}'
LONG = " ".join(f"number {n}," for n in range(400)) + " and so on."
ANSWERS = {"code": CODE, "summary": SUMMARY, "chat": CHAT, "call": TOOL_CALL, "done": TOOL_DONE, "typed": TYPED, "long": LONG}

TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}{{- message.content }}{% endif %}
{%- for call in message.tool_calls or [] %}
{{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if tools %}
{{- '<|im_start|>system\\nTools: ' + (tools | tojson) + '<|im_end|>\\n' }}
{%- endif %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- set last = messages[-1] %}
{%- set said = (last.content or '') | lower %}
{%- if last.role == 'tool' %}{{- '<|done|>' }}
{%- elif tools and 'weather' in said %}{{- '<|call|>' }}
{%- elif said.startswith('exitcode: 0') %}{{- '<|summary|>' }}
{%- elif 'as json' in said %}{{- '<|typed|>' }}
{%- elif 'count to' in said %}{{- '<|long|>' }}
{%- elif 'data' in said or 'plot' in said or 'analy' in said or '.csv' in said %}{{- '<|code|>' }}
{%- else %}{{- '<|chat|>' }}{%- endif %}
{%- endif %}"""

_END = "<|im_end|>"
_PIECE = 9


def write_scripted_gguf(path: Path) -> None:
    """Write the model to ``path``; it takes less than a second and a few megabytes."""
    tokens, types, end = vocabulary()
    follows: dict[int, int] = {}
    for name, answer in ANSWERS.items():
        tokens.append(f"<|{name}|>")
        types.append(TokenType.CONTROL)
        last = len(tokens) - 1
        for piece in pieces(answer, set(tokens)):
            tokens.append(piece)
            types.append(TokenType.USER_DEFINED)
            follows[last] = last = len(tokens) - 1
        follows[last] = end
    write_chain(path, tokens, types, follows, end)


def vocabulary() -> tuple[list[str], list[TokenType], int]:
    """Return what every model here begins with: tokens for all bytes and the special ones, and where the last of these is."""
    tokens = [_visible(byte) for byte in range(256)] + ["ab"]
    types = [TokenType.NORMAL] * len(tokens)
    for special in ("<|endoftext|>", "<|im_start|>", _END):
        tokens.append(special)
        types.append(TokenType.CONTROL)
    return tokens, types, tokens.index(_END)


def pieces(answer: str, taken: set[str]) -> list[str]:
    """Cut an answer into pieces that no other token has: texts must be unique, or the tokeniser takes one for another."""
    if not answer:
        return []
    for size in sorted(range(1, 2 * _PIECE), key=lambda size: abs(size - _PIECE)):
        piece = answer[:size]
        if piece not in taken:
            rest = pieces(answer[size:], taken | {piece})
            if rest or size >= len(answer):
                return [piece, *rest]
    return []


def _visible(byte: int) -> str:
    """The byte alphabet of GPT-2: printable bytes stand for themselves, the others are moved above 255."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in printable:
        return chr(byte)
    return chr(256 + [other for other in range(256) if other not in printable].index(byte))


Doubts = Mapping[int, tuple[int, float]]
"""For a token another that may follow it, and how much more likely it is than the usual one: the logarithm of the odds."""


def write_chain(
    path: Path,
    tokens: list[str],
    types: list[TokenType],
    follows: dict[int, int],
    end: int,
    *,
    template: str = TEMPLATE,
    doubts: Doubts = MappingProxyType({}),
) -> None:
    """Write a chain of tokens as a model."""
    width, hidden, heads = -(-len(tokens) // 64) * 64, 32, 2
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("scripted")
    writer.add_context_length(32768)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(width // heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([int(kind) for kind in types])
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_pad_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(end)
    writer.add_add_bos_token(False)
    writer.add_chat_template(re.sub(r"\n(?=\{)", "", template))
    tensors = _tensors(len(tokens), width, hidden, follows, end)
    for token, (other, odds) in doubts.items():  # the norm before the output makes one-hot vectors as long as the root of the width
        tensors["output.weight"][other, token] = 10.0 + odds / math.sqrt(width)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(vocabulary: int, width: int, hidden: int, follows: dict[int, int], end: int) -> dict[str, np.ndarray]:
    embedding = np.zeros((vocabulary, width), np.float32)
    output = np.zeros((vocabulary, width), np.float32)
    for token in range(vocabulary):
        embedding[token, token] = 1.0
        output[follows.get(token, end), token] = 10.0
    nothing = np.zeros((width, width), np.float32)
    ones = np.ones(width, np.float32)
    return {
        "token_embd.weight": embedding,
        "output_norm.weight": ones,
        "output.weight": output,
        "blk.0.attn_norm.weight": ones,
        **{f"blk.0.attn_{part}.weight": nothing for part in ("q", "k", "v", "output")},
        "blk.0.ffn_norm.weight": ones,
        "blk.0.ffn_gate.weight": np.zeros((hidden, width), np.float32),
        "blk.0.ffn_up.weight": np.zeros((hidden, width), np.float32),
        "blk.0.ffn_down.weight": np.zeros((width, hidden), np.float32),
    }
