"""A script written for the classic runs unchanged, in a process where only ``install`` was called before it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import autogen
from autogen import AssistantAgent, UserProxyAgent, config_list_from_json
from autogen.coding import LocalCommandLineCodeExecutor

config_list = config_list_from_json("OAI_CONFIG_LIST", filter_dict={"tags": ["cheap"]})
assistant = AssistantAgent("assistant", llm_config={"config_list": config_list, "cache_seed": 41, "temperature": 0})
executor = LocalCommandLineCodeExecutor(work_dir="coding")
user_proxy = UserProxyAgent(
    name="user_proxy",
    human_input_mode="NEVER",
    max_consecutive_auto_reply=3,
    is_termination_msg=lambda x: x.get("content", "").rstrip().endswith("TERMINATE"),
    code_execution_config={"executor": executor},
)
result = user_proxy.initiate_chat(assistant, message="What is 6 times 7? Use code.", summary_method="last_msg", max_turns=3)
executed = [message["content"] for message in result.chat_history if message["content"].startswith("exitcode: 0")]
print("RESULT", len(result.chat_history), executed)
print(autogen.gather_usage_summary([assistant])["usage_including_cached_inference"]["total_cost"])
"""
ANSWER = "Let me compute it.\n```python\nprint(6 * 7)\n```"

SERVER = """
import http.server, json, sys

class Model(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        done = any("exitcode: 0" in str(message["content"]) for message in body["messages"])
        text = "It is 42. TERMINATE" if done else ANSWER
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
                 "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}],
                 "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\\n\\ndata: [DONE]\\n\\n")

    def log_message(self, *args): ...

server = http.server.HTTPServer(("127.0.0.1", 0), Model)
print(server.server_port, flush=True)
server.serve_forever()
"""


def test_an_old_script_runs_unchanged(tmp_path: Path) -> None:
    (tmp_path / "old_script.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-c", f"ANSWER = {ANSWER!r}\n{SERVER}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
            listed = [{"model": "m", "base_url": url, "api_key": "k", "tags": ["cheap"], "price": [0.001, 0.001]}]
            run = "import autogen_jupyter.classic as c, runpy; c.install(); runpy.run_path('old_script.py')"
            done = subprocess.run(
                [sys.executable, "-c", run],
                cwd=tmp_path,
                env={**os.environ, "OAI_CONFIG_LIST": json.dumps(listed), "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            server.kill()
    assert done.returncode == 0, done.stderr
    assert "RESULT 4 ['exitcode: 0 (execution succeeded)\\nCode output: 42']" in done.stdout
    assert done.stdout.rstrip().endswith("1e-05")
    assert (tmp_path / "coding").is_dir()
