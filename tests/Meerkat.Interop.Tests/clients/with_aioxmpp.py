"""Scenarios for aioxmpp."""

import asyncio

import aioxmpp
import aioxmpp.dispatcher
import aioxmpp.misc
import aioxmpp.rsm.xso
import aioxmpp.xso

from verdicts import check, play, step, within


def security(args, password):
    """STARTTLS with our certificate as the only one trusted, and the password only by SCRAM."""
    def context():
        made = aioxmpp.security_layer.default_ssl_context()
        made.load_verify_locations(args.certificate)
        return made

    async def ask(_jid, attempt):
        return password if attempt == 0 else None

    return aioxmpp.security_layer.SecurityLayer(
        ssl_context_factory=context,
        certificate_verifier_factory=aioxmpp.security_layer.PKIXCertificateVerifier,
        tls_required=True,
        sasl_providers=[aioxmpp.security_layer.PasswordSASLProvider(ask)],
    )


def client(args, jid, password):
    """A client that connects to the server under test and nowhere else."""
    there = [(args.host, args.port, aioxmpp.connector.STARTTLSConnector())]
    made = aioxmpp.PresenceManagedClient(aioxmpp.JID.fromstr(jid), security(args, password), override_peer=there)
    made.summon(aioxmpp.RosterClient)
    made.summon(aioxmpp.DiscoClient)
    made.summon(aioxmpp.DiscoServer)
    return made


def happened(signal):
    """A future for the next time that a signal of aioxmpp fires."""
    future = asyncio.get_running_loop().create_future()

    def fired(*args, **kwargs):
        if not future.done():
            future.set_result(args)
        return True

    signal.connect(fired)
    return future


async def log_in(args):
    """STARTTLS, SCRAM, a bound resource, presence, and what the server says of itself (XEP-0030)."""
    alice = client(args, args.jid, args.password)
    async with alice.connected() as stream:
        step("logged in", jid=str(alice.local_jid))
        info = await within(20, alice.summon(aioxmpp.DiscoClient).query_info(alice.local_jid.replace(localpart=None, resource=None)), "disco#info")
        kinds = [(identity.category, identity.type_) for identity in info.identities]
        check(("server", "im") in kinds, f"identities {kinds}")
        step("disco", features=sorted(info.features))
    step("logged out")


async def roster(args):
    """The roster is got, a contact is added with a name, and the push is seen."""
    alice = client(args, args.jid, args.password)
    contacts = alice.summon(aioxmpp.RosterClient)
    got = happened(contacts.on_initial_roster_received)
    async with alice.connected():
        await within(20, got, "initial roster")
        check(not contacts.items, f"a new account's roster holds {contacts.items}")
        step("empty roster")
        peer = aioxmpp.JID.fromstr(args.peer)
        added = happened(contacts.on_entry_added)
        await within(20, contacts.set_entry(peer, name="Bob", add_to_groups={"Friends"}), "roster set")
        (item,) = await within(20, added, "roster push")
        check((item.jid, item.name, {str(group) for group in item.groups}) == (peer, "Bob", {"Friends"}), f"{item}")
        step("contact added")


async def messages(args):
    """A message both ways between two aioxmpp clients."""
    alice = client(args, args.jid, args.password)
    bob = client(args, args.peer, args.peer_password)
    async with alice.connected(), bob.connected():
        first = await exchange(alice, bob, bob.local_jid.bare(), "Hello & <welcome> 🦦")
        step("sent")
        await exchange(bob, alice, first.from_, "Thank you")
        step("answered")


async def exchange(sender, receiver, to, body):
    future = asyncio.get_running_loop().create_future()
    dispatcher = receiver.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
    dispatcher.register_callback(aioxmpp.MessageType.CHAT, None, lambda message: future.done() or future.set_result(message))
    message = aioxmpp.Message(to=to, type_=aioxmpp.MessageType.CHAT)
    message.body[None] = body
    await within(20, sender.send(message), "sending")
    received = await within(20, future, "message")
    dispatcher.unregister_callback(aioxmpp.MessageType.CHAT, None)
    check(received.body.any() == body and received.from_ == sender.local_jid, f"{received} {received.body}")
    return received


MAM = "urn:xmpp:mam:2"


class Forwarded(aioxmpp.xso.XSO):
    TAG = "urn:xmpp:forward:0", "forwarded"
    delay = aioxmpp.xso.Child([aioxmpp.misc.Delay])
    message = aioxmpp.xso.Child([aioxmpp.Message])


class Result(aioxmpp.xso.XSO):
    TAG = MAM, "result"
    id_ = aioxmpp.xso.Attr("id")
    queryid = aioxmpp.xso.Attr("queryid", default=None)
    forwarded = aioxmpp.xso.Child([Forwarded])


aioxmpp.Message.result = aioxmpp.xso.Child([Result])


@aioxmpp.IQ.as_payload_class
class Query(aioxmpp.xso.XSO):
    TAG = MAM, "query"
    queryid = aioxmpp.xso.Attr("queryid", default=None)
    rsm = aioxmpp.xso.Child([aioxmpp.rsm.xso.ResultSetMetadata])


@aioxmpp.IQ.as_payload_class
class Fin(aioxmpp.xso.XSO):
    TAG = MAM, "fin"
    complete = aioxmpp.xso.Attr("complete", type_=aioxmpp.xso.Bool(), default=False)
    rsm = aioxmpp.xso.Child([aioxmpp.rsm.xso.ResultSetMetadata])


async def archive(args):
    """10 000 messages are sent; paged from either end, the archive gives each once and in order (XEP-0313). aioxmpp knows result sets, and the archive's few elements are taught to it above."""
    count = 10_000
    alice = client(args, args.jid, args.password)
    async with alice.connected() as stream:
        peer = aioxmpp.JID.fromstr(args.peer)
        for number in range(count):
            message = aioxmpp.Message(to=peer, type_=aioxmpp.MessageType.CHAT)
            message.body[None] = str(number)
            token = stream.enqueue(message)
            if number % 500 == 499:
                await within(60, token, "sending")
        step("sent")
        Archive = aioxmpp.rsm.xso.ResultSetMetadata

        async def page(first, following, ordered):
            found = []
            ids = set()
            request = first
            while True:
                results = []
                # What comes back is no chat: it is taken before anybody dispatches it.
                token = stream.app_inbound_message_filter.register(lambda message: results.append(message.result) if message.result is not None else message, 0)
                query = Query()
                query.rsm = request
                fin = await within(30, stream.send(aioxmpp.IQ(type_=aioxmpp.IQType.SET, payload=query)), "page")
                stream.app_inbound_message_filter.unregister(token)
                found.extend(ordered(int(result.forwarded.message.body.any()) for result in results))
                ids.update(result.id_ for result in results)
                if fin.complete:
                    check(len(ids) == len(found), f"{len(found) - len(ids)} ids came twice")
                    return found
                request = following(fin.rsm)

        forward = await page(Archive.limit(200), lambda rsm: rsm.next_page(max_=200), list)
        check(forward == list(range(count)), f"forward: {len(forward)} messages, {forward[:3]} ... {forward[-3:]}")
        step("forward")
        backward = await page(Archive.last_page(max_=200), lambda rsm: rsm.previous_page(max_=200), lambda page: list(reversed(list(page))))
        check(backward == list(reversed(range(count))), f"backward: {len(backward)} messages, {backward[:3]} ... {backward[-3:]}")
        step("backward")


if __name__ == "__main__":
    play({f.__name__: f for f in (archive, log_in, roster, messages)})
