"""Scenarios for Converse.js, the page that the server serves at /chat/, in headless Chromium."""

import json
import os
import shutil
import tempfile
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as seen
from selenium.webdriver.support.ui import WebDriverWait

from verdicts import check, play, step

DESKTOP = (1280, 900)
PHONE = (390, 844)


class Page:
    """One browser with one page in it, on a profile of its own."""

    def __init__(self, args, size=DESKTOP):
        self.args = args
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        options = Options()
        options.binary_location = shutil.which("chromium")
        for flag in (
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en", "--user-data-dir=" + self.profile,
        ):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        self.browser = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        width, height = size
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE})
        self.requests = []
        self.browser.get(args.url)

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, trace):
        if problem:
            self.picture("failure")
            print(json.dumps({"console": self.browser.get_log("browser")}), flush=True)
        self.browser.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def find(self, css, seconds=20):
        """Waits until an element is there and visible."""
        try:
            return WebDriverWait(self.browser, seconds, poll_frequency=0.05).until(seen.visibility_of_element_located((By.CSS_SELECTOR, css)))
        except TimeoutException:
            raise AssertionError(f"{css}: not seen after {seconds} s") from None

    def read(self, css, text, seconds=20):
        """Waits until an element with that text is there."""
        try:
            WebDriverWait(self.browser, seconds, poll_frequency=0.05).until(
                lambda browser: any(text in element.text for element in browser.find_elements(By.CSS_SELECTOR, css)))
        except TimeoutException:
            raise AssertionError(f"{css}: no {text!r} after {seconds} s") from None

    def type(self, css, text, *keys):
        field = self.find(css)
        field.clear()
        field.send_keys(text, *keys)

    def picture(self, name):
        if self.args.screenshots:
            os.makedirs(self.args.screenshots, exist_ok=True)
            self.browser.save_screenshot(os.path.join(self.args.screenshots, name + ".png"))

    def log_in(self, jid, password):
        self.type("#converse-login-jid", jid)
        self.type("#converse-login-password", password, Keys.ENTER)
        self.find("converse-user-profile .profile")
        self.find("#converse-roster")

    def open_chat(self, jid):
        self.browser.execute_script("location.hash = arguments[0]", "converse/chat?jid=" + jid)
        return self.find("textarea.chat-textarea")

    def foreign_requests(self):
        """Addresses outside the server's own origin that the page asked for."""
        own = urlsplit(self.args.url).netloc
        for entry in self.browser.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                self.requests.append(event["params"]["request"]["url"])
            elif event["method"] == "Network.webSocketCreated":
                self.requests.append(event["params"]["url"])
        addresses = [urlsplit(url) for url in self.requests]
        return [url.geturl() for url in addresses if url.scheme in ("http", "https", "ws", "wss") and url.netloc != own]

    def complaints(self):
        """What the page wrote to the console at the level of an error."""
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]


def chat(args):
    """Two users say something to each other through /ws-xmpp."""
    with Page(args) as alice, Page(args, PHONE) as bob:
        check("Mozilla Public License" in alice.find("converse-footer").text, "the licence is not shown")
        check("Mozilla Public License" in bob.find("converse-footer").text, "the licence is not shown on a phone")
        alice.picture("log-in")
        bob.picture("log-in-phone")
        alice.log_in(args.jid, args.password)
        bob.log_in(args.peer, args.peer_password)
        step("logged in")

        alice.open_chat(args.peer).send_keys("Hello from the page", Keys.ENTER)
        alice.read(".chat-msg__text", "Hello from the page")
        bob.open_chat(args.jid)
        bob.read(".chat-msg__text", "Hello from the page")
        step("sent")

        bob.find("textarea.chat-textarea").send_keys("Thank you", Keys.ENTER)
        alice.read(".chat-msg__text", "Thank you")
        step("answered")
        alice.picture("chat")
        bob.picture("chat-phone")

        for page in (alice, bob):
            check(not (foreign := page.foreign_requests()), f"asked elsewhere: {foreign}")
            check(any(url.endswith("/ws-xmpp") for url in page.requests), f"no WebSocket among {page.requests}")
            check(not (complaints := page.complaints()), f"console: {complaints}")
        step("nothing asked elsewhere")


def chat_over_bosh(args):
    """Two users say something to each other where no WebSocket is let through."""
    with Page(args) as alice, Page(args) as bob:
        alice.log_in(args.jid, args.password)
        bob.log_in(args.peer, args.peer_password)
        step("logged in")

        alice.open_chat(args.peer).send_keys("Hello by requests", Keys.ENTER)
        bob.open_chat(args.jid)
        bob.read(".chat-msg__text", "Hello by requests")
        step("sent")

        bob.find("textarea.chat-textarea").send_keys("Thank you", Keys.ENTER)
        alice.read(".chat-msg__text", "Thank you")
        step("answered")

        for page in (alice, bob):
            check(not (foreign := page.foreign_requests()), f"asked elsewhere: {foreign}")
            check(any(url.endswith("/http-bind") for url in page.requests), f"no BOSH among {page.requests}")
        step("by requests alone")


def register(args):
    """Somebody without an account makes one on the page."""
    with Page(args) as page:
        page.find("converse-login-form")
        page.browser.execute_script("location.hash = 'converse/register'")
        localpart, domain = args.jid.split("@")
        if not page.browser.find_elements(By.CSS_SELECTOR, "#converse-register input[name=username]"):
            provider = page.browser.find_elements(By.CSS_SELECTOR, "#converse-register input[name=domain]")
            if provider:
                page.type("#converse-register input[name=domain]", domain, Keys.ENTER)
        page.find("#converse-register input[name=username]")
        page.picture("register")
        step("form")

        page.type("#converse-register input[name=username]", localpart)
        page.type("#converse-register input[name=password]", args.password, Keys.ENTER)
        page.find("converse-user-profile .profile")
        page.find("#converse-roster")
        step("logged in")


def receive(args):
    """Stays on the page and says the message that comes from the peer, then answers it."""
    with Page(args) as page:
        page.log_in(args.jid, args.password)
        page.open_chat(args.peer)
        step("online")
        page.read(".chat-msg__text", "to the page", seconds=50)
        step("message", body=page.find(".chat-msg__text").text)
        page.find("textarea.chat-textarea").send_keys("Hello from the page", Keys.ENTER)
        page.read(".chat-msg__text", "Hello from the page")
        step("answered")


if __name__ == "__main__":
    play({f.__name__: f for f in (chat, chat_over_bosh, register, receive)})
