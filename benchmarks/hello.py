"""A Gradio "hello world", the peer of ``app_start``: ``python benchmarks/hello.py PORT``."""

import os
import sys

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # as in app.py: no look-up at start in either

import gradio as gr


def greet(name: str) -> str:
    """Return the greeting."""
    return f"Hello {name}!"


demo = gr.Interface(fn=greet, inputs="textbox", outputs="textbox", api_name="predict")

if __name__ == "__main__":
    demo.launch(server_port=int(sys.argv[1]))
