using System.Text;
using Meerkat.Core.Hosts;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Connections.Bosh;

/// <summary>What a session agreed on with its first request (XEP-0124 §7).</summary>
/// <param name="Request">The request.</param>
/// <param name="Domain">The domain.</param>
/// <param name="Wait">How long a request is held at most.</param>
/// <param name="Acknowledges">Whether the client tells which answers it has.</param>
internal sealed record BoshStart(BoshRequest Request, string Domain, TimeSpan Wait, bool Acknowledges)
{
    private static readonly TimeSpan s_defaultWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    /// <summary>Reads a first request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="server">The server.</param>
    /// <param name="options">BOSH's options.</param>
    /// <param name="start">What was agreed on.</param>
    /// <returns>Why no session starts; null when one does.</returns>
    public static string? Read(BoshRequest request, ServerContext server, BoshOptions options, out BoshStart? start)
    {
        start = null;
        var head = request.Head;
        if (request.IsTerminate || request.IsRestart)
        {
            return BoshCondition.ItemNotFound; // of no session
        }

        if (head.Attribute("to") is not { Length: > 0 } to)
        {
            return BoshCondition.ImproperAddressing;
        }

        if (!Jid.TryParse(to, out var jid) || !jid.IsDomain || !server.Domains.TryFindAccounts(jid.Domain, out var domain) || options.HostTypes?.Contains(domain.Host.Name) is false)
        {
            return BoshCondition.HostUnknown;
        }

        // HTP-BOSH-05: whoever cannot keep a request open has to say nothing of "hold" with a sense here.
        var wait = head.Attribute("wait") is { } asked ? BoshRequest.Number(asked, int.MaxValue) : (long)s_defaultWait.TotalSeconds;
        if (request.Rid == 0 || BoshRequest.Number(head.Attribute("hold"), int.MaxValue) is null or 0 || wait is null)
        {
            return BoshCondition.Undefined;
        }

        var longest = options.MaxWait is { } max && max < s_longestWait ? max : s_longestWait;
        start = new BoshStart(request, jid.Domain, TimeSpan.FromSeconds(Math.Min(wait.Value, longest.TotalSeconds)), head.Attribute("ack") == "1");
        return null;
    }

    /// <summary>The stream header that a client of TCP would have sent (XEP-0206 §3, §5).</summary>
    public XmlElement Header(XmlElement head) => new XmlBuilder("open", Ns.Framing)
        .Attribute("to", head.Attribute("to") ?? Domain)
        .Attribute("from", head.Attribute("from"))
        .Attribute("version", head.Attribute("version", Ns.XmppBosh) ?? "1.0")
        .Lang(head.Attribute("lang", XmlNames.XmlNamespace) ?? Request.Head.Attribute("lang", XmlNames.XmlNamespace))
        .Build();

    /// <summary>What the first answer says of the session (HTP-BOSH-05, XEP-0124 §7.2, XEP-0206 §3).</summary>
    /// <param name="sid">The session's id.</param>
    /// <param name="options">BOSH's options.</param>
    /// <returns>Attributes of <c>body</c>, each with a space before it. A prepared domain has nothing to escape.</returns>
    public string Attributes(string sid, BoshOptions options)
    {
        var attributes = new StringBuilder()
            .Append(" xmlns:xmpp='").Append(Ns.XmppBosh).Append("' sid='").Append(sid).Append('\'')
            .Append(BoshWriter.Attribute("wait", (long)Wait.TotalSeconds))
            .Append(BoshWriter.Attribute("requests", BoshSession.Requests))
            .Append(BoshWriter.Attribute("hold", BoshSession.Hold))
            .Append(" from='").Append(Domain).Append("' accept='deflate,gzip' ver='1.11' xmpp:version='1.0' xmpp:restartlogic='true'")
            .Append(BoshWriter.Attribute("maxpause", (long)options.MaxPause.TotalSeconds));
        if (options.Inactivity is { } inactivity)
        {
            attributes.Append(BoshWriter.Attribute("inactivity", (long)inactivity.TotalSeconds));
        }

        return options.ServerAcks ? attributes.Append(BoshWriter.Attribute("ack", Request.Rid)).ToString() : attributes.ToString();
    }
}
