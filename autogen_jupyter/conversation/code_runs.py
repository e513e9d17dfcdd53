"""The part of an agent that runs code which a function of the user's gives it, such as a tool."""

from __future__ import annotations

from collections.abc import Sequence

from ..code_blocks import CodeBlock, infer_language
from ..errors import UsageError
from ..portal import on_portal, run_sync
from ..replies.code import CodePolicy

__all__ = ["CodeRuns"]


class CodeRuns:
    """Runs code where the agent's replies run it, with the same state."""

    _code_policy: CodePolicy | None

    @property
    def name(self) -> str:
        raise NotImplementedError

    @on_portal
    async def a_execute_code_blocks(self, code_blocks: Sequence[CodeBlock | tuple[str, str]]) -> tuple[int, str]:
        """Run blocks of code in order, until one fails.

        In a chat they are shown, and approved by a person first where the chat asks for that.

        Args:
            code_blocks: each a pair of language and code, or a ``CodeBlock``. Without a language it is guessed.

        Returns:
            The exit code, and after an empty line what was printed (the error too).

        Raises:
            UsageError: the agent runs no code.

        Example:
            >>> from autogen_jupyter import UserProxyAgent
            >>> user = UserProxyAgent("user")
            >>> user.execute_code_blocks([("python", "print(6 * 7)")])
            (0, '\\n42')
        """
        result = await self._running().run(self.name, tuple(map(_as_block, code_blocks)))
        return result.exit_code, f"\n{result.output}"

    execute_code_blocks = run_sync(a_execute_code_blocks)

    @on_portal
    async def a_run_code(
        self,
        code: str,
        lang: str = "python",
        filename: str | None = None,
        timeout: float | None = None,
        work_dir: str | None = None,
        use_docker: object = None,
    ) -> tuple[int, str, None]:
        """Run a piece of code.

        Args:
            code: the code.
            lang: its language.
            filename: where to save it in the folder in which the agent's code runs; nothing is saved without a name.
            timeout: none: the agent's own holds.
            work_dir: none: the agent's own is used.
            use_docker: accepted; a kernel is always used.

        Returns:
            The exit code, what was printed (the error too), and None where the classic names a docker image.

        Raises:
            UsageError: the agent runs no code, or a timeout or folder is asked for.
        """
        for option, value in {"timeout": timeout, "work_dir": work_dir}.items():
            if value is not None:
                raise UsageError(f"run_code got {option}={value!r}; set that in the code_execution_config of {self.name} instead.")
        code = f"# filename: {filename}\n{code}" if filename else code
        result = await self._running().run(self.name, (_as_block((lang, code)),))
        return result.exit_code, result.output, None

    run_code = run_sync(a_run_code)

    def _running(self) -> CodePolicy:
        if self._code_policy is None:
            raise UsageError(
                f'{self.name} was made to run no code; make it with a code_execution_config, such as {{"work_dir": "coding"}}, to let it.'
            )
        return self._code_policy


def _as_block(given: CodeBlock | tuple[str, str]) -> CodeBlock:
    if isinstance(given, CodeBlock):
        language, code = given.language, given.code
    elif isinstance(given, (tuple, list)) and len(given) == 2:
        language, code = given
    else:
        raise UsageError(f'A code block is {given!r:.80}; it must be a pair of language and code, such as ("python", "print(1)").')
    return CodeBlock(language.lower() if language else infer_language(code), code)
