"""Scenarios for Converse.js, the page that the server serves at /chat/, in headless Chromium."""

import json
import os
import shutil
import sys
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
            for frame in self.frames()[-10:]:
                print(frame, file=sys.stderr, flush=True)
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

    def scroll_to(self, css, text, seconds=20):
        """Scrolls up, where the page shows only what is seen, until an element with that text is there."""
        def is_there(browser):
            browser.execute_script("document.querySelector(arguments[0])?.scrollIntoView()", css)
            return any(text in element.text for element in browser.find_elements(By.CSS_SELECTOR, css))

        try:
            WebDriverWait(self.browser, seconds, poll_frequency=0.1).until(is_there)
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

    def press(self, css):
        """Clicks an element as soon as it is there, whatever lies before it."""
        self.browser.execute_script("arguments[0].click()", WebDriverWait(self.browser, 20, poll_frequency=0.05).until(seen.presence_of_element_located((By.CSS_SELECTOR, css))))

    def enter_room(self, room, nick):
        self.browser.execute_script("location.hash = arguments[0]", "converse/room?jid=" + room)
        self.type("converse-muc .muc-nickname-form input[name=nick]", nick, Keys.ENTER)
        return self.find("converse-muc textarea.chat-textarea")

    def say_in_room(self, text):
        self.find("converse-muc textarea.chat-textarea").send_keys(text, Keys.ENTER)

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

    def frames(self):
        """What went over the WebSocket, as far as nobody has asked for it before."""
        events = (json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance"))
        return [f"{event['method'].removeprefix('Network.webSocketFrame')}: {event['params']['response']['payloadData'][:500]}" for event in events if event["method"].startswith("Network.webSocketFrame")]

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


def room(args):
    """Owns a room in which the peer is a guest."""
    address = "page-" + args.jid.split("@")[0] + "@conference." + args.jid.split("@")[1]
    with Page(args) as page:
        page.log_in(args.jid, args.password)
        page.enter_room(address, "host")
        page.press("converse-muc .configure-chatroom-button")
        page.type("input[name='muc#roomconfig_roomname']", "The Den")
        page.press("input[name='muc#roomconfig_persistentroom']")
        page.press("form.chatroom-form input[type=submit]")
        page.read("converse-muc-heading", "The Den")
        page.picture("room")
        page.say_in_room("before you came")
        page.read("converse-muc .chat-msg__text", "before you came")
        step("made and configured", room=address)

        page.press("converse-muc .open-invite-modal")
        page.type("input[name=invitee_jids]", args.peer)
        page.type("textarea[name=reason]", "come in")
        page.press("converse-muc-invite-modal input[type=submit]")
        page.read("converse-muc .occupant-list", "guest", 60)
        page.read("converse-muc .chat-msg__text", "hello from the guest", 60)
        page.say_in_room("hello from the host")
        page.read("converse-muc .chat-msg__text", "hello from the host")
        page.press("converse-muc .occupant-list converse-avatar[name='guest']")
        page.find("converse-muc-occupant textarea.chat-textarea").send_keys("psst, guest", Keys.ENTER)
        page.read("converse-muc-occupant .chat-msg__text", "psst, guest")
        page.read("converse-muc-occupant .chat-msg__text", "psst, host")
        check(not any("psst" in told.text for told in page.browser.find_elements(By.CSS_SELECTOR, "converse-muc-chat-content .chat-msg__text")), "the room shows what is private")
        page.picture("room-whisper")
        page.press("converse-muc-occupant .back-button")
        step("whispered")

        page.say_in_room("/subject otters")
        page.read("converse-muc-heading", "otters")
        page.picture("room-talk")
        step("said, subject set")

        sys.stdin.readline()  # the guest has seen all of it
        page.say_in_room("/kick guest out")
        page.read("converse-muc .chat-info", "kicked")
        step("kicked")
        sys.stdin.readline()  # the guest is in again
        page.say_in_room("/ban guest out")
        page.read("converse-muc .chat-info", "banned")
        step("banned")

        check(not (complaints := page.complaints()), f"console: {complaints}")
        with Page(args, PHONE) as other:  # what was said comes out of the archive
            other.log_in(args.jid, args.password)
            other.enter_room(address, "again")
            for body in ("hello from the guest", "hello from the host"):
                other.read("converse-muc .chat-msg__text", body)
            told = [text.text for text in other.browser.find_elements(By.CSS_SELECTOR, "converse-muc .chat-msg__text")]
            check("line 55" in told and "line 1" not in told, f"more than a page: {told}")
            other.press("converse-mam-placeholder a")  # the page before
            other.scroll_to("converse-muc .chat-msg__text", "before you came")
            other.read("converse-muc .chat-msg__text", "line 1")
            other.picture("room-phone")
        step("archive")


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
    play({f.__name__: f for f in (chat, chat_over_bosh, register, room, receive)})
