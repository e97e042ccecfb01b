using Meerkat.Xmpp.Sasl;
using Xunit;
using static Meerkat.Xmpp.Tests.Sasl.SaslFixture;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>RFC 4616, CORE-075; and ANONYMOUS, RFC 4505, CORE-082.</summary>
public sealed class PlainExchangeTests
{
    private static Accounts Alice => new Accounts().With("alice", "secret");

    [Theory]
    [InlineData("\0alice\0secret", "alice", null)]
    [InlineData("\0Alice\0secret", "alice", null)]
    [InlineData("\0alice@example.org\0secret", "alice", "alice@example.org")]
    [InlineData("alice@example.org\0alice\0secret", "alice", "alice@example.org")]
    [InlineData("bob@example.org\0alice\0secret", "alice", "bob@example.org")] // CORE-075: not held against the user
    public async Task The_right_password_logs_in(string message, string username, string? authzId)
    {
        var step = await Start("PLAIN", Context(Alice)).SayAsync(message);

        Assert.Equal((SaslStepKind.Success, username, authzId), (step.Kind, step.Username, step.AuthzId));
        Assert.Null(step.Data);
    }

    [Theory]
    [InlineData("\0alice\0Secret")]
    [InlineData("\0bob\0secret")]
    [InlineData("\0al ice\0secret")] // no localpart
    [InlineData("\0@example.org\0secret")]
    public async Task The_wrong_password_and_the_unknown_user_are_not_told_apart(string message) =>
        IsFailure(SaslFailure.NotAuthorized, await Start("PLAIN", Context(Alice)).SayAsync(message));

    [Theory]
    [InlineData("alice")]
    [InlineData("alice\0secret")]
    [InlineData("\0\0secret")]
    [InlineData("\0alice\0")]
    [InlineData("\0alice\0secret\0")]
    public async Task Anything_else_is_malformed(string message) =>
        IsFailure(SaslFailure.MalformedRequest, await Start("PLAIN", Context(Alice)).SayAsync(message));

    [Fact]
    public async Task What_is_not_utf8_is_malformed() =>
        IsFailure(SaslFailure.MalformedRequest, await Start("PLAIN", Context(Alice)).NextAsync(new byte[] { 0, (byte)'a', 0, 0xFF }, default));

    [Fact]
    public async Task Without_an_initial_response_an_empty_challenge_asks_for_it_once()
    {
        // RFC 6120 §6.4.2
        var exchange = Start("PLAIN", Context(Alice));
        Assert.Equal("", (await exchange.SayAsync("")).DataText());
        Assert.Equal(SaslStepKind.Success, (await exchange.SayAsync("\0alice\0secret")).Kind);

        var silent = Start("PLAIN", Context(Alice));
        await silent.SayAsync("");
        IsFailure(SaslFailure.MalformedRequest, await silent.SayAsync(""));
    }

    [Fact]
    public async Task Anonymous_users_get_a_new_random_name_each_and_their_trace_is_ignored()
    {
        var accounts = new Accounts();
        var one = await Start("ANONYMOUS", Context(accounts)).SayAsync("sirhc");
        var two = await Start("ANONYMOUS", Context(accounts)).SayAsync("");

        Assert.Equal((SaslStepKind.Success, SaslStepKind.Success), (one.Kind, two.Kind));
        Assert.Matches("^[0-9a-f]{32}$", one.Username);
        Assert.NotEqual(one.Username, two.Username);
        Assert.Equal([$"anonymous {one.Username}", $"anonymous {two.Username}"], accounts.Asked);
    }

    [Fact]
    public async Task An_anonymous_user_whom_no_method_takes_is_refused() =>
        IsFailure(SaslFailure.NotAuthorized, await Start("ANONYMOUS", Context(new Accounts { LetsAnonymousIn = false })).SayAsync(""));
}
