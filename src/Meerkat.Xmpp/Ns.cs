using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>The namespaces of the wire, grouped by where they are defined. A literal namespace anywhere else is a mistake.</summary>
public static class Ns
{
    // RFC 6120
    /// <summary>Content namespace of a client stream (RFC 6120 §4.8.2).</summary>
    public const string Client = "jabber:client";

    /// <summary>Content namespace of a server stream (RFC 6120 §4.8.2).</summary>
    public const string Server = "jabber:server";

    /// <summary>Namespace of <c>stream:stream</c>, <c>stream:features</c> and <c>stream:error</c> (RFC 6120 §4.8.1).</summary>
    public const string Stream = "http://etherx.jabber.org/streams";

    /// <summary>Stream error conditions (RFC 6120 §4.9.2).</summary>
    public const string StreamErrors = "urn:ietf:params:xml:ns:xmpp-streams";

    /// <summary>Stanza error conditions (RFC 6120 §8.3.2).</summary>
    public const string StanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas";

    /// <summary>STARTTLS (RFC 6120 §5).</summary>
    public const string Tls = "urn:ietf:params:xml:ns:xmpp-tls";

    /// <summary>SASL (RFC 6120 §6).</summary>
    public const string Sasl = "urn:ietf:params:xml:ns:xmpp-sasl";

    /// <summary>Resource binding (RFC 6120 §7).</summary>
    public const string Bind = "urn:ietf:params:xml:ns:xmpp-bind";

    /// <summary>Session establishment (RFC 3921 §3).</summary>
    public const string Session = "urn:ietf:params:xml:ns:xmpp-session";

    /// <summary>WebSocket framing (RFC 7395 §3.3.2).</summary>
    public const string Framing = "urn:ietf:params:xml:ns:xmpp-framing";

    // RFC 6121
    /// <summary>Roster (RFC 6121 §2).</summary>
    public const string Roster = "jabber:iq:roster";

    /// <summary>Roster versioning stream feature (RFC 6121 §2.6).</summary>
    public const string RosterVersioning = "urn:xmpp:features:rosterver";

    // XEPs, by number
    /// <summary>XEP-0004 Data Forms.</summary>
    public const string DataForms = "jabber:x:data";

    /// <summary>XEP-0012 Last Activity.</summary>
    public const string Last = "jabber:iq:last";

    /// <summary>XEP-0016 Privacy Lists.</summary>
    public const string Privacy = "jabber:iq:privacy";

    /// <summary>XEP-0022 Message Events.</summary>
    public const string MessageEvents = "jabber:x:event";

    /// <summary>XEP-0023 Message Expiration.</summary>
    public const string Expire = "jabber:x:expire";

    /// <summary>XEP-0030 Service Discovery: information.</summary>
    public const string DiscoInfo = "http://jabber.org/protocol/disco#info";

    /// <summary>XEP-0030 Service Discovery: items.</summary>
    public const string DiscoItems = "http://jabber.org/protocol/disco#items";

    /// <summary>XEP-0045 Multi-User Chat: what an occupant asks for when joining, and the feature.</summary>
    public const string Muc = "http://jabber.org/protocol/muc";

    /// <summary>XEP-0045 Multi-User Chat: use cases of moderators and admins.</summary>
    public const string MucAdmin = "http://jabber.org/protocol/muc#admin";

    /// <summary>XEP-0045 Multi-User Chat: use cases of owners.</summary>
    public const string MucOwner = "http://jabber.org/protocol/muc#owner";

    /// <summary>XEP-0045 Multi-User Chat: form of a room's configuration.</summary>
    public const string MucRoomConfig = "http://jabber.org/protocol/muc#roomconfig";

    /// <summary>XEP-0045 Multi-User Chat: form of what a room says about itself.</summary>
    public const string MucRoomInfo = "http://jabber.org/protocol/muc#roominfo";

    /// <summary>XEP-0045 Multi-User Chat: form of a request for voice.</summary>
    public const string MucRequest = "http://jabber.org/protocol/muc#request";

    /// <summary>XEP-0045 Multi-User Chat: form of a registration with a room.</summary>
    public const string MucRegister = "http://jabber.org/protocol/muc#register";

    /// <summary>XEP-0045 Multi-User Chat: a room keeps the ids of messages that it reflects.</summary>
    public const string MucStableId = "http://jabber.org/protocol/muc#stable_id";

    /// <summary>XEP-0307 Unique Room Names.</summary>
    public const string MucUnique = "http://jabber.org/protocol/muc#unique";

    /// <summary>XEP-0410 MUC Self-Ping: the room answers itself.</summary>
    public const string MucSelfPing = "http://jabber.org/protocol/muc#self-ping-optimization";

    /// <summary>XEP-0045 Multi-User Chat: what a room tells its occupants.</summary>
    public const string MucUser = "http://jabber.org/protocol/muc#user";

    /// <summary>XEP-0049 Private XML Storage.</summary>
    public const string Private = "jabber:iq:private";

    /// <summary>XEP-0050 Ad-Hoc Commands.</summary>
    public const string Commands = "http://jabber.org/protocol/commands";

    /// <summary>XEP-0054 vcard-temp.</summary>
    public const string VCard = "vcard-temp";

    /// <summary>XEP-0055 Jabber Search.</summary>
    public const string Search = "jabber:iq:search";

    /// <summary>XEP-0059 Result Set Management.</summary>
    public const string ResultSet = "http://jabber.org/protocol/rsm";

    /// <summary>XEP-0077 In-Band Registration.</summary>
    public const string Register = "jabber:iq:register";

    /// <summary>XEP-0077 In-Band Registration: stream feature.</summary>
    public const string RegisterFeature = "http://jabber.org/features/iq-register";

    /// <summary>XEP-0083 Nested Roster Groups.</summary>
    public const string NestedGroups = "roster:delimiter";

    /// <summary>XEP-0085 Chat State Notifications.</summary>
    public const string ChatStates = "http://jabber.org/protocol/chatstates";

    /// <summary>XEP-0091 Legacy Delayed Delivery.</summary>
    public const string LegacyDelay = "jabber:x:delay";

    /// <summary>XEP-0092 Software Version.</summary>
    public const string Version = "jabber:iq:version";

    /// <summary>XEP-0093 Roster Item Exchange.</summary>
    public const string RosterExchange = "jabber:x:roster";

    /// <summary>XEP-0115 Entity Capabilities.</summary>
    public const string Caps = "http://jabber.org/protocol/caps";

    /// <summary>XEP-0124 BOSH: the element around everything.</summary>
    public const string HttpBind = "http://jabber.org/protocol/httpbind";

    /// <summary>XEP-0122 Data Forms Validation.</summary>
    public const string DataValidation = "http://jabber.org/protocol/xdata-validate";

    /// <summary>XEP-0128 / XEP-0157 server information form.</summary>
    public const string ServerInfo = "http://jabber.org/network/serverinfo";

    /// <summary>XEP-0156 Discovering Alternative XMPP Connection Methods: a BOSH endpoint.</summary>
    public const string AltConnectionBosh = "urn:xmpp:alt-connections:xbosh";

    /// <summary>XEP-0156 Discovering Alternative XMPP Connection Methods: a WebSocket endpoint.</summary>
    public const string AltConnectionWebSocket = "urn:xmpp:alt-connections:websocket";

    /// <summary>RFC 6415 host-meta: an extensible resource descriptor.</summary>
    public const string Xrd = "http://docs.oasis-open.org/ns/xri/xrd-1.0";

    /// <summary>XEP-0160 offline storage, as a disco feature.</summary>
    public const string OfflineFeature = "msgoffline";

    /// <summary>XEP-0153 vCard-Based Avatars.</summary>
    public const string VCardUpdate = "vcard-temp:x:update";

    /// <summary>XEP-0184 Message Delivery Receipts.</summary>
    public const string Receipts = "urn:xmpp:receipts";

    /// <summary>XEP-0191 Blocking Command.</summary>
    public const string Blocking = "urn:xmpp:blocking";

    /// <summary>XEP-0191 Blocking Command: error condition.</summary>
    public const string BlockingErrors = "urn:xmpp:blocking:errors";

    /// <summary>XEP-0198 Stream Management, version 3.</summary>
    public const string StreamManagement = "urn:xmpp:sm:3";

    /// <summary>XEP-0199 XMPP Ping.</summary>
    public const string Ping = "urn:xmpp:ping";

    /// <summary>XEP-0202 Entity Time.</summary>
    public const string Time = "urn:xmpp:time";

    /// <summary>XEP-0203 Delayed Delivery.</summary>
    public const string Delay = "urn:xmpp:delay";

    /// <summary>XEP-0206 XMPP Over BOSH: what it adds to XEP-0124's element.</summary>
    public const string XmppBosh = "urn:xmpp:xbosh";

    /// <summary>XEP-0215 External Service Discovery.</summary>
    public const string ExternalServices = "urn:xmpp:extdisco:2";

    /// <summary>XEP-0227 Portable Import/Export Format.</summary>
    public const string Portable = "urn:xmpp:pie:0";

    /// <summary>XEP-0227 Portable Import/Export Format: SCRAM keys.</summary>
    public const string PortableScram = "urn:xmpp:pie:0#scram";

    /// <summary>XEP-0227 Portable Import/Export Format: message archives.</summary>
    public const string PortableArchive = "urn:xmpp:pie:0#mam";

    /// <summary>XML Inclusions 1.0, by which XEP-0227 splits a document into files.</summary>
    public const string XInclude = "http://www.w3.org/2001/XInclude";

    /// <summary>XEP-0249 Direct MUC Invitations.</summary>
    public const string Conference = "jabber:x:conference";

    /// <summary>XEP-0279 Server IP Check, version 0.</summary>
    public const string SicOld = "urn:xmpp:sic:0";

    /// <summary>XEP-0279 Server IP Check.</summary>
    public const string Sic = "urn:xmpp:sic:1";

    /// <summary>XEP-0280 Message Carbons.</summary>
    public const string Carbons = "urn:xmpp:carbons:2";

    /// <summary>XEP-0280 Message Carbons, the older format.</summary>
    public const string CarbonsOld = "urn:xmpp:carbons:1";

    /// <summary>XEP-0280 recommended rules for what is copied.</summary>
    public const string CarbonsRules = "urn:xmpp:carbons:rules:0";

    /// <summary>XEP-0297 Stanza Forwarding.</summary>
    public const string Forward = "urn:xmpp:forward:0";

    /// <summary>XEP-0300 Cryptographic Hash Functions.</summary>
    public const string Hashes = "urn:xmpp:hashes:2";

    /// <summary>XEP-0300 Cryptographic Hash Functions: SHA-256 is understood.</summary>
    public const string HashSha256 = "urn:xmpp:hash-function-text-names:sha-256";

    /// <summary>XEP-0300 Cryptographic Hash Functions: SHA-512 is understood.</summary>
    public const string HashSha512 = "urn:xmpp:hash-function-text-names:sha-512";

    /// <summary>XEP-0313 Message Archive Management, version 2.</summary>
    public const string Mam = "urn:xmpp:mam:2";

    /// <summary>XEP-0317 Hats.</summary>
    public const string Hats = "urn:xmpp:hats:0";

    /// <summary>XEP-0317 Hats: the form of its commands.</summary>
    public const string HatCommands = "urn:xmpp:hats:commands";

    /// <summary>XEP-0313 Message Archive Management, version 1.</summary>
    public const string MamOld = "urn:xmpp:mam:1";

    /// <summary>XEP-0313 §5: more filters, metadata, flipped pages.</summary>
    public const string MamExtended = "urn:xmpp:mam:2#extended";

    /// <summary>XEP-0313 §4.1.2: a query may leave out groupchat.</summary>
    public const string MamGroupchatField = "urn:xmpp:mam:2#groupchat-field";

    /// <summary>XEP-0313 §4.1.2: archives of accounts hold groupchat.</summary>
    public const string MamGroupchatAvailable = "urn:xmpp:mam:2#groupchat-available";

    /// <summary>Properties that clients put into messages: Jive Software's, without a XEP.</summary>
    public const string JiveProperties = "http://www.jivesoftware.com/xmlns/xmpp/properties";

    /// <summary>XEP-0333 Chat Markers.</summary>
    public const string ChatMarkers = "urn:xmpp:chat-markers:0";

    /// <summary>XEP-0334 Message Processing Hints.</summary>
    public const string Hints = "urn:xmpp:hints";

    /// <summary>XEP-0352 Client State Indication.</summary>
    public const string Csi = "urn:xmpp:csi:0";

    /// <summary>XEP-0359 Unique and Stable Stanza IDs.</summary>
    public const string StanzaIds = "urn:xmpp:sid:0";

    /// <summary>XEP-0363 HTTP File Upload.</summary>
    public const string HttpUpload = "urn:xmpp:http:upload:0";

    /// <summary>XEP-0390 Entity Capabilities 2.0.</summary>
    public const string Caps2 = "urn:xmpp:caps";

    /// <summary>XEP-0421 Occupant identifiers.</summary>
    public const string OccupantId = "urn:xmpp:occupant-id:0";

    /// <summary>XEP-0422 Message Fastening.</summary>
    public const string Fasten = "urn:xmpp:fasten:0";

    /// <summary>XEP-0424 Message Retraction, version 0.</summary>
    public const string RetractOld = "urn:xmpp:message-retract:0";

    /// <summary>XEP-0424 Message Retraction, version 0: archives keep tombstones.</summary>
    public const string RetractOldTombstone = "urn:xmpp:message-retract:0#tombstone";

    /// <summary>XEP-0424 Message Retraction.</summary>
    public const string Retract = "urn:xmpp:message-retract:1";

    /// <summary>XEP-0425 Moderated Message Retraction.</summary>
    public const string Moderate = "urn:xmpp:message-moderate:1";

    /// <summary>XEP-0444 Message Reactions.</summary>
    public const string Reactions = "urn:xmpp:reactions:0";

    /// <summary>XEP-0384 OMEMO Encryption, the version in use.</summary>
    public const string Omemo = "eu.siacs.conversations.axolotl";

    /// <summary>XEP-0424 Message Retraction: archives keep tombstones.</summary>
    public const string RetractTombstone = "urn:xmpp:message-retract:1#tombstone";

    /// <summary>Retraction by the archive's id instead of the sender's (an open extension of the reference).</summary>
    public const string RetractByStanzaId = "urn:esl:message-retract-by-stanza-id:0";

    /// <summary>XEP-0431 Full Text Search in archives: the form field.</summary>
    public const string FullText = "urn:xmpp:fulltext:0";

    /// <summary>The reference's field of the search form before XEP-0431.</summary>
    public const string FullTextOld = "https://erlang-solutions.com/";

    /// <summary>XEP-0440 SASL Channel-Binding Type Capability.</summary>
    public const string SaslChannelBinding = "urn:xmpp:sasl-cb:0";

    // Open extensions of the reference
    /// <summary>MUC Light.</summary>
    public const string MucLight = "urn:xmpp:muclight:0";

    /// <summary>MUC Light: who is in a room.</summary>
    public const string MucLightAffiliations = "urn:xmpp:muclight:0#affiliations";

    /// <summary>MUC Light: what an account does not want to be added to.</summary>
    public const string MucLightBlocking = "urn:xmpp:muclight:0#blocking";

    /// <summary>MUC Light: a room's configuration.</summary>
    public const string MucLightConfiguration = "urn:xmpp:muclight:0#configuration";

    /// <summary>MUC Light: creation of a room.</summary>
    public const string MucLightCreate = "urn:xmpp:muclight:0#create";

    /// <summary>MUC Light: destruction of a room.</summary>
    public const string MucLightDestroy = "urn:xmpp:muclight:0#destroy";

    /// <summary>MUC Light: configuration and occupants together.</summary>
    public const string MucLightInfo = "urn:xmpp:muclight:0#info";

    /// <summary>Inbox: conversations of an account.</summary>
    public const string Inbox = "erlang-solutions.com:xmpp:inbox:0";

    /// <summary>Inbox: properties of a conversation.</summary>
    public const string InboxConversation = "erlang-solutions.com:xmpp:inbox:0#conversation";

    /// <summary>Smart markers: the last chat markers of a conversation.</summary>
    public const string SmartMarkers = "esl:xmpp:smart-markers:0";

    /// <summary>Registers every namespace here, and the local names that stanzas use most, with the parser, so that they cost no allocation.</summary>
    public static void RegisterWellKnown()
    {
        foreach (var field in typeof(Ns).GetFields(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static))
        {
            if (field is { IsLiteral: true } && field.GetRawConstantValue() is string text)
            {
                XmlNames.Register(text);
            }
        }

        XmlNames.Register(
            "message", "presence", "iq", "body", "subject", "thread", "query", "item", "group", "show", "status", "priority", "error", "active",
            "composing", "paused", "inactive", "gone", "request", "received", "displayed", "r", "a", "c", "x", "ping", "delay", "stanza-id", "origin-id");
    }
}
