"""What the client scripts share: their arguments, one time limit, and verdicts as JSON lines on standard output.

A script plays one scenario, named by its first argument. It prints {"step": ...} when something that the server had to do has
happened, and {"failed": ...} with exit code 1 when it has not. The test reads the lines and holds them against what it expects.
"""

import argparse
import asyncio
import json
import os
import sys
import traceback

LIMIT = 60
LONG = {"archive": 240}


def step(name, **facts):
    """Says that a step was reached."""
    print(json.dumps({"step": name, **facts}), flush=True)


def check(condition, problem):
    """Ends the scenario when something that must hold does not."""
    if not condition:
        raise AssertionError(problem)


async def within(seconds, awaited, waiting_for):
    """Waits for one event, and names it when it does not come."""
    try:
        return await asyncio.wait_for(awaited, seconds)
    except asyncio.TimeoutError:
        raise AssertionError(f"{waiting_for}: nothing after {seconds} s") from None


async def next_line():
    """Waits for the test to say the next word on standard input."""
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return line.rstrip("\n")


def arguments(scenarios):
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario", choices=sorted(scenarios))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--tls-port", type=int)
    parser.add_argument("--url")
    parser.add_argument("--certificate", help="PEM file with the only certificate to trust")
    parser.add_argument("--jid", help="the first account")
    parser.add_argument("--password")
    parser.add_argument("--peer", help="the second account")
    parser.add_argument("--peer-password")
    parser.add_argument("--screenshots", help="folder to leave pictures in")
    return parser.parse_args()


def play(scenarios):
    """Plays the scenario that the command line names; a scenario is a plain or an async function of the arguments."""
    args = arguments(scenarios)
    scenario = scenarios[args.scenario]
    try:
        if asyncio.iscoroutinefunction(scenario):
            asyncio.run(asyncio.wait_for(scenario(args), LONG.get(args.scenario, LIMIT)))
        else:
            scenario(args)
    except BaseException as problem:  # whatever it is, the test must hear it
        traceback.print_exc()
        print(json.dumps({"failed": str(problem) or type(problem).__name__}), flush=True)
        code = 1
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a thread that still waits for standard input, or a library's own, must not keep the program
