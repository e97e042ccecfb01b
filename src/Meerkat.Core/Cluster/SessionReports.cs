using System.Globalization;
using System.Text;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>Counts and lists the sessions of other nodes for administrators, page by page, and answers them for this one. Safe for concurrent use.</summary>
internal sealed class SessionReports(ClusterSessionDirectory directory, INodeLink link, IClusterMembers members, TimeProvider time, ILogger log)
{
    private const string Namespace = "meerkat:cluster";
    private const int PageSize = 1000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public void Start()
    {
        link.Serve(NodeVerb.CountSessions, (_, body) => new(Encoding.UTF8.GetBytes(Text(Of(Parse(body.Span).Of).Count()))));
        link.Serve(NodeVerb.ListSessions, (_, body) => new(Page(body.Span)));
    }

    /// <summary>How many sessions other nodes have; a node that does not answer in time is left out.</summary>
    public async ValueTask<int> CountAsync(BareJid? of, CancellationToken ct)
    {
        var counts = await Task.WhenAll(Others().Select(async node =>
            await AskAsync(node, NodeVerb.CountSessions, Question(of, 0), ct) is { } answer ? int.Parse(Encoding.UTF8.GetString(answer.Span), CultureInfo.InvariantCulture) : 0));
        return counts.Sum();
    }

    /// <summary>The sessions of other nodes; a node that does not answer in time is left out.</summary>
    public async ValueTask<IReadOnlyList<SessionReport>> ListAsync(BareJid? of, CancellationToken ct) =>
        [.. (await Task.WhenAll(Others().Select(node => ListAsync(node, of, ct)))).SelectMany(reports => reports)];

    private async Task<List<SessionReport>> ListAsync(ClusterNode node, BareJid? of, CancellationToken ct)
    {
        var reports = new List<SessionReport>();
        for (long? after = 0; after is { } last && await AskAsync(node, NodeVerb.ListSessions, Question(of, last), ct) is { } answer;)
        {
            var page = RegistryCodec.Parse(answer.Span).Detach();
            foreach (var child in page.Children)
            {
                reports.Add(Decode(child));
            }

            after = page.Attribute("last") is { } next ? long.Parse(next, CultureInfo.InvariantCulture) : null;
        }

        return reports;
    }

    private IEnumerable<ClusterNode> Others() => members.View.Nodes.Where(node => node != members.Self);

    private async Task<ReadOnlyMemory<byte>?> AskAsync(ClusterNode node, NodeVerb verb, byte[] question, CancellationToken ct)
    {
        try
        {
            return await link.AskAsync(node, verb, question, ct).AsTask().WaitAsync(s_patience, time, ct);
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            if (members.View.Has(node))
            {
                ClusterLog.NotListed(log, node, failure.Message);
            }

            return null;
        }
    }

    private byte[] Page(ReadOnlySpan<byte> question)
    {
        var (of, after) = Parse(question);
        var page = Of(of).Where(session => session.Order > after).OrderBy(session => session.Order).Take(PageSize).ToArray();
        var builder = new XmlBuilder("sessions", Namespace).Attribute("last", page.Length == PageSize ? Text(page[^1].Order) : null);
        builder.Add(page.Select(session => Encode(SessionReport.Of(session))));
        return builder.Build().ToUtf8();
    }

    private IEnumerable<Session> Of(BareJid? of) =>
        directory.Local.Where(session => of is null || (of.Local is null ? session.Jid.Domain == of.Domain : session.Jid.Bare.Equals(of)));

    private static byte[] Question(BareJid? of, long after) => new XmlBuilder("list", Namespace).Attribute("of", of?.ToString()).Attribute("after", Text(after)).Build().ToUtf8();

    private static (BareJid? Of, long After) Parse(ReadOnlySpan<byte> question)
    {
        var element = RegistryCodec.Parse(question);
        return (element.Attribute("of") is { } of ? BareJid.Parse(of) : null, long.Parse(element.Attribute("after")!, CultureInfo.InvariantCulture));
    }

    private static XmlElement Encode(SessionReport report)
    {
        var details = report.Details;
        return new XmlBuilder("session", Namespace)
            .Attribute("user", details.User.ToString())
            .Attribute("connection", details.Connection)
            .Attribute("ip", details.Ip)
            .Attribute("port", details.Port is { } port ? Text(port) : null)
            .Attribute("priority", details.Priority is { } priority ? Text(priority) : null)
            .Attribute("node", details.Node)
            .Attribute("uptime", Text(details.Uptime.Ticks))
            .Attribute("show", report.Show)
            .Text(report.Status)
            .Build();
    }

    private static SessionReport Decode(XmlElement element) => new(
        new SessionDetails(
            FullJid.Parse(element.Attribute("user")!),
            element.Attribute("connection"),
            element.Attribute("ip"),
            Number(element, "port"),
            Number(element, "priority"),
            element.Attribute("node")!,
            TimeSpan.FromTicks(long.Parse(element.Attribute("uptime")!, CultureInfo.InvariantCulture))),
        element.Attribute("show")!,
        element.Text);

    private static int? Number(XmlElement element, string name) => element.Attribute(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
