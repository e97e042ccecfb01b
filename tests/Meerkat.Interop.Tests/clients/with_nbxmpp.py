"""Scenarios for nbxmpp, the library of Gajim. It lives in GLib's main loop, which is turned here until what was waited for has happened."""

import sys
import time

import gi

gi.require_version("Soup", "3.0")
from gi.repository import Gio, GLib
from nbxmpp.client import Client as Library
from nbxmpp.const import ConnectionProtocol, ConnectionType
from nbxmpp.namespaces import Namespace
from nbxmpp.protocol import JID, Message, Presence
from nbxmpp.structs import StanzaHandler

from verdicts import check, play, step


class Client:
    """A client that keeps what comes, so that a scenario can look for it in order."""

    def __init__(self, args, jid, password):
        self.jid = JID.from_string(jid)
        self.came = []
        self.signals = []
        self.library = library = Library(log_context=jid)
        library.set_domain(self.jid.domain)
        library.set_username(self.jid.localpart)
        library.set_password(password)
        library.set_resource("gajim")
        library.set_custom_host(f"{args.host}:{args.port}", ConnectionProtocol.TCP, ConnectionType.START_TLS)
        library.set_accepted_certificates([Gio.TlsCertificate.new_from_file(args.certificate)])
        for signal in ("connected", "disconnected", "connection-failed", "login-successful"):
            library.subscribe(signal, lambda _client, name, *_: self.signals.append(name))
        for name in ("message", "presence"):
            library.register_handler(StanzaHandler(name=name, callback=lambda _client, stanza, properties, name=name: self.came.append((name, stanza, properties)), priority=50))

    def online(self):
        self.library.connect()
        turn(lambda: "connected" in self.signals or "disconnected" in self.signals, "the log-in")
        check("connected" in self.signals, f"{self.signals} {self.library.get_error()}")
        self.library.send_stanza(Presence())
        return self

    def next(self, name, matches, what, seconds=20):
        """The next stanza of that name that matches; what was passed over is gone."""
        found = []

        def look():
            while self.came:
                kind, stanza, properties = self.came.pop(0)
                if kind == name and matches(properties):
                    found.append((stanza, properties))
                    return True
            return False

        turn(look, what, seconds)
        return found[0]

    def ask(self, module, method, *arguments, **options):
        """Calls a request of the library and waits for its result, or its error."""
        ended = []

        def end(task):  # the library refers to it weakly, and forgets the result after the call
            ended.append(task.get_result())

        getattr(self.library.get_module(module), method)(*arguments, **options, callback=end)
        turn(lambda: ended, f"{module}.{method}")
        if isinstance(ended[0], Exception):
            raise ended[0]
        return ended[0]

    def join(self, room, nick):
        presence = Presence(to=f"{room}/{nick}")
        presence.setTag("x", namespace=Namespace.MUC)
        self.library.send_stanza(presence)

    def say(self, to, body, kind):
        self.library.send_stanza(Message(to=to, body=body, typ=kind))


def turn(until, what, seconds=20):
    """Turns the main loop until something is so."""
    context = GLib.MainContext.default()
    wake = GLib.timeout_add(50, lambda: True)  # an iteration blocks otherwise until something comes
    end = time.monotonic() + seconds
    try:
        while not until():
            check(time.monotonic() < end, f"{what}: nothing after {seconds} s")
            context.iteration(True)
    finally:
        GLib.source_remove(wake)


def room(args):
    """Owns a room in which the peer is a guest (XEP-0045), and pages through what was said in it (XEP-0313)."""
    host = Client(args, args.jid, args.password).online()
    address = JID.from_string(f"gajim-{host.jid.localpart}@conference.{host.jid.domain}")
    codes = lambda properties: {int(code.value) for code in properties.muc_status_codes or ()}
    text = lambda body: lambda properties: properties.body == body

    host.join(address, "host")
    _, own = host.next("presence", lambda properties: properties.muc_nickname == "host", "the own presence")
    check(codes(own) >= {110, 201} and own.occupant_id, f"{own}")
    form = host.ask("MUC", "request_config", address).form
    form["muc#roomconfig_roomname"].value = "The Den"
    form["muc#roomconfig_membersonly"].value = True
    form["muc#roomconfig_persistentroom"].value = True
    host.ask("MUC", "set_config", address, form)
    info = host.ask("Discovery", "disco_info", address)
    check(info.muc_name == "The Den" and {"muc_membersonly", "muc_persistent", Namespace.MAM_2} <= set(info.features), f"{info}")
    for number in range(50):
        host.say(address, f"before you came {number}", "groupchat")
    host.next("message", text("before you came 49"), "the last message")
    step("made and configured", room=str(address))

    host.library.get_module("MUC").invite(address, args.peer, None, "come in")
    host.next("presence", lambda properties: properties.muc_nickname == "guest", "the guest", 60)
    _, heard = host.next("message", text("hello from the guest"), "what the guest says")
    check(heard.muc_nickname == "guest" and heard.occupant_id and heard.stanza_ids, f"{heard}")
    host.say(address, "hello from the host", "groupchat")
    host.say(f"{address}/guest", "psst, guest", "chat")
    _, whispered = host.next("message", text("psst, host"), "the guest's whisper", 60)
    check(whispered.muc_private_message and str(whispered.jid) == f"{address}/guest", f"{whispered}")
    host.library.get_module("MUC").set_subject(address, "otters")
    _, subject = host.next("message", lambda properties: properties.muc_subject is not None and properties.muc_subject.text == "otters", "the subject")
    check(subject.muc_subject.author == "host", f"{subject}")
    step("said, whispered, subject set")

    sys.stdin.readline()  # the guest has seen all of it
    host.ask("MUC", "set_role", address, "guest", "none", "out")
    host.next("presence", lambda properties: properties.muc_nickname == "guest" and properties.type.is_unavailable and 307 in codes(properties), "the kick")
    host.ask("MUC", "set_affiliation", address, {args.peer: {"affiliation": "outcast", "reason": "for good"}})
    banned = host.ask("MUC", "get_affiliation", address, "outcast")
    check([str(jid) for jid in banned.users] == [args.peer], f"{banned}")
    step("kicked and banned")

    bodies, after, pages = [], None, 0
    while True:
        page = host.ask("MAM", "make_query", address, queryid="q", after=after, max_=20)
        pages += 1
        while host.came:
            kind, _, properties = host.came.pop(0)
            if kind == "message" and properties.is_mam_message and properties.body:
                bodies.append((properties.muc_nickname, properties.body))
        if page.complete:
            break
        after = page.rsm.last
    expected = [("host", f"before you came {number}") for number in range(50)] + [("guest", "hello from the guest"), ("host", "hello from the host")]
    check(bodies == expected and pages >= 3, f"{pages} pages: {bodies}")
    step("paged", pages=pages)

    host.ask("MUC", "destroy", address, "closed")
    host.next("presence", lambda properties: properties.muc_destroyed is not None, "the end of the room")
    step("destroyed")


if __name__ == "__main__":
    play({f.__name__: f for f in (room,)})
