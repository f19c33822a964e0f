"""The process that fills a queue: the module of its jobs as argument, the bodies as a JSON list on stdin."""

import importlib
import json
import sys

if __name__ == "__main__":
    importlib.import_module(sys.argv[1]).enqueue(json.load(sys.stdin))
