"""A worker that ends in the middle of each request."""

import os

from shared.worker_process.frames import answer_requests

if __name__ == "__main__":
    answer_requests(lambda _: os._exit(1))
