#!/usr/bin/env python3
"""talk.py PORT DOMAIN FIRST SECOND PASSWORD: the two write to each other once, with nothing but a socket each, on a server that takes PLAIN in the clear on loopback."""
import base64
import socket
import sys

STREAM = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='%s' version='1.0'>"


class Client:
    def __init__(self, port, domain, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.say(STREAM % domain, "</stream:features>")
        plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>", "<success")
        self.say(STREAM % domain, "</stream:features>")
        self.say("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>", "</iq>")
        self.say(f"<presence/><iq type='get' id='there' to='{domain}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>", "there")

    def say(self, text, answer=None):
        self.socket.sendall(text.encode())
        if answer:
            self.wait(answer)

    def wait(self, answer):
        received = b""
        while answer.encode() not in received:
            more = self.socket.recv(4096)
            if not more:
                sys.exit(f"the server closed the connection; it said {received!r}")
            received += more


def main():
    port, domain, first, second, password = sys.argv[1:]
    one = Client(int(port), domain, first, password)
    two = Client(int(port), domain, second, password)
    one.say(f"<message to='{second}@{domain}' type='chat' id='m1'><body>one &amp; only</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/></message>")
    two.wait("one &amp; only")
    two.say(f"<message to='{first}@{domain}/r' type='chat' id='m2'><body>zw\u00f6lf</body></message>")
    one.wait("zw\u00f6lf")
    one.say("</stream:stream>", "</stream:stream>")
    two.say("</stream:stream>", "</stream:stream>")


main()
