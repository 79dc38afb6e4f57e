"""Start the web app; also the entry point of a Hugging Face Space."""

import os
import signal
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import argparse

from starlette.middleware import Middleware

from effexplorer.jobs import open_queue
from effexplorer.records.store import open_store
from effexplorer.ui.lessons.worksheet import worksheet_routes
from effexplorer.ui.page import make_page
from effexplorer.ui.server.clients import Clients
from effexplorer.ui.server.exports import export_routes
from effexplorer.ui.server.upload_routes import upload_routes
from effexplorer.ui.shared.operator_pages import page_routes
from effexplorer.ui.shared.theme import make_head, make_theme
from effexplorer.ui.shared.visibility import VisibleStore
from effexplorer.ui.teacher.view import PATH, new_token, teacher_routes

store, queue = open_store(VisibleStore), open_queue()
demo = make_page(store, queue)


def main() -> None:
    """Serve the app at the address that the command line names."""
    parser = argparse.ArgumentParser(description="Open effexplorer in a browser.")
    host = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    parser.add_argument("--host", default=host, help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860)")
    parser.add_argument("--open", action="store_true", help="open the app in a browser")
    parser.add_argument("--uploads", action="store_true", help="take files of those who visit")
    options = parser.parse_args()
    local = options.host in ("127.0.0.1", "localhost", "::1")
    uploads = options.uploads or local
    token = new_token()
    print(f"A teacher's view of the queue: add {PATH}#token={token} to the address.")
    threading.Thread(target=store.runs, daemon=True).start()  # the first page asks for them
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
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
        max_file_size="1kb",  # by Gradio's own way, which nothing here uses
        app_kwargs={
            "middleware": [Middleware(Clients, local=local)],
            "routes": [
                *teacher_routes(store, queue, token),
                *page_routes(),
                *worksheet_routes(),
                *export_routes(store),
                *upload_routes(allowed=uploads),
            ],
        },
    )
    running = [job.id for job in queue.jobs() if not job.finished]
    queue.close()
    if running:
        told = f"Runs that go on, and that the next start finds: {', '.join(running)}."
        print(told, file=sys.stderr)


if __name__ == "__main__":
    main()
