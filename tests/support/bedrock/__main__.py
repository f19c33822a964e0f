"""The fake by hand: `python -m tests.support.bedrock`, with the environment to set on its first lines."""

import argparse
import signal
import sys

from tests.support.bedrock.fake import ACCESS_KEY, SECRET_KEY, fake_bedrock


def main() -> None:
    """Serve until a signal says that it is enough."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.bedrock", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on which to listen; any that is free unless given")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--s3-endpoint", help="the store that media are read from and results written to")
    parser.add_argument("--access-key", default=ACCESS_KEY, help="of the caller, and of the store")
    parser.add_argument("--secret-key", default=SECRET_KEY)
    given = parser.parse_args()
    enough = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, enough)  # before there are threads, so that none of them takes it
    with fake_bedrock(
        s3_endpoint=given.s3_endpoint,
        access_key=given.access_key,
        secret_key=given.secret_key,
        region=given.region,
        port=given.port,
    ) as fake:
        for name, value in fake.environment.items():
            sys.stdout.write(f"export {name}={value}\n")
        sys.stdout.flush()
        signal.sigwait(enough)


if __name__ == "__main__":
    main()
