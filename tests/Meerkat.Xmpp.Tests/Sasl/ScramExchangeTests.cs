using System.Text;
using CsCheck;
using Meerkat.Xmpp.Sasl;
using Xunit;
using static Meerkat.Xmpp.Tests.Sasl.SaslFixture;

namespace Meerkat.Xmpp.Tests.Sasl;

/// <summary>RFC 5802; CORE-076..079, AUTH-169.</summary>
public sealed class ScramExchangeTests
{
    private static readonly byte[] Exported = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];
    private static readonly FixedBinding Tls = new((ChannelBindingType.Exporter, Exported), (ChannelBindingType.ServerEndPoint, [9, 9, 9]));

    public static TheoryData<ScramHash> Hashes { get; } = [.. ScramCredentials.AllHashes];

    [Theory]
    [MemberData(nameof(Hashes))]
    public async Task The_right_password_logs_in_with_every_hash_bound_and_unbound(ScramHash hash)
    {
        var accounts = new Accounts().With("alice", "Open-Sesame-42");

        var (_, unbound) = await LoginAsync(Start(SaslMechanisms.Scram(hash), Context(accounts)), hash, "alice", "Open-Sesame-42");
        var (_, bound) = await LoginAsync(Start(SaslMechanisms.Scram(hash, plus: true), Context(accounts, Tls)), hash, "alice", "Open-Sesame-42", "p=tls-exporter,,", Exported);
        var (_, wrong) = await LoginAsync(Start(SaslMechanisms.Scram(hash), Context(accounts)), hash, "alice", "Open-Sesame-43");

        Assert.Equal((SaslStepKind.Success, "alice"), (unbound.Kind, unbound.Username));
        Assert.Equal((SaslStepKind.Success, "alice"), (bound.Kind, bound.Username));
        IsFailure(SaslFailure.NotAuthorized, wrong);
    }

    // RFC 5802 §6, CORE-079: (what is configured, whether there is TLS, the mechanism, the flag) and what happens.
    [Theory]
    [InlineData("both", true, "SCRAM-SHA-256", "n,,", true)]
    [InlineData("both", true, "SCRAM-SHA-256", "y,,", false)] // -PLUS was advertised: somebody took it away
    [InlineData("both", false, "SCRAM-SHA-256", "y,,", true)] // without TLS there was none
    [InlineData("plain", true, "SCRAM-SHA-256", "y,,", true)] // none is configured for this hash
    [InlineData("other", true, "SCRAM-SHA-256", "y,,", true)] // that of another hash does not count
    [InlineData("both", true, "SCRAM-SHA-256", "p=tls-exporter,,", false)] // bound, on the unbound mechanism
    [InlineData("both", true, "SCRAM-SHA-256-PLUS", "p=tls-exporter,,", true)]
    [InlineData("both", true, "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,", true)]
    [InlineData("both", true, "SCRAM-SHA-256-PLUS", "p=tls-unique,,", false)] // not offered
    [InlineData("both", true, "SCRAM-SHA-256-PLUS", "n,,", false)]
    [InlineData("both", true, "SCRAM-SHA-256-PLUS", "y,,", false)]
    public async Task The_channel_binding_flag_must_go_with_what_was_offered(string configured, bool tls, string mechanism, string gs2, bool accepted)
    {
        string[] mechanisms = configured switch
        {
            "both" => ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"],
            "plain" => ["SCRAM-SHA-256"],
            _ => ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256"],
        };
        var context = Context(new Accounts().With("alice", "secret"), tls ? Tls : null, configured: mechanisms);
        byte[] data = gs2 switch
        {
            "p=tls-exporter,," => Exported,
            "p=tls-server-end-point,," => [9, 9, 9],
            _ => [],
        };

        var (_, last) = await LoginAsync(Start(mechanism, context), ScramHash.Sha256, "alice", "secret", gs2, data);

        if (accepted)
        {
            Assert.Equal(SaslStepKind.Success, last.Kind);
        }
        else
        {
            IsFailure(SaslFailure.NotAuthorized, last);
        }
    }

    [Fact]
    public async Task Binding_data_of_another_channel_is_refused()
    {
        var context = Context(new Accounts().With("alice", "secret"), Tls);
        byte[] other = [.. Exported[..31], 0];

        var (_, changed) = await LoginAsync(Start("SCRAM-SHA-1-PLUS", context), ScramHash.Sha1, "alice", "secret", "p=tls-exporter,,", other);
        var (_, missing) = await LoginAsync(Start("SCRAM-SHA-1-PLUS", context), ScramHash.Sha1, "alice", "secret", "p=tls-exporter,,", []);

        IsFailure(SaslFailure.NotAuthorized, changed);
        IsFailure(SaslFailure.NotAuthorized, missing);
    }

    [Fact]
    public async Task The_gs2_header_that_is_signed_must_be_the_one_that_was_sent()
    {
        var context = Context(new Accounts().With("alice", "secret"));
        var exchange = Start("SCRAM-SHA-1", context);

        // c= says "y,," though "n,," was sent: the flag was changed on the way. The proof covers c=, so it is computed for it.
        var challenge = await exchange.SayAsync("n,,n=alice,r=abc");
        var nonce = challenge.DataText().Split(',')[0];
        var final = Proof("secret", "n=alice,r=abc", challenge.DataText(), $"c={Convert.ToBase64String("y,,"u8)},{nonce}");

        IsFailure(SaslFailure.NotAuthorized, await exchange.SayAsync(final));
    }

    [Fact]
    public async Task A_nonce_that_is_not_both_nonces_is_refused()
    {
        var exchange = Start("SCRAM-SHA-1", Context(new Accounts().With("alice", "secret")));
        var challenge = await exchange.SayAsync("n,,n=alice,r=abc");

        IsFailure(SaslFailure.NotAuthorized, await exchange.SayAsync(Proof("secret", "n=alice,r=abc", challenge.DataText(), "c=biws,r=abc")));
    }

    // AUTH-169, CORE-077: on the wire nothing tells a name that is free from one that is taken.
    [Fact]
    public async Task An_unknown_user_looks_like_a_wrong_password()
    {
        var credentials = ScramCredentials.Create("secret", [ScramHash.Sha256], ScramDecoy.Process.Iterations);
        var accounts = new Accounts().With("alice", credentials);
        var context = Context(accounts);

        var known = await LoginAsync(Start("SCRAM-SHA-256", context), ScramHash.Sha256, "alice", "wrong");
        var unknown = await LoginAsync(Start("SCRAM-SHA-256", context), ScramHash.Sha256, "bob", "wrong");
        var again = await LoginAsync(Start("SCRAM-SHA-256", context), ScramHash.Sha256, "bob", "wrong");
        var withoutHash = await LoginAsync(Start("SCRAM-SHA-1", context), ScramHash.Sha1, "alice", "secret"); // AUTH-037

        IsFailure(SaslFailure.NotAuthorized, known.Last);
        IsFailure(SaslFailure.NotAuthorized, unknown.Last);
        IsFailure(SaslFailure.NotAuthorized, withoutHash.Last);
        Assert.Equal(known.First.DataText().Length, unknown.First.DataText().Length);
        Assert.Equal(SaltAndRounds(again.First), SaltAndRounds(unknown.First)); // the same each time, as an account's would be
        Assert.NotEqual(SaltAndRounds(known.First), SaltAndRounds(unknown.First));
        Assert.Equal(["scram alice", "scram bob", "scram bob", "scram alice"], accounts.Asked);
    }

    [Fact]
    public void Made_up_keys_differ_by_name_domain_hash_and_secret()
    {
        var decoy = new ScramDecoy("one"u8.ToArray());
        var salts = new[]
        {
            decoy.Salt("example.org", "alice", ScramHash.Sha1),
            decoy.Salt("example.org", "bob", ScramHash.Sha1),
            decoy.Salt("example.net", "alice", ScramHash.Sha1),
            decoy.Salt("example.org", "alice", ScramHash.Sha256),
            new ScramDecoy("two"u8.ToArray()).Salt("example.org", "alice", ScramHash.Sha1),
            decoy.Keys("example.org", "alice", ScramHash.Sha1).StoredKey[..16],
            decoy.Keys("example.org", "alice", ScramHash.Sha1).ServerKey[..16],
        };

        Assert.Equal(salts.Length, salts.Select(static s => Convert.ToHexString(s.Span)).Distinct().Count());
        Assert.False(decoy.Keys("example.org", "alice", ScramHash.Sha1).Verify("anything"));
    }

    [Theory]
    [InlineData("")] // second time empty: it was asked for
    [InlineData("n=alice,r=abc")] // no GS2 header
    [InlineData("n,,n=alice")] // no nonce
    [InlineData("n,,r=abc,n=alice")] // order
    [InlineData("n,,n=,r=abc")] // no name
    [InlineData("n,,n=al=ice,r=abc")] // an equals sign that is no escape
    [InlineData("n,,n=al=2cice,r=abc")] // escapes are upper case
    [InlineData("n,,n=alice,r=")]
    [InlineData("n,,n=alice,r=a c")]
    [InlineData("n,,n=alice,r=\u00e4")]
    [InlineData("n,,m=future,n=alice,r=abc")] // RFC 5802 §5.1: an extension that must be understood
    [InlineData("n,,n=alice,r=abc,oops")]
    [InlineData("n,alice,n=alice,r=abc")] // authzid without a=
    [InlineData("p,,n=alice,r=abc")]
    [InlineData("p=,,n=alice,r=abc")]
    [InlineData("x,,n=alice,r=abc")]
    [InlineData("N,,n=alice,r=abc")]
    public async Task A_first_message_that_does_not_fit_the_syntax_is_malformed(string message)
    {
        var exchange = Start("SCRAM-SHA-1", Context(new Accounts()));
        if (message.Length == 0)
        {
            await exchange.SayAsync("");
        }

        IsFailure(SaslFailure.MalformedRequest, await exchange.SayAsync(message));
    }

    [Fact]
    public async Task A_first_message_that_is_not_utf8_is_malformed() =>
        IsFailure(SaslFailure.MalformedRequest, await Start("SCRAM-SHA-1", Context(new Accounts())).NextAsync(new byte[] { (byte)'n', (byte)',', (byte)',', (byte)'n', (byte)'=', 0xC3, 0x28, (byte)',', (byte)'r', (byte)'=', (byte)'a' }, default));

    [Theory]
    [InlineData("")]
    [InlineData("c=biws")]
    [InlineData("c=biws,r=x")]
    [InlineData("c=biws,p=AAAA")]
    [InlineData("r=x,c=biws,p=AAAA")]
    [InlineData("c=biws,r=x,p=AAA")]
    [InlineData("c=bi ws,r=x,p=AAAA")]
    [InlineData("c=biws,r=x,p=AAAA,x=after")]
    public async Task A_final_message_that_does_not_fit_the_syntax_is_malformed(string message)
    {
        var exchange = Start("SCRAM-SHA-1", Context(new Accounts().With("alice", "secret")));
        await exchange.SayAsync("n,,n=alice,r=abc");

        IsFailure(SaslFailure.MalformedRequest, await exchange.SayAsync(message));
    }

    [Theory]
    [InlineData("p=AAAA")] // too short
    [InlineData("p=AAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task A_proof_that_is_not_one_is_refused(string proof)
    {
        var (_, last) = await LoginAsync(
            Start("SCRAM-SHA-1", Context(new Accounts().With("alice", "secret"))), ScramHash.Sha1, "alice", "secret", tamper: m => m[..m.IndexOf("p=", StringComparison.Ordinal)] + proof);

        IsFailure(SaslFailure.NotAuthorized, last);
    }

    // The extension changes what is signed, so a right client signs it too.
    [Fact]
    public async Task Optional_extensions_are_ignored_but_signed()
    {
        var exchange = Start("SCRAM-SHA-1", Context(new Accounts().With("alice", "secret")));
        var challenge = await exchange.SayAsync("n,,n=alice,r=abc,x=future");
        var nonce = challenge.DataText().Split(',')[0];

        var last = await exchange.SayAsync(Proof("secret", "n=alice,r=abc,x=future", challenge.DataText(), $"c=biws,{nonce},y=future"));

        Assert.Equal(SaslStepKind.Success, last.Kind);
    }

    [Fact]
    public async Task Without_an_initial_response_an_empty_challenge_asks_for_it()
    {
        // RFC 6120 §6.4.2
        var exchange = Start("SCRAM-SHA-1", Context(new Accounts().With("alice", "secret")));
        Assert.Equal("", (await exchange.SayAsync("")).DataText());

        var (_, last) = await LoginAsync(exchange, ScramHash.Sha1, "alice", "secret");
        Assert.Equal(SaslStepKind.Success, last.Kind);
    }

    // RFC 5802 §5.1 (escapes), CORE-074 (nodeprep).
    [Theory]
    [InlineData("ALICE", "alice", true)]
    [InlineData("al=2Cice", "al,ice", true)]
    [InlineData("al=3Dice", "al=ice", true)]
    [InlineData("al ice", "", false)]
    [InlineData("alice@example.org", "", false)]
    public async Task The_name_is_unescaped_and_prepared(string sent, string expected, bool accepted)
    {
        var accounts = new Accounts().With("alice", "secret").With("al,ice", "secret").With("al=ice", "secret");

        var (_, last) = await LoginAsync(Start("SCRAM-SHA-1", Context(accounts)), ScramHash.Sha1, sent, "secret");

        Assert.Equal(accepted, last.Kind is SaslStepKind.Success);
        Assert.Equal(accepted ? expected : null, last.Username);
    }

    // RFC 6120 §6.3.8
    [Theory]
    [InlineData("n,a=alice@example.org,", true)]
    [InlineData("n,a=Alice@Example.org,", true)]
    [InlineData("n,a=alice,", true)]
    [InlineData("n,a=bob@example.org,", false)]
    [InlineData("n,a=alice@example.net,", false)]
    [InlineData("n,a=example.org,", false)]
    public async Task Nobody_acts_for_somebody_else(string gs2, bool accepted)
    {
        var (_, last) = await LoginAsync(Start("SCRAM-SHA-1", Context(new Accounts().With("alice", "secret"))), ScramHash.Sha1, "alice", "secret", gs2);

        if (accepted)
        {
            Assert.Equal((SaslStepKind.Success, gs2[4..^1]), (last.Kind, last.AuthzId));
        }
        else
        {
            IsFailure(SaslFailure.InvalidAuthzid, last);
        }
    }

    [Fact]
    public async Task An_exchange_that_is_over_answers_no_more()
    {
        var exchange = Start("SCRAM-SHA-1", Context(new Accounts().With("alice", "secret")));
        await LoginAsync(exchange, ScramHash.Sha1, "alice", "secret");

        await Assert.ThrowsAsync<InvalidOperationException>(() => exchange.SayAsync("n,,n=alice,r=abc"));
    }

    [Fact]
    public async Task Nonces_are_sixteen_fresh_octets()
    {
        // CORE-076
        var context = Context(new Accounts());
        var one = context.CreateNonce();

        Assert.Equal(16, Convert.FromBase64String(one).Length);
        Assert.NotEqual(one, context.CreateNonce());
        var challenge = (await Start("SCRAM-SHA-1", context).SayAsync("n,,n=alice,r=mine")).DataText();
        Assert.StartsWith("r=mine", challenge);
        Assert.NotEqual("r=mine", challenge.Split(',')[0]);
    }

    [Fact]
    public void Whatever_a_client_says_ends_in_a_step()
    {
        var context = Context(new Accounts().With("alice", "secret"), Tls);
        string[] fragments = ["n", "y", "p=tls-exporter", ",", ",,", "n=alice", "r=abc", "a=", "c=biws", "p=AAAA", "=", "=2C", "\0", "é", "m=", "\ud83d\ude00"];
        string[] mechanisms = ["SCRAM-SHA-1", "SCRAM-SHA-512-PLUS", "PLAIN"];
        var message = Gen.Int[0, fragments.Length - 1].Select(i => fragments[i]).Array[0, 8].Select(string.Concat);
        Gen.Select(message, message, Gen.Int[0, mechanisms.Length - 1].Select(i => mechanisms[i])).Sample(
            (first, second, mechanism) =>
            {
                var exchange = Start(mechanism, context);
                var step = exchange.SayAsync(first).GetAwaiter().GetResult();
                if (step.Kind is SaslStepKind.Challenge)
                {
                    step = exchange.SayAsync(second).GetAwaiter().GetResult();
                }

                return step.Kind is not SaslStepKind.Success;
            },
            iter: 2000,
            threads: 1);
    }

    private static string SaltAndRounds(SaslStep challenge) => challenge.DataText()[challenge.DataText().IndexOf(",s=", StringComparison.Ordinal)..];

    private static string Proof(string password, string bare, string serverFirst, string withoutProof)
    {
        var parts = serverFirst.Split(',');
        var salted = ScramHash.Sha1.Hi(Encoding.UTF8.GetBytes(password), Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..]));
        var clientKey = ScramHash.Sha1.Hmac(salted, "Client Key"u8);
        var signature = ScramHash.Sha1.Hmac(ScramHash.Sha1.H(clientKey), Encoding.UTF8.GetBytes($"{bare},{serverFirst},{withoutProof}"));
        return $"{withoutProof},p={Convert.ToBase64String([.. clientKey.Zip(signature, static (a, b) => (byte)(a ^ b))])}";
    }

    [Fact] // AUTH-169, AUTH-034: an account that is older than the configured rounds does not stand out
    public void Made_up_keys_show_the_rounds_that_accounts_have()
    {
        var decoy = new ScramDecoy("one"u8.ToArray(), 10_000);
        Assert.Same(decoy, decoy.WithRounds([]));
        var spread = decoy.WithRounds([4096, 10_000, 10_000, 4096, 4096, 4096]);
        var rounds = Enumerable.Range(0, 600).Select(i => spread.Keys("example.org", $"user{i}", ScramHash.Sha256).Iterations).ToArray();
        Assert.InRange(rounds.Count(r => r == 4096), 350, 450);
        Assert.InRange(rounds.Count(r => r == 10_000), 150, 250);
        Assert.Equal(rounds[7], spread.Keys("example.org", "user7", ScramHash.Sha1).Iterations); // all hashes of an account have the same
        Assert.Equal(decoy.Salt("example.org", "a", ScramHash.Sha1).ToArray(), spread.Salt("example.org", "a", ScramHash.Sha1).ToArray());
    }
}
