using System.Text.Json;
using Meerkat.Core.Http;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Muc;

/// <summary>What became of a password that was checked elsewhere.</summary>
/// <param name="Refusal">Why it does not let in; null when it does.</param>
internal sealed record PasswordVerdict(StanzaError? Refusal)
{
    private const string Unavailable = "unavailable";
    private const string Wrong = "wrong ";

    public static readonly PasswordVerdict Right = new((StanzaError?)null);

    /// <summary>The verdict as a command carries it.</summary>
    public override string ToString() => Refusal switch { null => "", { Condition: "not-authorized" } wrong => Wrong + wrong.Text, _ => Unavailable };

    public static PasswordVerdict Read(string text) =>
        text.Length == 0 ? Right
        : text.StartsWith(Wrong, StringComparison.Ordinal) ? new PasswordVerdict(StanzaError.NotAuthorized(text[Wrong.Length..]))
        : new PasswordVerdict(StanzaError.ServiceUnavailable());
}

/// <summary>Asks a web service about passwords of rooms (<c>http_auth_pool</c>, MUC-025). Safe for concurrent use.</summary>
internal sealed class RoomPasswords(IHttpPool service, ILogger log)
{
    public async ValueTask<PasswordVerdict> CheckAsync(Jid from, BareJid room, string password)
    {
        try
        {
            var answer = await service.GetAsync("check_password", [new("from", from.ToString()), new("to", room.ToString()), new("pass", password)], CancellationToken.None);
            if (answer.Status != 200)
            {
                throw new HttpPoolException($"status {answer.Status}", null);
            }

            using var json = JsonDocument.Parse(answer.Body);
            var code = json.RootElement.GetProperty("code").GetInt32();
            return code == 0 ? PasswordVerdict.Right : new PasswordVerdict(StanzaError.NotAuthorized($"{code} {(json.RootElement.TryGetProperty("msg", out var text) ? text.ToString() : "")}".TrimEnd()));
        }
        catch (Exception failure) when (failure is HttpPoolException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            MucLog.PasswordNotChecked(log, failure, room);
            return new PasswordVerdict(StanzaError.ServiceUnavailable());
        }
    }
}
