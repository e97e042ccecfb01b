using System.Text;

namespace Meerkat.Hostile;

/// <summary>What well-behaved clients say: the material that is bent. Whoever bends nothing logs in and is answered.</summary>
internal static class SessionText
{
    public const string Header = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='{domain}'>";

    public const string StartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

    // {me}: the bare JID of the account; {other}: another's; {domain}; {n}: a number.
    private static readonly string[] s_stanzas =
    [
        "<message to='{other}' type='chat' id='m{n}'><body>hello {n}</body></message>",
        "<message to='{other}' id='m{n}' xml:lang='de'><subject>s</subject><body>a</body><body xml:lang='fr'>b</body><thread parent='e'>t</thread></message>",
        "<message to='{other}/phone' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
        "<message to='{other}' type='groupchat'><body>x</body></message>",
        "<message to='{other}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'/></event></message>",
        "<message to='{other}' type='error' id='e{n}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        "<message to='{other}'><body>c</body><private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/><store xmlns='urn:xmpp:hints'/></message>",
        "<message to='{other}'><body>x</body><x xmlns='jabber:x:expire' seconds='{n}'/><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/></message>",
        "<message to='{other}'><stanza-id xmlns='urn:xmpp:sid:0' id='{n}' by='{other}'/><origin-id xmlns='urn:xmpp:sid:0' id='{n}'/><body>x</body></message>",
        "<message to='{other}'><displayed xmlns='urn:xmpp:chat-markers:0' id='m{n}'/></message>",
        "<message to='nobody{n}@{domain}'><body>x</body></message>",
        "<message to='{domain}'><body>x</body></message>",
        "<message to='x@far.example'><body>x</body></message>",
        "<message><body>to myself</body></message>",
        "<presence/>",
        "<presence><show>away</show><status>s</status><priority>{n}</priority></presence>",
        "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://x' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>",
        "<presence><c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>K1Njy3HZBThlo4moOD5gBGhn0U0oK7/CbfLlIUDi6o4=</hash></c></presence>",
        "<presence type='unavailable'/>",
        "<presence to='{other}'/>",
        "<presence to='{other}' type='subscribe'/>",
        "<presence to='{other}' type='subscribed'/>",
        "<presence to='{other}' type='unsubscribe'/>",
        "<presence to='{other}' type='unsubscribed'/>",
        "<presence to='{other}' type='probe'/>",
        "<iq type='get' id='i{n}'><query xmlns='jabber:iq:roster' ver=''/></iq>",
        "<iq type='set' id='i{n}'><query xmlns='jabber:iq:roster'><item jid='{other}' name='n'><group>g</group><group>h</group></item></query></iq>",
        "<iq type='set' id='i{n}'><query xmlns='jabber:iq:roster'><item jid='{other}' subscription='remove'/></query></iq>",
        "<iq type='get' id='i{n}' to='{domain}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<iq type='get' id='i{n}' to='{domain}'><query xmlns='http://jabber.org/protocol/disco#items' node='x'/></iq>",
        "<iq type='get' id='i{n}' to='{other}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        "<iq type='get' id='i{n}' to='{other}/phone'><query xmlns='jabber:iq:version'/></iq>",
        "<iq type='get' id='i{n}' to='{domain}'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='get' id='i{n}' to='{domain}'><query xmlns='jabber:iq:version'/></iq>",
        "<iq type='get' id='i{n}' to='{domain}'><time xmlns='urn:xmpp:time'/></iq>",
        "<iq type='get' id='i{n}' to='{other}'><query xmlns='jabber:iq:last'/></iq>",
        "<iq type='get' id='i{n}'><vCard xmlns='vcard-temp'/></iq>",
        "<iq type='set' id='i{n}'><vCard xmlns='vcard-temp'><FN>a</FN><N><FAMILY>b</FAMILY></N><PHOTO><TYPE>image/png</TYPE><BINVAL>AAAA</BINVAL></PHOTO></vCard></iq>",
        "<iq type='get' id='i{n}' to='vjud.{domain}'><query xmlns='jabber:iq:search'/></iq>",
        "<iq type='set' id='i{n}' to='vjud.{domain}'><query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'><field var='user'><value>a*</value></field></x></query></iq>",
        "<iq type='set' id='i{n}'><query xmlns='jabber:iq:private'><a xmlns='app:{n}'>x</a></query></iq>",
        "<iq type='get' id='i{n}'><query xmlns='jabber:iq:private'><a xmlns='app:{n}'/></query></iq>",
        "<iq type='set' id='i{n}'><query xmlns='jabber:iq:privacy'><list name='l'><item type='jid' value='{other}' action='deny' order='{n}'><message/></item></list></query></iq>",
        "<iq type='set' id='i{n}'><query xmlns='jabber:iq:privacy'><active name='l'/></query></iq>",
        "<iq type='set' id='i{n}'><query xmlns='jabber:iq:privacy'><default name='l'/></query></iq>",
        "<iq type='get' id='i{n}'><query xmlns='jabber:iq:privacy'><list name='l'/></query></iq>",
        "<iq type='set' id='i{n}'><block xmlns='urn:xmpp:blocking'><item jid='{other}'/></block></iq>",
        "<iq type='set' id='i{n}'><unblock xmlns='urn:xmpp:blocking'/></iq>",
        "<iq type='get' id='i{n}'><blocklist xmlns='urn:xmpp:blocking'/></iq>",
        "<iq type='set' id='i{n}'><enable xmlns='urn:xmpp:carbons:2'/></iq>",
        "<iq type='get' id='i{n}' to='{domain}'><query xmlns='jabber:iq:register'/></iq>",
        "<iq type='set' id='i{n}' to='{domain}'><query xmlns='jabber:iq:register'><username>x</username><password>secret</password></query></iq>",
        "<iq type='set' id='i{n}' to='{domain}'><command xmlns='http://jabber.org/protocol/commands' node='ping' action='execute'/></iq>",
        "<iq type='get' id='i{n}'><address xmlns='urn:xmpp:sic:1'/></iq>",
        "<iq type='set' id='i{n}'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
        "<iq type='result' id='i{n}' to='{other}/phone'/>",
        "<iq type='error' id='i{n}' to='{domain}'><error type='cancel'/></iq>",
        "<iq type='get' id='i{n}' to='{other}/phone'><x xmlns='a:b'/></iq>",
        "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<a xmlns='urn:xmpp:sm:3' h='{n}'/>",
        "<resume xmlns='urn:xmpp:sm:3' previd='{n}' h='0'/>",
        "<active xmlns='urn:xmpp:csi:0'/>",
        "<inactive xmlns='urn:xmpp:csi:0'/>",
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<x:y xmlns:x='a:b'><x:z/></x:y>",
        " ",
    ];

    /// <summary>A session that nobody bent yet, one part an element.</summary>
    public static List<string> Make(Random random, IReadOnlyList<string> accounts, string password, string domain)
    {
        var me = accounts[random.Next(accounts.Count)];
        var parts = new List<string> { Header };
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{me}\0{(random.Next(12) == 0 ? "wrong" : password)}"));
        parts.Add(random.Next(20) switch
        {
            0 => "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>" + Convert.ToBase64String(Encoding.UTF8.GetBytes($"n,,n={me},r=abc")) + "</auth>",
            1 => "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>",
            2 => $"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>new{random.Next(1000)}</username><password>secret</password></query></iq>",
            _ => $"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>",
        });
        parts.Add(Header);
        parts.Add($"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{(random.Next(3) == 0 ? "phone" : $"r{random.Next(50)}")}</resource></bind></iq>");
        if (random.Next(3) == 0)
        {
            parts.Add("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        }

        parts.Add("<presence/>");
        for (var left = random.Next(1, 9); left > 0; left--)
        {
            parts.Add(s_stanzas[random.Next(s_stanzas.Length)]);
        }

        if (random.Next(2) == 0)
        {
            parts.Add("</stream:stream>");
        }

        return [.. parts.Select(part => part
            .Replace("{me}", $"{me}@{domain}", StringComparison.Ordinal)
            .Replace("{other}", $"{accounts[random.Next(accounts.Count)]}@{domain}", StringComparison.Ordinal)
            .Replace("{domain}", domain, StringComparison.Ordinal)
            .Replace("{n}", random.Next(10) == 0 ? "4294967295" : random.Next(300).ToString(), StringComparison.Ordinal))];
    }
}
