"""Scenarios for Strophe.js over BOSH (XEP-0206), in a page that comes from elsewhere than the server, in headless Chromium."""

import os
import shutil
import tempfile

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from verdicts import check, play, step


class Strophe:
    """A browser with strophe.html in it."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        options = Options()
        options.binary_location = shutil.which("chromium")
        for flag in (
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + self.profile,
        ):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.browser.get("file://" + os.path.join(os.path.dirname(os.path.abspath(__file__)), "strophe.html"))

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if problem:
            print({"console": self.browser.get_log("browser"), "people": self.run("return JSON.stringify(Object.entries(people).map(([k, v]) => [k, v.statuses, v.got]))")}, flush=True)
        self.browser.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def run(self, script, *args):
        return self.browser.execute_script(script, *args)

    def until(self, script, what, seconds=30):
        try:
            WebDriverWait(self.browser, seconds, poll_frequency=0.05).until(lambda browser: browser.execute_script(script))
        except TimeoutException:
            raise AssertionError(f"{what}: not after {seconds} s") from None


def chat(args):
    """Two users chat; requests are cut in between; each message comes once and in order; then both leave."""
    with Strophe() as page:
        page.run("connect('alice', arguments[0], arguments[1], arguments[2])", args.url, args.jid, args.password)
        page.run("connect('bob', arguments[0], arguments[1], arguments[2])", args.url, args.peer, args.peer_password)
        for name in ("alice", "bob"):
            page.until(f"return people.{name}.statuses.includes('CONNECTED')", f"{name} is connected")
        step("connected")

        for i in range(20):
            page.run("say('alice', arguments[0], arguments[1])", args.peer, f"there & {i}")
            page.run("say('bob', arguments[0], arguments[1])", args.jid, f"back <{i}>")
        page.until("return people.bob.got.length >= 20 && people.alice.got.length >= 20", "the first messages")
        check(page.run("return people.bob.got") == [f"there & {i}" for i in range(20)], "bob's messages are not as they were sent")
        check(page.run("return people.alice.got") == [f"back <{i}>" for i in range(20)], "alice's messages are not as they were sent")
        step("chatted")

        cut = 0
        for i in range(5):
            cut += page.run("return cut('bob')")
            page.run("say('alice', arguments[0], arguments[1])", args.peer, f"again {i}")
            page.until(f"return people.bob.got.length >= {21 + i}", f"message {i} after the cut")
        check(cut > 0, "nothing was cut")
        check(page.run("return people.bob.got.slice(20)") == [f"again {i}" for i in range(5)], "messages were lost or doubled by the cut")
        step("recovered")

        for name in ("alice", "bob"):
            page.run(f"people.{name}.connection.disconnect()")
            page.until(f"return people.{name}.statuses.at(-1) === 'DISCONNECTED'", f"{name} is disconnected")
        step("left")


if __name__ == "__main__":
    play({f.__name__: f for f in (chat,)})
