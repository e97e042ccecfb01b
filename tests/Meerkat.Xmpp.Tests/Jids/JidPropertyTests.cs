using System.Net;
using System.Text;
using CsCheck;
using Xunit;

namespace Meerkat.Xmpp.Tests.Jids;

/// <summary>What holds for every text, valid or not.</summary>
public sealed class JidPropertyTests
{
    private static readonly Gen<string> AnyChar = Gen.OneOf(
        OneOf("@", "/", ".", "a", "Z", "-", "[", "]", ":", " ", "&", "<", "'", "\""),
        Gen.Char['a', 'z'].Select(c => c.ToString()),
        Gen.Char['\u0000', '\u00FF'].Select(c => c.ToString()),
        Gen.Int[0x100, 0x2FFF].Select(c => new Rune(c).ToString()),
        OneOf("\u00AD", "\u0301", "\u0327", "\u3002", "\uFF0E", "\uFF21", "\u05D0", "\u0130", "\u1E9B", "\u2024", "\uD800", "\U0001D400", "\U0001F600"));

    private static readonly Gen<string> AnyText = AnyChar.Array[0, 12].Select(string.Concat);

    private static readonly Gen<string> LikelyJid = Gen.Select(
        AnyChar.Array[0, 5].Select(string.Concat), Gen.Char['a', 'z'].Array[1, 4].Select(c => new string(c)), AnyText,
        (local, domain, resource) => $"{local}@{domain}/{resource}");

    private static readonly Gen<string> Text = Gen.OneOf(AnyText, LikelyJid);

    [Fact]
    public void A_prepared_JID_is_prepared_to_itself() => Text.Sample(
        text =>
        {
            if (Jid.TryParse(text, out var jid))
            {
                Assert.True(Jid.TryParse(jid.ToString(), out var again), Show(jid.ToString()));
                Assert.Equal(jid, again);
                Assert.Equal(jid.GetHashCode(), again.GetHashCode());
                Assert.Equal(jid.GetType(), again.GetType());
                Assert.Equal(jid.Bare, again.Bare);
                Assert.Equal((jid.Local, jid.Domain, jid.Resource), (again.Local, again.Domain, again.Resource));
                Assert.True(BareJid.TryCreate(jid.Local, jid.Domain, out var joined));
                Assert.Equal(jid.Bare, joined);
                if (jid is FullJid full)
                {
                    Assert.Equal(jid, joined.WithResource(full.Resource));
                }
            }
        },
        iter: 10_000);

    [Fact]
    public void Text_and_its_UTF8_are_the_same_JID() => Text.Sample(
        text =>
        {
            if (text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar))
            {
                Assert.Equal(Jid.TryParse(text, out var one), Jid.TryParse(Encoding.UTF8.GetBytes(text), out var other));
                Assert.Equal(one, other);
            }
        },
        iter: 10_000);

    [Fact]
    public void Any_bytes_are_answered() => Gen.Byte.Array[0, 20].Sample(
        bytes =>
        {
            if (Jid.TryParse(bytes, out var jid))
            {
                Assert.Equal(jid, Jid.Parse(jid.ToString()));
            }
        },
        iter: 10_000);

    [Fact]
    public void The_attribute_form_reads_back_as_the_text_form() => Text.Sample(
        text =>
        {
            if (Jid.TryParse(text, out var jid))
            {
                var attribute = Encoding.UTF8.GetString(jid.AttributeUtf8);
                Assert.Equal(-1, attribute.AsSpan().IndexOfAny("<>\"'"));
                Assert.Equal(jid.ToString(), WebUtility.HtmlDecode(attribute));
            }
        },
        iter: 10_000);

    [Fact]
    public void Every_profile_is_idempotent() => AnyText.Sample(
        text =>
        {
            foreach (var (name, prepare) in Oracles.Oracle.Profiles)
            {
                if (prepare(text, out var prepared))
                {
                    Assert.True(prepare(prepared!, out var again), $"{name} refuses its own {Show(prepared!)}");
                    Assert.True(prepared == again, $"{name} of {Show(prepared!)} is {Show(again!)}");
                }
            }
        },
        iter: 10_000);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static string Show(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => $"U+{rune.Value:X4}"));
}
