"""What a model is shown of a long history: transforms that change a copy of it before each reply."""

from .base import MessageTransform, TransformMessages
from .compaction import CompactHistory
from .compressor import TextMessageCompressor
from .content_name import TextMessageContentName
from .history_limiter import MessageHistoryLimiter
from .token_limiter import MessageTokenLimiter

__all__ = [
    "CompactHistory",
    "MessageHistoryLimiter",
    "MessageTokenLimiter",
    "MessageTransform",
    "TextMessageCompressor",
    "TextMessageContentName",
    "TransformMessages",
]
