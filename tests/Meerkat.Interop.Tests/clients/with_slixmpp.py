"""Scenarios for slixmpp."""

import asyncio
import ssl

import slixmpp

from verdicts import check, next_line, play, step, within


class Client(slixmpp.ClientXMPP):
    """A slixmpp client that puts what happens to it into a queue, so that a scenario can wait for it in order."""

    def __init__(self, args, jid, password, plugins=()):
        super().__init__(jid, password)
        self.address = (args.host, args.port)
        self.ca_certs = args.certificate
        self.force_starttls = True
        self.happened = asyncio.Queue()
        for plugin in ("xep_0030", "xep_0199", *plugins):
            self.register_plugin(plugin)
        for event in (
            "session_start", "session_resumed", "sm_enabled", "failed_all_auth", "disconnected", "stream_error", "message",
            "groupchat_invite", "groupchat_direct_invite", "groupchat_subject", "carbon_received", "carbon_sent", "presence_subscribe", "presence_subscribed", "changed_status", "roster_update",
        ):
            self.add_event_handler(event, lambda data, event=event: self.happened.put_nowait((event, data)))
        self.add_event_handler("register", self.register_account)

    async def wait(self, event, matches=lambda data: True, seconds=20):
        """The next event of that name that matches; what comes in between is passed over, but a refused log-in ends the wait."""
        async def find():
            while True:
                name, data = await self.happened.get()
                if name == event and matches(data):
                    return data
                check(name not in ("failed_all_auth", "stream_error"), f"{self.boundjid} waited for {event} and got {name}: {data}")
        return await within(seconds, find(), f"{self.boundjid} waits for {event}")

    async def start(self):
        self.connect(self.address)
        await self.wait("session_start")
        return self

    async def online(self):
        """Logs in, gets the roster and becomes available."""
        await self.start()
        await within(20, self.get_roster(), "roster")
        self.send_presence()
        await self.wait("changed_status", lambda presence: presence["from"] == self.boundjid)
        return self

    async def register_account(self, _form):
        iq = self.Iq()
        iq["type"] = "set"
        iq["register"]["username"] = self.boundjid.user
        iq["register"]["password"] = self.password
        await iq.send(timeout=20)
        step("registered")


def subscription(push, jid):
    """What a roster push says of a contact, or None where it speaks of another."""
    return push["roster"]["items"].get(slixmpp.JID(jid), {}).get("subscription")


async def log_in(args):
    """STARTTLS with our certificate checked, SCRAM, a bound resource, a ping answered."""
    alice = await Client(args, args.jid + "/here", args.password).start()
    tls = alice.transport.get_extra_info("ssl_object")
    check(isinstance(tls, ssl.SSLObject) and alice.boundjid.resource == "here", f"{tls} {alice.boundjid}")
    mechanism = alice["feature_mechanisms"].mech.name
    check(mechanism.startswith("SCRAM-"), f"authenticated with {mechanism}")
    step("logged in", mechanism=mechanism, tls=tls.version())
    await within(20, alice["xep_0199"].ping(alice.boundjid.domain), "pong")
    step("pong")
    await within(20, alice.disconnect(), "end of the stream")
    step("stream closed")


async def log_in_with_wrong_password(args):
    alice = Client(args, args.jid, args.password + "!")
    refused = asyncio.get_running_loop().create_future()
    alice.add_event_handler("failed_auth", lambda failure: refused.done() or refused.set_result(failure["condition"]))
    alice.connect(alice.address)
    step("refused", condition=await within(20, refused, "SASL failure"))


async def register(args):
    """In-band registration (XEP-0077) before log-in, then a log-in to the account that it made."""
    client = Client(args, args.jid, args.password, ["xep_0077"])
    client._always_send_everything = True  # slixmpp 1.8 otherwise keeps the registration back until it is logged in
    await client.start()
    step("logged in")


async def roster(args):
    """A contact is added with a name and a group, the subscription goes both ways, presence flows, and the contact is removed."""
    alice = await Client(args, args.jid, args.password).online()
    bob = await Client(args, args.peer, args.peer_password).online()
    for client in (alice, bob):
        client.auto_authorize = None
        client.auto_subscribe = False

    await within(20, alice.update_roster(args.peer, name="Bob", groups=["Friends"]), "roster set")
    alice.send_presence_subscription(args.peer)
    await bob.wait("presence_subscribe", lambda presence: presence["from"] == args.jid)
    step("subscription asked")

    bob.send_presence_subscription(args.jid, ptype="subscribed")
    await alice.wait("presence_subscribed", lambda presence: presence["from"] == args.peer)
    await alice.wait("changed_status", lambda presence: presence["from"] == bob.boundjid)
    step("presence after approval")

    bob.send_presence_subscription(args.jid)
    await alice.wait("presence_subscribe")
    alice.send_presence_subscription(args.peer, ptype="subscribed")
    await bob.wait("presence_subscribed")
    await alice.wait("roster_update", lambda push: subscription(push, args.peer) == "both")
    item = alice.client_roster[args.peer]
    check((item["name"], item["groups"]) == ("Bob", ["Friends"]), f"roster item {item}")
    step("both ways")

    bob.disconnect()
    await alice.wait("changed_status", lambda presence: presence["from"].bare == args.peer and presence["type"] == "unavailable")
    step("unavailable")

    await within(20, alice.del_roster_item(args.peer), "removal")
    await alice.wait("roster_update", lambda push: subscription(push, args.peer) == "remove")
    step("removed")


async def messages(args):
    """Messages both ways, and a copy of each on the second resource (XEP-0280)."""
    alice = await Client(args, args.jid + "/one", args.password, ["xep_0280"]).online()
    other = await Client(args, args.jid + "/two", args.password, ["xep_0280"]).online()
    bob = await Client(args, args.peer, args.peer_password).online()
    await within(20, other["xep_0280"].enable(), "carbons")
    step("carbons enabled")

    alice.send_message(args.peer, "Hello & <welcome> 🦦", mtype="chat")
    received = await bob.wait("message")
    check(received["from"] == alice.boundjid and received["body"] == "Hello & <welcome> 🦦", f"{received}")
    copy = (await other.wait("carbon_sent"))["carbon_sent"]
    check(copy["to"] == args.peer and copy["body"] == "Hello & <welcome> 🦦", f"{copy}")
    step("sent, with a copy")

    bob.send_message(alice.boundjid, "Thank you", mtype="chat")
    check((await alice.wait("message"))["body"] == "Thank you", "another body")
    check((await other.wait("carbon_received"))["carbon_received"]["body"] == "Thank you", "another body in the copy")
    step("answered, with a copy")


async def resumption(args):
    """The TCP connection is cut, a message comes meanwhile, and the resumed stream (XEP-0198) brings it."""
    alice = await Client(args, args.jid, args.password, ["xep_0198"]).online()
    bob = await Client(args, args.peer, args.peer_password).online()
    check(alice["xep_0198"].sm_id, "no resumable stream")
    bound = alice.boundjid.full
    step("resumable")

    alice.transport.abort()
    await alice.wait("disconnected")
    bob.send_message(args.jid, "while you were away", mtype="chat")
    await within(20, bob["xep_0199"].ping(args.peer.split("@")[1]), "pong")  # the message has been routed
    alice.connect(alice.address)
    await alice.wait("session_resumed")
    check(alice.boundjid.full == bound, f"bound to {alice.boundjid} and not to {bound}")
    step("resumed")

    check((await alice.wait("message"))["body"] == "while you were away", "another body")
    step("missed message received")
    bob.send_message(bound, "and now", mtype="chat")
    check((await alice.wait("message"))["body"] == "and now", "another body")
    step("new message received")


def watch(client, room):
    """Puts who comes to a room and who goes into the client's queue."""
    for event in ("got_online", "got_offline"):
        client.add_event_handler(f"muc::{room}::{event}", lambda data, event=event: client.happened.put_nowait((event, data)))


def of(room, nick):
    """Fits a presence of an occupant."""
    return lambda presence: presence["from"] == f"{room}/{nick}"


async def room(args):
    """A room is made, configured, joined by invitation, talked in, and rid of somebody (XEP-0045)."""
    address = "den-" + args.jid.split("@")[0] + "@conference." + args.jid.split("@")[1]
    alice = await Client(args, args.jid, args.password, ["xep_0045", "xep_0004", "xep_0313"]).online()
    bob = await Client(args, args.peer, args.peer_password, ["xep_0045"]).online()
    mine, his = alice["xep_0045"], bob["xep_0045"]
    for client in (alice, bob):
        watch(client, address)

    own, _, others, _ = await mine.join_muc_wait(address, "alice", timeout=20)
    check(set(own["muc"]["status_codes"]) >= {110, 201} and len(others) == 1, f"{own} {others}")
    form = await within(20, mine.get_room_config(address), "the form")
    fields = form.get_fields()
    check("muc#roomconfig_roomname" in fields, f"{form}")
    form["type"] = "submit"
    form.set_values({"muc#roomconfig_roomname": "The Den", "muc#roomconfig_membersonly": True, "muc#roomconfig_persistentroom": True})
    await within(20, mine.set_room_config(address, form), "the configuration")
    info = await within(20, alice["xep_0030"].get_info(jid=address), "what the room is")
    features = info["disco_info"]["features"]
    check({"muc_membersonly", "muc_persistent", "urn:xmpp:occupant-id:0"} <= set(features), f"{features}")
    step("made and configured")

    mine.invite(address, args.peer, "come in")
    invitation = await bob.wait("groupchat_invite")
    check(invitation["from"] == address and invitation["muc"]["invite"]["reason"] == "come in", f"{invitation}")
    await his.join_muc_wait(address, "bob", timeout=20)
    await alice.wait("got_online", of(address, "bob"))
    step("invited and joined")

    alice.send_message(address, "hello, den", mtype="groupchat")
    for client in (alice, bob):
        heard = await client.wait("message", lambda message: message["type"] == "groupchat" and message["body"])
        check(heard["from"] == f"{address}/alice" and heard["body"] == "hello, den", f"{heard}")
    mine.set_subject(address, "otters")
    await bob.wait("groupchat_subject", lambda message: message["subject"] == "otters")
    bob.send_message(f"{address}/alice", "psst", mtype="chat")
    whispered = await alice.wait("message", lambda message: message["type"] == "chat")
    check(whispered["from"] == f"{address}/bob" and whispered["body"] == "psst", f"{whispered}")
    step("said, whispered, subject set")

    his.leave_muc(address, "bob")
    await alice.wait("got_offline", of(address, "bob"))
    # His library takes the echo of his leaving for the answer to a join, and then sends the room an error: it has come once the room answers.
    await within(20, bob["xep_0030"].get_info(jid=address), "the room")
    _, subject, others, history = await his.join_muc_wait(address, "bob", maxstanzas=5, timeout=20)
    check([message["body"] for message in history] == ["hello, den"], f"history {history}")
    check(len(others) == 2, f"{others}")
    step("history")

    for number in range(45):
        alice.send_message(address, f"line {number}", mtype="groupchat")
    await bob.wait("message", lambda message: message["body"] == "line 44")
    said = ["hello, den"] + [f"line {number}" for number in range(45)]
    found, pages, after = [], 0, {}
    while True:
        page = await within(20, alice["xep_0313"].retrieve(jid=address, rsm={"max": 20, **after}), "a page")
        pages += 1
        results = [(message["mam_result"]["forwarded"]["stanza"]["from"].resource, message["mam_result"]["forwarded"]["stanza"]["body"]) for message in page["mam"]["results"]]
        found += [result for result in results if result[1]]
        if page["mam_fin"].xml.get("complete") == "true":
            break
        after = {"after": page["mam_fin"]["rsm"]["last"]}
    check(found == [("alice", body) for body in said] and pages >= 3, f"{pages} pages: {found}")
    step("paged")

    await within(20, mine.set_role(address, "bob", "none", reason="out"), "the kick")
    await bob.wait("got_offline", of(address, "bob"))
    await within(20, mine.set_affiliation(address, "outcast", jid=slixmpp.JID(args.peer)), "the ban")
    banned = await within(20, mine.get_affiliation_list(address, "outcast"), "the list")
    check([str(jid) for jid in banned] == [args.peer], f"{banned}")
    try:
        await his.join_muc_wait(address, "bob", timeout=20)
        check(False, "a banned user joined")
    except slixmpp.exceptions.PresenceError as refused:
        check(refused.condition == "forbidden", f"{refused.condition}")
    step("kicked and banned")


async def guest(args):
    """In somebody else's room: says what it sees there, and does what the test says, until there is nothing more to do."""
    client = await Client(args, args.jid, args.password, ["xep_0045", "xep_0249"]).online()
    muc = client["xep_0045"]
    room = None
    seen = asyncio.Queue()

    async def watch_room():
        while True:
            name, data = await client.happened.get()
            if name == "groupchat_invite":
                await seen.put(("invited", {"room": data["from"].bare, "reason": data["muc"]["invite"]["reason"]}))
            elif name == "groupchat_direct_invite" and data["from"].bare != data["groupchat_invite"]["jid"]:  # a mediated one has both forms
                await seen.put(("invited", {"room": str(data["groupchat_invite"]["jid"]), "reason": data["groupchat_invite"]["reason"]}))
            elif name == "message" and data["type"] == "groupchat" and data["body"] and data["mucnick"] != "guest" and data.xml.find("{urn:xmpp:delay}delay") is None:
                await seen.put(("heard", {"nick": data["mucnick"], "body": data["body"]}))
            elif name == "message" and data["type"] == "chat" and data["body"]:
                await seen.put(("whispered", {"nick": data["from"].resource, "body": data["body"]}))
            elif name == "groupchat_subject" and data["subject"]:
                await seen.put(("subject", {"nick": data["mucnick"], "subject": data["subject"]}))
            elif name == "got_offline" and data["from"].resource == "guest":
                await seen.put(("removed", {"codes": sorted(data["muc"]["status_codes"])}))

    async def tell():
        while True:
            name, facts = await seen.get()
            step(name, **facts)

    watching = [asyncio.create_task(watch_room()), asyncio.create_task(tell())]
    step("online")
    while line := await next_line():
        check(not any(task.done() for task in watching), f"{watching}")
        word, _, rest = line.partition(" ")
        if word == "join":
            if rest != room:
                room = rest
                watch(client, room)
            try:
                _, subject, others, history = await muc.join_muc_wait(room, "guest", maxstanzas=3, timeout=20)
                step("joined", others=sorted(presence["muc"]["nick"] for presence in others), history=[message["body"] for message in history], subject=subject["subject"])
            except slixmpp.exceptions.PresenceError as refused:
                step("refused", condition=refused.condition)
        elif word == "say":
            client.send_message(room, rest, mtype="groupchat")
        elif word == "lines":
            for number in range(int(rest)):
                client.send_message(room, f"line {number + 1}", mtype="groupchat")
        elif word == "whisper":
            nick, _, text = rest.partition(" ")
            client.send_message(f"{room}/{nick}", text, mtype="chat")


async def receive(args):
    """Stays online and says every message that comes; answers when the test says a line."""
    client = await Client(args, args.jid, args.password).online()
    step("online", jid=client.boundjid.full)
    message = await client.wait("message", lambda message: message["body"], seconds=50)
    step("message", sender=message["from"].full, body=message["body"], type=message["type"])
    while answer := await next_line():
        client.send_message(message["from"], answer, mtype="chat")
        step("answered")


async def send(args):
    """Stays online, sends the peer the line that the test says, and says the message that comes back."""
    client = await Client(args, args.jid, args.password).online()
    step("online", jid=client.boundjid.full)
    client.send_message(args.peer, await next_line(), mtype="chat")
    message = await client.wait("message", lambda message: message["body"], seconds=50)  # and not a chat state
    step("message", sender=message["from"].full, body=message["body"], type=message["type"])


async def archive(args):
    """10 000 messages are sent; paged from either end, the archive gives each once and in order (XEP-0313)."""
    count = 10_000
    alice = await Client(args, args.jid, args.password, ["xep_0313"]).online()
    for number in range(count):
        alice.send_raw(f"<message to='{args.peer}' type='chat' id='m{number}'><body>{number}</body><origin-id xmlns='urn:xmpp:sid:0' id='m{number}'/></message>")
        if number % 500 == 499:
            await within(60, alice["xep_0199"].ping(alice.boundjid.domain, timeout=60), "pong")
    step("sent")

    def number_of(message):
        return int(message["mam_result"]["forwarded"]["stanza"]["body"])

    forward = []
    ids = []
    async for message in alice["xep_0313"].iterate(rsm={"max": 200}):
        forward.append(number_of(message))
        ids.append(message["mam_result"]["id"])
    check(forward == list(range(count)), f"forward: {len(forward)} messages, {forward[:3]} ... {forward[-3:]}")
    check(len(set(ids)) == count, f"{count - len(set(ids))} ids came twice")
    step("forward")

    # slixmpp's iterator takes the last page for the end of a counted result, also when it goes backward: it is asked page by page.
    backward = [forward[-1]]
    before = ids[-1]
    while len(backward) < count:
        page = await within(30, alice["xep_0313"].retrieve(rsm={"max": 200, "before": before}), "page")
        results = page["mam"]["results"]
        check(results, f"backward: nothing after {len(backward)} messages")
        backward.extend(number_of(message) for message in reversed(results))
        before = page["mam_fin"]["rsm"]["first"]
    check(backward == list(reversed(range(count))), f"backward: {len(backward)} messages, {backward[:3]} ... {backward[-3:]}")
    check(page["mam_fin"].xml.get("complete") == "true", "the last page is not the last")
    step("backward")


if __name__ == "__main__":
    play({f.__name__: f for f in (archive, log_in, log_in_with_wrong_password, register, roster, messages, resumption, room, guest, receive, send)})
