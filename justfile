# Shortcuts for developers; `./spillway --help` has the rest.

lock := "uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links"
runtime := "--extra ingest --extra proxy --extra transcribe --extra nova --extra search --extra cli --extra local"

# Everything that CI runs
check:
    .ci/run

test *arguments:
    ./spillway test {{arguments}}

lint:
    ./spillway lint

format:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# Write the hashed locks anew from pyproject.toml; the smaller ones are parts of the larger, so that one version serves all
lock:
    {{lock}} {{runtime}} --extra test --extra bench -o requirements/bench.txt
    {{lock}} {{runtime}} --extra test -c requirements/bench.txt -o requirements/dev.txt
    {{lock}} {{runtime}} -c requirements/bench.txt -o requirements/local.txt

# Rewrite golden files and generated documents on purpose
golden:
    ./spillway test tests/shared --update-test-data
    .venv/bin/python -m shared.asyncapi
    .venv/bin/python -m services.search.openapi

# Twenty seeded rounds of chaos
chaos rounds="20":
    ./spillway test tests/chaos --chaos-rounds {{rounds}}

# Two thousand mutants of every container through the stages that look into files
fuzz rounds="2000":
    ./spillway test tests/fuzz -s --fuzz-rounds {{rounds}}

# Twenty thousand requests that schemathesis makes up from the description of the API, with an administrator's key; and without
schema examples="215":
    ./spillway test tests/services/search/test_schema.py -s --schema-examples {{examples}}
