"""Start the web app; also the entry point of a Hugging Face Space."""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import argparse

from effexplorer.jobs import open_queue
from effexplorer.records.store import open_store
from effexplorer.ui.page import make_page
from effexplorer.ui.shared.theme import make_head, make_theme

demo = make_page(open_store(), open_queue())


def main() -> None:
    """Serve the app at the address that the command line names."""
    parser = argparse.ArgumentParser(description="Open effexplorer in a browser.")
    host = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    parser.add_argument("--host", default=host, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860)")
    parser.add_argument("--open", action="store_true", help="open the app in a browser")
    options = parser.parse_args()
    demo.queue(max_size=200).launch(
        server_name=options.host,
        server_port=options.port,
        inbrowser=options.open,
        theme=make_theme(),
        head=make_head(),
        share=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        max_file_size="1kb",
    )


if __name__ == "__main__":
    main()
