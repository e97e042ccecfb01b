"""Scenarios for aioxmpp."""

import asyncio

import aioxmpp
import aioxmpp.dispatcher

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


if __name__ == "__main__":
    play({f.__name__: f for f in (log_in, roster, messages)})
