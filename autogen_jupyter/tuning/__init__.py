"""Find the settings that answer best for the money, and see how well whole chats do: ``tune`` and ``evaluate``."""

from .evaluate import a_evaluate, evaluate
from .evaluation import Evaluation, EvaluationRow
from .tune import a_tune, tune
from .tune_result import Trial, TuneResult

__all__ = ["Evaluation", "EvaluationRow", "Trial", "TuneResult", "a_evaluate", "a_tune", "evaluate", "tune"]
