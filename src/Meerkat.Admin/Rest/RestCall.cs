using System.Globalization;
using System.Text.Json;
using Meerkat.Admin.Http;
using Meerkat.Xmpp;
using Microsoft.AspNetCore.Http;

namespace Meerkat.Admin.Rest;

/// <summary>One call of an operation: what stands in its path, its query string and its body. What is missing or makes no sense is refused with 400 (RST-GEN-04, RST-GEN-05, RST-GEN-09).</summary>
internal sealed class RestCall(IReadOnlyDictionary<string, string> path, IQueryCollection query, JsonElement body, BareJid? self, CancellationToken ct)
{
    private const long MaxSeconds = 253_402_300_799; // the end of the year 9999

    /// <summary>Gives up.</summary>
    public CancellationToken Ct => ct;

    /// <summary>The account of the caller; for users' operations.</summary>
    public BareJid Self => self!;

    /// <summary>A segment of the path.</summary>
    public string Segment(string name) => path[name];

    /// <summary>A text of the body.</summary>
    public string Text(string name) => FindText(name) ?? throw Bad($"the body has no {name}");

    /// <summary>A text of the body; null when it is not there.</summary>
    public string? FindText(string name) => !body.TryGetProperty(name, out var value) ? null
        : value.ValueKind is JsonValueKind.String ? Read(value, name)
        : throw Bad($"{name} is no string");

    /// <summary>A member of the body; null when it is not there.</summary>
    public JsonElement? Find(string name) => body.TryGetProperty(name, out var value) ? value : null;

    /// <summary>Texts of an array in the body.</summary>
    public IReadOnlyList<string> Texts(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => Read(item, name))]
            : throw Bad($"{name} has to be a list of strings");

    /// <summary>An address in the path, of an account or a room.</summary>
    public Jid JidAt(string name) => ReadJid(Segment(name));

    /// <summary>An address in the body, of an account or a room.</summary>
    public Jid Jid(string name) => ReadJid(Text(name));

    /// <summary>An address out of a localpart and a domain.</summary>
    public static BareJid Account(string local, string domain) => BareJid.TryCreate(local, domain, out var jid) ? jid : throw Bad($"{local}@{domain} is no address");

    /// <summary>An address.</summary>
    public static Jid ReadJid(string text) => Meerkat.Xmpp.Jid.TryParse(text, out var jid) && jid.Local is not null ? jid : throw Bad($"{text} is no address with a localpart");

    /// <summary>A number of the query string.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">What it is when it is not there.</param>
    /// <param name="most">The largest.</param>
    public int Number(string name, int otherwise, int most = int.MaxValue) => !query.TryGetValue(name, out var value) ? otherwise
        : int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw Bad($"{name} has to be a number from 0 to {most}");

    /// <summary>A moment of the query string, in units since 1970; null when it is not there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unitsPerSecond">1 for seconds, 1000 for milliseconds.</param>
    public DateTimeOffset? Moment(string name, int unitsPerSecond) => !query.TryGetValue(name, out var value) ? null
        : long.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var units) && units / unitsPerSecond <= MaxSeconds
            ? DateTimeOffset.UnixEpoch.AddTicks(units * (TimeSpan.TicksPerSecond / unitsPerSecond))
        : throw Bad($"{name} has to be a moment since 1970");

    /// <summary>A number of days in the path.</summary>
    public int Days(string name) => int.TryParse(Segment(name), NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days : throw Bad($"{name} has to be a number of days");

    /// <summary>A string that any store can keep.</summary>
    public static string Read(JsonElement value, string name) => value.GetString() is { } text && PlainText.Is(text) ? text : throw Bad($"{name} {PlainText.Rule}");

    /// <summary>A refusal of what was given.</summary>
    public static RestException Bad(string reason) => new(400, reason);
}
